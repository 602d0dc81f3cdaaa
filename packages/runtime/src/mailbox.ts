// SPDX-License-Identifier: Apache-2.0
import { host } from "./platform.ts";

/** Messages that wait to be read, in order, up to a limit: an async iterator. */
export class Mailbox<T> implements AsyncIterableIterator<T> {
  readonly #most: number;
  readonly #onReturn: () => void;
  #waiting: (T | undefined)[] = [];
  #taken = 0;
  readonly #readers: ((result: IteratorResult<T>) => void)[] = [];
  #isEnded = false;

  /**
   * @param most messages that may wait
   * @param onReturn the reader leaves its loop
   */
  constructor(most: number, onReturn: () => void) {
    this.#most = most;
    this.#onReturn = onReturn;
  }

  /** Messages that wait. */
  get size(): number {
    return this.#waiting.length - this.#taken;
  }

  /** @returns false where it is full, and the message is not taken */
  push(message: T): boolean {
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value: message });
      return true;
    }
    if (this.size >= this.#most) return false;
    this.#waiting.push(message);
    return true;
  }

  /** Nothing more comes; what waits can still be read. */
  end(): void {
    this.#isEnded = true;
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<T>> {
    const value = this.#waiting[this.#taken];
    if (value !== undefined) {
      this.#waiting[this.#taken++] = undefined;
      if (this.#taken === this.#waiting.length) this.#waiting.length = this.#taken = 0;
      return Promise.resolve({ done: false, value });
    }
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** As `next`, and done where nothing comes in time: what comes later is for the next who asks. */
  within(milliseconds: number): Promise<IteratorResult<T>> {
    if (this.size > 0 || this.#isEnded) return this.next();
    return new Promise((resolve) => {
      const reader = (result: IteratorResult<T>): void => {
        host.clearTimeout(timer);
        resolve(result);
      };
      const timer = host.setTimeout(() => {
        this.#readers.splice(this.#readers.indexOf(reader), 1);
        resolve({ done: true, value: undefined });
      }, milliseconds);
      this.#readers.push(reader);
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.#onReturn();
    this.#waiting = [];
    this.#taken = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
