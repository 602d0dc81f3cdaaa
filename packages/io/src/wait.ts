// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "./clock.ts";
import { ConnectionError } from "./connection-error.ts";

/** An `AbortSignal`, which every runtime has and ES2022's library does not declare. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", heard: () => void): void;
  removeEventListener(type: "abort", heard: () => void): void;
}

/** What ends a wait before what is waited for does. */
export interface WaitOptions {
  /** Ends it, with the signal's reason. */
  readonly signal?: AbortSignalLike | undefined;
  /** Milliseconds after which it ends, with the error TIMEOUT; never where left out. */
  readonly timeout?: number | undefined;
}

/** Milliseconds for a drain where nothing is said. */
export const DRAINING = 10_000;

const never = (): void => {};

/**
 * Calls when a signal is aborted, once.
 *
 * @returns listens no longer
 * @throws the signal's reason where it already is
 */
export function onAbort(signal: AbortSignalLike | undefined, heard: (reason: unknown) => void): () => void {
  if (signal === undefined) return never;
  if (signal.aborted) throw signal.reason;
  const hear = (): void => {
    stop();
    heard(signal.reason);
  };
  const stop = (): void => signal.removeEventListener("abort", hear);
  signal.addEventListener("abort", hear);
  return stop;
}

/** Waits no longer than there is patience for; the work itself goes on. */
export function withDeadline<T>(work: Promise<T>, { signal, timeout }: WaitOptions, clock: Clock): Promise<T> {
  if (signal === undefined && timeout === undefined) return work;
  return new Promise((resolve, reject) => {
    let end = never;
    work.finally(() => end()).then(resolve, reject);
    const giveUp = (reason: unknown): void => {
      end();
      reject(reason);
    };
    const unheard = onAbort(signal, giveUp);
    const late = (): void => giveUp(new ConnectionError("TIMEOUT", `it took longer than ${timeout} milliseconds`));
    const cancel = timeout === undefined ? never : clock.after(timeout, late);
    end = () => {
      unheard();
      cancel();
    };
  });
}
