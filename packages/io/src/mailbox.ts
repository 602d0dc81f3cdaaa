// SPDX-License-Identifier: Apache-2.0
import { Queue } from "@natswire/session";
import type { Clock } from "./clock.ts";
import { type FailedOutcome, outcomeOf } from "./outcome.ts";
import { onDeadline, type WaitOptions } from "./wait.ts";

/** Holds messages until they are read, in order and up to a limit: an async iterator. */
export class Mailbox<T> implements AsyncIterableIterator<T> {
  readonly #limit: number;
  readonly #onReturn: () => void;
  readonly #waiting = new Queue<T>();
  /** The calls of `next` that wait for a message. */
  readonly readers: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }[] = [];
  isEnded = false;
  #error: { readonly error: unknown } | undefined;

  /**
   * @param limit how many messages may wait
   * @param onReturn called if the reader leaves its loop
   */
  constructor(limit: number, onReturn: () => void) {
    this.#limit = limit;
    this.#onReturn = onReturn;
  }

  /** How many messages wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Adds a message. Returns false if the mailbox is full, and does not take it. */
  push(message: T): boolean {
    const reader = this.readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: message });
      return true;
    }
    if (this.size >= this.#limit) return false;
    this.#waiting.push(message);
    return true;
  }

  /** Ends the iteration after the messages that wait; with an error, `next` then rejects with it once. */
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

  /** Removes and returns the next message; `undefined` if none waits. */
  take(): T | undefined {
    return this.#waiting.shift();
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

  /**
   * Resolves as `next` does, or rejects at the timeout or the signal. A later message goes to the next reader.
   *
   * @param missing what is missing at the timeout, for the error
   */
  nextWithin(options: WaitOptions, clock: Clock, missing: string): Promise<IteratorResult<T>> {
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason);
    if (this.size > 0 || this.isEnded) return this.next();
    const outcome = new Promise<IteratorResult<T> | FailedOutcome>((resolve, reject) => {
      const giveUp = (failure: FailedOutcome): void => {
        this.readers.splice(this.readers.indexOf(reader), 1);
        resolve(failure);
      };
      const stopWaiting = onDeadline(options, clock, giveUp, missing);
      const reader = {
        resolve(result: IteratorResult<T>): void {
          stopWaiting();
          resolve(result);
        },
        reject(error: unknown): void {
          stopWaiting();
          reject(error);
        },
      };
      this.readers.push(reader);
    });
    return outcome.then(outcomeOf);
  }

  return(): Promise<IteratorResult<T>> {
    this.#onReturn();
    this.#waiting.clear();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
