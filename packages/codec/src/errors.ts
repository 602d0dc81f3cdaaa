// SPDX-License-Identifier: Apache-2.0

// The longest value, in characters, that an error message quotes.
const MAX_VALUE = 64;

/**
 * What a peer did wrong. Every one of these ends the connection.
 *
 * - `UNKNOWN_VERB`: the line does not start with a verb of this protocol, followed by a blank or a line end
 * - `LINE_TOO_LONG`: the control line exceeds `Limits.line`, or `Limits.info` for INFO
 * - `BAD_LINE_END`: the line ends in a bare LF, and `Limits.strictLineEnd` is set
 * - `BAD_ARGUMENTS`: the verb has too few or too many arguments
 * - `BAD_SID`: the sid is not 1 to 15 digits
 * - `BAD_SIZE`: a size or another number is not 1 to 9 digits, `max` is not a number, or the header size exceeds the total size
 * - `PAYLOAD_TOO_LARGE`: the declared size exceeds `Limits.payload`
 * - `BAD_TRAILER`: the payload is not followed by CRLF
 * - `BAD_JSON`: the argument of INFO or CONNECT is not a JSON object, or a known field has the wrong type
 *
 * If a line breaks several rules, the first of this list is reported.
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
 * Reports that a peer violated the protocol: it sent bytes that no correct peer sends.
 *
 * The decoder that throws it throws the same object on every later call. The message quotes at most 64 bytes of the
 * control line; it never quotes CONNECT or a payload.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  /** The rule that was broken. */
  readonly code: ProtocolErrorCode;
  /**
   * The position of the fault in the stream, in bytes from 0: the first byte of the line. For BAD_TRAILER it is the
   * first byte that is not the expected CR or LF, for LINE_TOO_LONG the first byte above the limit.
   */
  readonly offset: number;

  /**
   * @param code the rule that was broken
   * @param offset the position of the fault in the stream, in bytes
   * @param message what is wrong; `code` and `offset` are put before it
   */
  constructor(code: ProtocolErrorCode, offset: number, message: string) {
    super(`${code} at byte ${offset}: ${message}`);
    this.code = code;
    this.offset = offset;
  }
}

/** Formats a value for an error message: at most 64 characters, and no code of the value's own is run. */
export function formatValue(value: unknown): string {
  if (typeof value === "object" || typeof value === "function") return typeName(value);
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}

/** Names the type of a value for an error message that must not show the value: "undefined", "a number", "an array". */
export function typeName(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  if (value instanceof Promise) return "a Promise";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/**
 * What was wrong with a value that the caller passed. If one is thrown, nothing was written or changed.
 *
 * - `BAD_SUBJECT`: a subject or a reply is not valid
 * - `BAD_QUEUE`: a queue group is not valid
 * - `BAD_HEADER`: a header name, value, status or description is not valid
 * - `BAD_NUMBER`: a number is out of range or not a whole number
 * - `BAD_FIELD`: any other field of a frame has the wrong type or content
 * - `TOO_LARGE`: a control line or a message is larger than the protocol allows
 * - `CLOSED`: an encoder cannot be used any more: a borrowed payload was detached or resized, or a payload pushed a frame
 */
export type UsageErrorCode =
  | "BAD_SUBJECT"
  | "BAD_QUEUE"
  | "BAD_HEADER"
  | "BAD_NUMBER"
  | "BAD_FIELD"
  | "TOO_LARGE"
  | "CLOSED";

/** Reports that the caller passed a value that cannot be sent. The message names the field and says what is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** The kind of mistake. */
  readonly code: UsageErrorCode;

  /**
   * @param code the kind of mistake
   * @param message what is wrong, with the field and its value
   */
  constructor(code: UsageErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
