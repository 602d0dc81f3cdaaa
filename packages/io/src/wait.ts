// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "./clock.ts";
import { ConnectionError } from "./connection-error.ts";
import { checkOptions } from "./options.ts";
import { Failure, outcomeOf } from "./outcome.ts";

/** An `AbortSignal`: every runtime has it, and the library of ES2022 does not declare it. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** What ends a wait early. */
export interface WaitOptions {
  /** Ends the wait when it is aborted, with its reason. */
  readonly signal?: AbortSignalLike | undefined;
  /** Milliseconds after which the wait ends with the error TIMEOUT; unlimited by default. */
  readonly timeout?: number | undefined;
}

const waitOptions: readonly (keyof WaitOptions)[] = ["signal", "timeout"];

/**
 * Checks the options of a call that waits.
 *
 * @throws UsageError BAD_FIELD, BAD_NUMBER
 */
export function checkWait(options: WaitOptions, call: string): void {
  checkOptions(options, waitOptions, call);
}

/** Milliseconds that a drain may take by default. */
export const DRAIN_TIMEOUT_MS = 10_000;

const never = (): void => {};

// The listeners of each signal. The signal itself gets only one listener: Node prints a warning if there are more than ten.
const listeners = new WeakMap<AbortSignalLike, Set<(reason: unknown) => void>>();

/**
 * Calls the listener once, if the signal is aborted. Returns a function that removes the listener.
 *
 * @throws the signal's reason if it is aborted already
 */
export function onAbort(signal: AbortSignalLike | undefined, listener: (reason: unknown) => void): () => void {
  if (signal === undefined) return never;
  if (signal.aborted) throw signal.reason;
  const known = listeners.get(signal) ?? listenTo(signal);
  // A function of its own: the same listener may be added twice.
  const own = (reason: unknown): void => listener(reason);
  known.add(own);
  return () => known.delete(own);
}

function listenTo(signal: AbortSignalLike): Set<(reason: unknown) => void> {
  const known = new Set<(reason: unknown) => void>();
  listeners.set(signal, known);
  const onAborted = (): void => {
    signal.removeEventListener("abort", onAborted);
    for (const listener of known) {
      known.delete(listener);
      listener(signal.reason);
    }
  };
  signal.addEventListener("abort", onAborted);
  return known;
}

/**
 * Calls `fail` once, at the timeout or if the signal is aborted. Returns a function that ends the wait.
 *
 * @param missing what is missing at the timeout, for the error
 * @throws the signal's reason if it is aborted already
 */
export function onDeadline(
  { signal, timeout }: WaitOptions,
  clock: Clock,
  fail: (failure: Failure) => void,
  missing = "not done",
): () => void {
  let end = never;
  const giveUp = (toError: () => unknown): void => {
    end();
    fail(new Failure(toError));
  };
  const removeAbortListener = onAbort(signal, (reason) => giveUp(() => reason));
  const expire = (): void => giveUp(() => new ConnectionError("TIMEOUT", `${missing} within ${timeout} ms`));
  const cancel = timeout === undefined ? never : clock.after(timeout, expire);
  end = () => {
    removeAbortListener();
    cancel();
  };
  return end;
}

/** Settles as the work does, or rejects at the timeout or the signal; the work itself continues. */
export function withDeadline<T>(work: Promise<T>, options: WaitOptions, clock: Clock): Promise<T> {
  if (options.signal === undefined && options.timeout === undefined) return work;
  const outcome = new Promise<T | Failure>((resolve) => {
    let end = never;
    work.finally(() => end()).then(resolve, (error) => resolve(new Failure(() => error)));
    end = onDeadline(options, clock, resolve);
  });
  return outcome.then(outcomeOf<T>);
}
