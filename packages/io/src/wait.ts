// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "./clock.ts";
import { ConnectionError } from "./connection-error.ts";

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

/**
 * Calls the listener once, if the signal is aborted. Returns a function that removes the listener.
 *
 * @throws the signal's reason if it is aborted already
 */
export function onAbort(signal: AbortSignalLike | undefined, listener: (reason: unknown) => void): () => void {
  if (signal === undefined) return never;
  if (signal.aborted) throw signal.reason;
  const onAborted = (): void => {
    stop();
    listener(signal.reason);
  };
  const stop = (): void => signal.removeEventListener("abort", onAborted);
  signal.addEventListener("abort", onAborted);
  return stop;
}

/** Settles as the work does, or rejects at the timeout or the signal; the work itself continues. */
export function withDeadline<T>(work: Promise<T>, { signal, timeout }: WaitOptions, clock: Clock): Promise<T> {
  if (signal === undefined && timeout === undefined) return work;
  return new Promise((resolve, reject) => {
    let end = never;
    work.finally(() => end()).then(resolve, reject);
    const giveUp = (reason: unknown): void => {
      end();
      reject(reason);
    };
    const removeAbortListener = onAbort(signal, giveUp);
    const expire = (): void => giveUp(new ConnectionError("TIMEOUT", `not done within ${timeout} ms`));
    const cancel = timeout === undefined ? never : clock.after(timeout, expire);
    end = () => {
      removeAbortListener();
      cancel();
    };
  });
}
