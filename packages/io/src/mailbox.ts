// SPDX-License-Identifier: Apache-2.0
import { realClock } from "./clock.ts";

/** Messages that wait to be read, in order, up to a limit: an async iterator. */
export class Mailbox<T> implements AsyncIterableIterator<T> {
  readonly #most: number;
  readonly #onReturn: () => void;
  #waiting: (T | undefined)[] = [];
  #taken = 0;
  /** @internal Those who wait for one. */
  readonly readers: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }[] = [];
  /** @internal */
  isEnded = false;
  #error: { readonly error: unknown } | undefined;

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
    const reader = this.readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: message });
      return true;
    }
    if (this.size >= this.#most) return false;
    this.#waiting.push(message);
    return true;
  }

  /** Nothing more comes; what waits can still be read, and then it ends, or throws this error once. */
  end(error?: { readonly error: unknown }): void {
    this.isEnded = true;
    const [first, ...others] = this.readers.splice(0);
    if (error !== undefined && first !== undefined) first.reject(error.error);
    else {
      this.#error = error;
      first?.resolve({ done: true, value: undefined });
    }
    for (const reader of others) reader.resolve({ done: true, value: undefined });
  }

  /** The next message, where one waits. */
  take(): T | undefined {
    const value = this.#waiting[this.#taken];
    if (value === undefined) return undefined;
    this.#waiting[this.#taken++] = undefined;
    if (this.#taken === this.#waiting.length) this.#waiting.length = this.#taken = 0;
    // Or one that is never empty would grow for ever.
    else if (this.#taken >= 1024 && this.#taken * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#taken);
      this.#taken = 0;
    }
    return value;
  }

  next(): Promise<IteratorResult<T>> {
    const value = this.take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#error !== undefined) {
      const { error } = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.isEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
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

/** The next message, and done where none comes in time: what comes later is for the next who asks. */
export function within<T>(mailbox: Mailbox<T>, milliseconds: number): Promise<IteratorResult<T>> {
  if (mailbox.size > 0 || mailbox.isEnded) return mailbox.next();
  const { readers } = mailbox;
  return new Promise((resolve) => {
    const reader = {
      resolve(result: IteratorResult<T>): void {
        cancel();
        resolve(result);
      },
      reject: (): void => reader.resolve({ done: true, value: undefined }),
    };
    const cancel = realClock.after(milliseconds, () => {
      readers.splice(readers.indexOf(reader), 1);
      resolve({ done: true, value: undefined });
    });
    readers.push(reader);
  });
}
