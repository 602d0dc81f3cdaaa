// SPDX-License-Identifier: Apache-2.0

/** Does work in order, after the sockets that are ready in this turn of the event loop were read. */
export class DeferredWork {
  readonly #done: () => void;
  #work: (() => void)[] = [];

  /** @param done is called after the work of each turn */
  constructor(done: () => void) {
    this.#done = done;
  }

  add(work: () => void): void {
    if (this.#work.push(work) === 1) setImmediate(() => this.run());
  }

  /** Does all of it now. */
  run(): void {
    const work = this.#work;
    this.#work = [];
    for (const step of work) step();
    this.#done();
  }
}
