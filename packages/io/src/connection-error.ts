// SPDX-License-Identifier: Apache-2.0
import type { Denial, Failure, Reason } from "@natswire/session";
import { FailedOutcome } from "./outcome.ts";

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
  /**
   * What the server does not permit: the operation, its subject and queue group. Set if `code` is `PERMISSION`, or if `code` is
   * `REFUSED` for a subscription that is one too many.
   */
  readonly denial: Denial | undefined;

  constructor(code: ConnectionErrorCode, message: string, denial?: Denial) {
    super(`${code}: ${message}`);
    this.code = code;
    this.denial = denial;
  }

  /** Returns what `JSON.stringify` shows: for other errors that is without the message. */
  toJSON(): object {
    const { name, code, message, denial } = this;
    return { name, code, message, denial };
  }
}

/** Returns the error of a failure; `undefined` without a failure, or if the program itself closed the connection. */
export function errorOf(failure: Failure | undefined): ConnectionError | undefined {
  if (failure === undefined || failure.reason === "CLOSED") return undefined;
  return new ConnectionError(failure.reason, failure.detail, failure.denial);
}

/** Returns the failure of an operation. */
export function failureOf({ reason, detail, denial }: Failure): FailedOutcome {
  return new FailedOutcome(() => new ConnectionError(reason, detail, denial));
}

/** Returns the error for a message that the session does not accept. */
export function refusalOf({ isFull }: { readonly isFull: boolean }): ConnectionError {
  if (isFull) return new ConnectionError("FULL", "maxPending is reached; await ready()");
  return new ConnectionError("LOST", 'not connected, and whileDisconnected is "reject"');
}

/** Returns what was thrown as an Error; anything else becomes the `cause` of one. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
