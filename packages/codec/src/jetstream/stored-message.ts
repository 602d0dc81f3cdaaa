// SPDX-License-Identifier: Apache-2.0
import { isRelayable } from "../subject.ts";
import { MAX_UINT64 } from "./fields.ts";
import { readJson, required, type Shape } from "./json.ts";
import { type ApiError, errorOf } from "./pub-ack.ts";
import { readTime } from "./time.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const shape: Shape = {
  subject: ["subject", "text"],
  sequence: ["seq", MAX_UINT64],
  time: ["time", "text"],
  headers: ["hdrs", "text"],
  payload: ["data", "text"],
};

/** A message of a stream, as `STREAM.MSG.GET` returns it. */
export interface StoredMessage {
  readonly error?: undefined;
  /** The subject that the message was published to. */
  readonly subject: string;
  /** The sequence of the message in the stream. */
  readonly sequence: bigint;
  /** When the message was stored, in nanoseconds since 1970. */
  readonly timestamp: bigint;
  /** The header block, for `decodeHeaders`; `undefined` without headers. */
  readonly headers: Uint8Array | undefined;
  readonly payload: Uint8Array;
}

/** The same as it is in JSON. */
interface Base64Message extends Pick<StoredMessage, "subject" | "sequence"> {
  readonly time: string;
  readonly headers: string;
  readonly payload: string;
}

/**
 * Reads the answer to `STREAM.MSG.GET`: a message, whose headers and payload are base64, or an error. Returns `undefined` if it is
 * malformed.
 */
export function parseStoredMessage(payload: Uint8Array): StoredMessage | { readonly error: ApiError } | undefined {
  return readJson(payload, (object) => {
    const error = errorOf(object);
    if (error !== undefined) return { error };
    const message = required(object.object("message")).read<Base64Message>(shape);
    const { subject, sequence, time = "", headers, payload = "" } = message;
    if (subject === undefined || !isRelayable(subject)) return undefined;
    return {
      subject,
      sequence: required(sequence),
      timestamp: required(readTime(time)),
      headers: headers === undefined ? undefined : required(decodeBase64(headers)),
      payload: required(decodeBase64(payload)),
    };
  });
}

function decodeBase64(text: string): Uint8Array | undefined {
  const match = /^([A-Za-z\d+/]*)={0,2}$/.exec(text);
  if (match === null || text.length % 4 !== 0) return undefined;
  const digits = match[1]!;
  const decoded = new Uint8Array((digits.length * 3) >> 2);
  let bits = 0;
  let at = 0;
  for (let i = 0; i < digits.length; i++) {
    bits = (bits << 6) | DIGITS.indexOf(digits[i]!);
    // Of each four digits, the first one completes no byte.
    if (i % 4 !== 0) decoded[at++] = bits >> (6 - 2 * (i % 4));
  }
  return decoded;
}
