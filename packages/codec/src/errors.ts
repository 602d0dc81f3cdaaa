// SPDX-License-Identifier: Apache-2.0

/**
 * What was wrong with the bytes a peer sent; every one of them is fatal for the connection.
 *
 * In order of precedence: a verb that does not exist, a line over its limit, a bare LF where CRLF is demanded,
 * the argument count, a sid, a size, a payload over its limit, a payload not followed by CRLF; and INFO or
 * CONNECT arguments that are not a JSON object of the right shape.
 */
export type ProtocolErrorCode =
  | "UNKNOWN_VERB"
  | "BAD_ARGUMENTS"
  | "BAD_SIZE"
  | "BAD_SID"
  | "BAD_JSON"
  | "BAD_LINE_END"
  | "BAD_TRAILER"
  | "LINE_TOO_LONG"
  | "PAYLOAD_TOO_LARGE";

/**
 * The peer broke the protocol: bytes no healthy peer can send, at a known place.
 *
 * The parser that throws it stays poisoned and throws the same object on every later call.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ProtocolErrorCode;
  /**
   * Absolute byte position in the stream, counted from 0: the first byte of the offending line; for BAD_TRAILER the
   * first byte that is not the expected CR or LF; for LINE_TOO_LONG the first byte above the limit.
   */
  readonly offset: number;

  constructor(code: ProtocolErrorCode, offset: number, message: string) {
    super(`${code} at byte ${offset}: ${message}`);
    this.code = code;
    this.offset = offset;
  }
}

/** A value as it may be shown in an error: at most 64 characters, and never one that runs code of its own. */
export function formatValue(value: unknown): string {
  return JSON.stringify(typeof value === "object" ? "an object" : String(value)).slice(0, 64);
}

/** What was wrong with a value the caller passed; nothing has been written or changed when it is thrown. */
export type UsageErrorCode =
  | "BAD_SUBJECT"
  | "BAD_QUEUE"
  | "BAD_HEADER"
  | "BAD_NUMBER"
  | "BAD_FIELD"
  | "TOO_LARGE"
  | "CLOSED";

/** The caller passed a value that cannot go on the wire; the field is named in the message. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code: UsageErrorCode;

  constructor(code: UsageErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
