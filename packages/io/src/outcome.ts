// SPDX-License-Identifier: Apache-2.0

/** A failed outcome. Its error is made when the caller gets it. */
export class FailedOutcome {
  readonly toError: () => unknown;

  constructor(toError: () => unknown) {
    this.toError = toError;
  }
}

/**
 * Returns a value, or throws the error of a failure.
 *
 * As the last step of a promise, it lets the stack of the error name the async function that awaits the promise. Taking a
 * stack when the operation begins would cost 50 times as much.
 */
export function outcomeOf<T>(outcome: T | FailedOutcome): T {
  if (outcome instanceof FailedOutcome) throw outcome.toError();
  return outcome;
}
