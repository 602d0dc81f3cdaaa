// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import type { Reason } from "@natswire/session";

/** The code of a ConnectionError. */
export type ConnectionErrorCode = Reason | "DRAINING" | "TOO_MANY";

/**
 * The error of a connection, a request, a flush or a drain: `code` is stable, the message is for people.
 *
 * The message begins with the code: `TIMEOUT: …`.
 */
export class ConnectionError extends Error {
  override readonly name: string = "ConnectionError";
  readonly code: ConnectionErrorCode;

  constructor(code: ConnectionErrorCode, message: string, cause?: unknown) {
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Returns the error for a reason; `undefined` if the program itself closed the connection. */
export function errorOf(reason: Reason | undefined, detail: string): ConnectionError | undefined {
  return reason === undefined || reason === "CLOSED" ? undefined : new ConnectionError(reason, detail);
}

/** Returns the error for a message that the session does not accept. */
export function refusalOf({ isFull }: { readonly isFull: boolean }): ConnectionError | UsageError {
  if (isFull)
    return new UsageError("TOO_LARGE", "too many bytes wait to be sent; await ready() before you publish more");
  return new ConnectionError("LOST", 'not connected, and whileDisconnected is "reject"');
}

/** Returns what was thrown as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
