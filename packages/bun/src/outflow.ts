// SPDX-License-Identifier: Apache-2.0

/** What waits to be written, in order. */
export class Outflow {
  readonly #waiting: Uint8Array[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#waiting.push(bytes);
  }

  /** What to write next, until `took` is told of it. */
  next(): Uint8Array {
    return this.#waiting[0] as Uint8Array;
  }

  /** So many of its bytes are written. */
  took(bytes: number): void {
    const first = this.next();
    if (bytes === first.length) this.#waiting.shift();
    else this.#waiting[0] = first.subarray(bytes);
  }
}
