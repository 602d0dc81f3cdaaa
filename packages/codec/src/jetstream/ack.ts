// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "../errors.ts";
import { decodeText, isWellFormed } from "../text.ts";
import { readDuration } from "./duration.ts";
import { MAX_INT64 } from "./fields.ts";
import { payloadOf, readJson, type Shape, writeFields } from "./json.ts";
import { type PullOptions, type PullRequest, parsePull, pullText } from "./pull.ts";

const delayShape: Shape = { delay: ["delay", MAX_INT64] };

/**
 * What a consumer's client publishes to the reply subject of a message:
 *
 * - `ack`: the message is processed
 * - `nak`: deliver it again, after `delay` nanoseconds; at once without it
 * - `progress`: wait longer for the ack
 * - `term`: never deliver it again
 * - `next`: the message is processed; `pull` requests more to the reply subject. It is `undefined` if its JSON is malformed: a
 *   server accepts the ack and answers the request with status 400.
 */
export type Ack =
  | { readonly kind: "ack" }
  | { readonly kind: "nak"; readonly delay: bigint | undefined }
  | { readonly kind: "progress" }
  | { readonly kind: "term"; readonly reason: string | undefined }
  | { readonly kind: "next"; readonly pull: PullRequest | undefined };

/** Returns the payload that acknowledges a message, `+ACK`. */
export function ack(): Uint8Array {
  return payloadOf("+ACK");
}

/**
 * Returns the payload that requests another delivery of a message, `-NAK`.
 *
 * @param options `delay`: how long the server waits before it, in nanoseconds; by default it does not wait
 * @throws UsageError BAD_NUMBER if the delay is not a bigint from 0 to 2^63 - 1, BAD_FIELD if an option is unknown
 */
export function nak(options: { readonly delay?: bigint | undefined } = {}): Uint8Array {
  const fields = writeFields("nak()", options, delayShape);
  return payloadOf(fields ? `-NAK {${fields}}` : "-NAK");
}

/** Returns the payload that extends the time to acknowledge a message, `+WPI`. */
export function progress(): Uint8Array {
  return payloadOf("+WPI");
}

/**
 * Returns the payload that stops the delivery of a message, `+TERM`.
 *
 * @param reason a text for the server's advisory; it may have several lines
 * @throws UsageError BAD_FIELD if it is not a string, is empty, starts or ends with white space, or has a lone surrogate
 */
export function term(reason?: string): Uint8Array {
  if (reason === undefined) return payloadOf("+TERM");
  // A server removes white space around it.
  if (typeof reason === "string" && reason !== "" && reason === reason.trim() && isWellFormed(reason)) {
    return payloadOf(`+TERM ${reason}`);
  }
  throw new UsageError("BAD_FIELD", "reason must be a text without white space at its ends, and not empty");
}

/**
 * Returns the payload that acknowledges a message and requests more, `+NXT`. Publish it with a reply subject.
 *
 * @param pull what to request; one message by default
 * @throws UsageError like `pullRequest`
 */
export function next(pull: PullOptions = {}): Uint8Array {
  return payloadOf(`+NXT ${pullText(pull)}`.trim());
}

/**
 * Reads the payload of an ack, without its headers, as a server does. Returns `undefined` for a payload that a server ignores.
 *
 * An empty payload is an ack. A delay that cannot be read is no delay.
 *
 * @example
 * ```ts
 * import { nak, parseAck } from "@natswire/codec/jetstream";
 *
 * console.log(parseAck(nak({ delay: 5_000_000_000n }))); // { kind: 'nak', delay: 5000000000n }
 * console.log(parseAck(new TextEncoder().encode("-NAK 1.5s"))); // { kind: 'nak', delay: 1500000000n }
 * ```
 */
export function parseAck(payload: Uint8Array): Ack | undefined {
  const text = decodeText(payload, 0, payload.length);
  if (text === "" || text === "+ACK" || text === "+OK") return { kind: "ack" };
  if (text === "+WPI") return { kind: "progress" };
  if (text.startsWith("+NXT")) return { kind: "next", pull: parsePull(payload.subarray(4)) };
  if (text.startsWith("-NAK")) return { kind: "nak", delay: readDelay(text.slice(4).trim()) || undefined };
  if (text.startsWith("+TERM")) return { kind: "term", reason: text.slice(5).trim() || undefined };
  return undefined;
}

function readDelay(text: string): bigint | undefined {
  if (!text.startsWith("{")) return readDuration(text);
  return readJson(payloadOf(text), (object) => object.read<{ delay: bigint }>(delayShape).delay);
}
