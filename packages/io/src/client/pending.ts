// SPDX-License-Identifier: Apache-2.0
import type { MessageData } from "@natswire/session";
import { ConnectionError } from "../connection-error.ts";
import { FailedOutcome, outcomeOf } from "../outcome.ts";

/** Waits for an operation: what a session hands back in each event of the operation. */
export interface Waiter {
  /** Removes its timer or its listener. Called after the outcome is known. */
  stopWaiting: (() => void) | undefined;
  reply(message: MessageData): void;
  done(): void;
  fail(failure: FailedOutcome): void;
}

// One function for all promises: a closure for each would take memory (`client request, 500 at once 16 B`).
let settleLast: (outcome: unknown) => void = () => {};
const keepSettle = (resolve: (outcome: unknown) => void): void => {
  settleLast = resolve;
};

/** Waits for one outcome: the reply to a request, or the end of a flush or a drain. */
export class Pending<T> implements Waiter {
  readonly outcome: Promise<T>;
  stopWaiting: (() => void) | undefined;
  readonly #settle: (outcome: T | FailedOutcome) => void;
  readonly #read: (message: MessageData) => T;
  readonly #called: Error | undefined;

  /**
   * @param read returns what the promise resolves with for a reply
   * @param called an error whose stack is added to that of a failure, or `undefined`
   */
  constructor(read: (message: MessageData) => T, called: Error | undefined) {
    this.outcome = (new Promise(keepSettle) as Promise<T | FailedOutcome>).then(outcomeOf<T>);
    this.#settle = settleLast;
    this.#read = read;
    this.#called = called;
  }

  reply(message: MessageData): void {
    this.stopWaiting?.();
    this.#settle(this.#read(message));
  }

  done(): void {
    this.stopWaiting?.();
    this.#settle(undefined as T);
  }

  fail(failure: FailedOutcome): void {
    this.stopWaiting?.();
    this.#settle(this.#called === undefined ? failure : traced(failure, this.#called));
  }
}

/** Returns a failure whose error shows where the operation was called, too. The reason of a signal stays as it is. */
function traced({ toError }: FailedOutcome, called: Error): FailedOutcome {
  return new FailedOutcome(() => {
    const error = toError();
    if (error instanceof ConnectionError) error.stack += `\n${called.stack?.replace(/^Error: /, "")}`;
    return error;
  });
}
