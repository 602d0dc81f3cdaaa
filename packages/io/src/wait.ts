// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "./clock.ts";
import { ConnectionError } from "./connection-error.ts";
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

/** Milliseconds that a drain may take by default. */
export const DRAIN_TIMEOUT_MS = 10_000;

const never = (): void => {};

// The listeners of each signal that something waits for. A signal of ours has one listener of the runtime's: more than ten
// would print a warning in Node.
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

/** Settles as the work does, or rejects at the timeout or the signal; the work itself continues. */
export function withDeadline<T>(work: Promise<T>, { signal, timeout }: WaitOptions, clock: Clock): Promise<T> {
  if (signal === undefined && timeout === undefined) return work;
  const outcome = new Promise<T | Failure>((resolve) => {
    let end = never;
    const settle = (outcome: T | Failure): void => {
      end();
      resolve(outcome);
    };
    work.then(settle, (error) => settle(new Failure(() => error)));
    const removeAbortListener = onAbort(signal, (reason) => settle(new Failure(() => reason)));
    const expire = (): void =>
      settle(new Failure(() => new ConnectionError("TIMEOUT", `not done within ${timeout} ms`)));
    const cancel = timeout === undefined ? never : clock.after(timeout, expire);
    end = () => {
      removeAbortListener();
      cancel();
    };
  });
  return outcome.then(outcomeOf<T>);
}
