// SPDX-License-Identifier: Apache-2.0
import type { Subscription } from "@natswire/io";
import type { Fail } from "./callback-world.ts";

/** A subscription with a callback, and the model that checks it. */
export class WatchedSubscription {
  readonly subject: string;
  readonly concurrency: number;
  readonly #fail: Fail;
  /** Set at once after the call of `subscribe`. */
  subscription!: Subscription;
  /** Callbacks whose promises have not settled. */
  running = 0;
  /** The program has unsubscribed: what arrives later is not for it. */
  isOver = false;
  #arrived = 0;
  #called = 0;
  // The numbers of messages that arrived, and that the callback was not called with.
  readonly #due: number[] = [];

  constructor(subject: string, concurrency: number, fail: Fail) {
    this.subject = subject;
    this.concurrency = concurrency;
    this.#fail = fail;
  }

  /** The number of messages that arrived, and wait for their callback. */
  get waiting(): number {
    return this.#arrived - this.#called - this.subscription.dropped;
  }

  get isIdle(): boolean {
    return this.running === 0 && this.waiting === 0;
  }

  arrived(number: number): void {
    if (this.isOver) return;
    this.#arrived++;
    this.#due.push(number);
  }

  /** Checks a call of the callback. */
  called(number: number): void {
    const { sid } = this.subscription;
    const at = this.#due.indexOf(number);
    if (at < 0) return this.#fail("once", `#${number} for sid ${sid} did not arrive, or came before`);
    // What was skipped was dropped.
    this.#due.splice(0, at + 1);
    this.#called++;
    if (this.#arrived - this.#called - this.#due.length > this.subscription.dropped)
      this.#fail("delivered", `sid ${sid} skipped a message`);
    if (this.running >= this.concurrency) this.#fail("concurrency", `${this.running + 1} callbacks of sid ${sid}`);
  }

  /** Checks that everything that arrived was delivered, waits or was dropped. */
  check(): void {
    const { sid, pending } = this.subscription;
    if (this.waiting !== pending)
      this.#fail("delivered", `${pending} messages of sid ${sid} wait, not ${this.waiting}`);
  }
}
