// SPDX-License-Identifier: Apache-2.0
import { Queue } from "@natswire/session";
import type { Clock } from "./clock.ts";
import { type FailedOutcome, outcomeOf } from "./outcome.ts";
import { onDeadline, type WaitOptions } from "./wait.ts";

/** How a call of `next` ends. */
type Outcome<T> = IteratorResult<T> | FailedOutcome;

/** Holds messages until they are read, in order and up to a limit: an async iterator. */
export class Mailbox<T> implements AsyncIterableIterator<T> {
  readonly #limit: number;
  readonly #onReturn: () => void;
  readonly #waiting = new Queue<T>();
  /** The calls of `next` that wait for a message. */
  readonly readers: ((outcome: Outcome<T>) => void)[] = [];
  isEnded = false;
  #failure: FailedOutcome | undefined;

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
      reader({ done: false, value: message });
      return true;
    }
    if (this.size >= this.#limit) return false;
    this.#waiting.push(message);
    return true;
  }

  /** Ends the iteration after the messages that wait; with a failure, `next` then rejects with its error once. */
  end(failure?: FailedOutcome): void {
    this.isEnded = true;
    this.#failure = failure;
    for (const reader of this.readers.splice(0)) reader(this.#takeEnd());
  }

  /** Removes and returns the next message; `undefined` if none waits. */
  take(): T | undefined {
    return this.#waiting.shift();
  }

  next(): Promise<IteratorResult<T>> {
    const value = this.take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    // The error is made in the caller's continuation, so that its stack names the caller.
    return this.outcome().then(outcomeOf);
  }

  /** Resolves with the outcome of `next` if no message waits now. */
  outcome(): Promise<Outcome<T>> {
    return new Promise((resolve) => {
      if (this.isEnded) resolve(this.#takeEnd());
      else this.readers.push(resolve);
    });
  }

  /**
   * Resolves as `next` does, or rejects at the timeout or the signal. A later message goes to the next reader.
   *
   * @param missing what is missing at the timeout, for the error
   */
  nextWithin(options: WaitOptions, clock: Clock, missing: string): Promise<IteratorResult<T>> {
    if (this.size > 0 || this.isEnded) return this.next();
    const outcome = new Promise<Outcome<T>>((resolve) => {
      const giveUp = (failure: FailedOutcome): void => {
        this.readers.splice(this.readers.indexOf(reader), 1);
        resolve(failure);
      };
      const stopWaiting = onDeadline(options, clock, giveUp, missing);
      const reader = (result: Outcome<T>): void => {
        stopWaiting();
        resolve(result);
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

  /** Returns the failure once, and the end of the iteration after that. */
  #takeEnd(): Outcome<T> {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure ?? { done: true, value: undefined };
  }
}
