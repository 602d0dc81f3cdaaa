// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import type { Reason } from "@natswire/session";

/** What went wrong: with a connection, a request, a flush. */
export type ConnectionErrorCode = Reason | "DRAINING" | "TOO_MANY";

/** Why something a connection was asked for did not come to be. */
export class ConnectionError extends Error {
  override readonly name: string = "ConnectionError";
  readonly code: ConnectionErrorCode;

  constructor(code: ConnectionErrorCode, message: string, cause?: unknown) {
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** That a program closed what it wanted closed is no error. */
export function errorOf(reason: Reason | undefined, detail: string): ConnectionError | undefined {
  return reason === undefined || reason === "CLOSED" ? undefined : new ConnectionError(reason, detail);
}

/** Why a session takes no message. */
export function refusalOf({ isFull }: { readonly isFull: boolean }): ConnectionError | UsageError {
  if (isFull) return new UsageError("TOO_LARGE", "too much waits to be sent: wait for ready()");
  return new ConnectionError("LOST", "there is no connection");
}

/** Whatever was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
