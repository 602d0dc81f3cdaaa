// SPDX-License-Identifier: Apache-2.0
import { isRelayable } from "../subject.ts";
import { isName, readInteger } from "./fields.ts";
import { type HeaderSource, jetStreamHeaders, lastValue } from "./headers.ts";
import { readTime } from "./time.ts";

/** What the headers of a message say that a direct get, or a stream with `republish`, sent. */
export interface DirectGetInfo {
  readonly stream: string;
  /** The subject that the message was published to. */
  readonly subject: string;
  /** The sequence of the message in the stream. */
  readonly sequence: bigint;
  /** When the message was stored, in nanoseconds since 1970; `undefined` if the server did not send it. */
  readonly timestamp: bigint | undefined;
  /** The sequence of the message before it: in a batch, or on the subject of a republished message. */
  readonly lastSequence: bigint | undefined;
  /** How many messages of a batch follow. */
  readonly numPending: bigint | undefined;
}

/**
 * Reads the headers of a message that a direct get returned. Returns `undefined` if stream, subject or sequence is missing or
 * malformed: then the answer is a status.
 *
 * Ask this before `statusOf`: the message has the headers of its publisher too, and these may have a status. Of each header the last
 * value counts, because the server adds its own at the end. A publisher can set what the server does not send.
 *
 * @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-31.md
 *
 * @example
 * ```ts
 * import { MsgHeaders } from "@natswire/codec";
 * import { directGetInfo } from "@natswire/codec/jetstream";
 *
 * const headers = new MsgHeaders([
 *   ["Nats-Stream", "orders"],
 *   ["Nats-Subject", "orders.new"],
 *   ["Nats-Sequence", "7"],
 *   ["Nats-Time-Stamp", "2026-11-30T15:32:53.704331455Z"],
 * ]);
 * console.log(directGetInfo(headers)?.timestamp); // 1796052773704331455n
 * ```
 */
export function directGetInfo(headers: HeaderSource | undefined): DirectGetInfo | undefined {
  if (headers === undefined) return undefined;
  const integer = (name: string): bigint | undefined => readInteger(lastValue(headers, name));
  const stream = lastValue(headers, jetStreamHeaders.stream);
  const subject = lastValue(headers, jetStreamHeaders.subject);
  const sequence = integer(jetStreamHeaders.sequence);
  if (!isName(stream) || subject === undefined || !isRelayable(subject) || sequence === undefined) return undefined;
  return {
    stream,
    subject,
    sequence,
    timestamp: readTime(lastValue(headers, jetStreamHeaders.timestamp) ?? ""),
    lastSequence: integer(jetStreamHeaders.lastSequence),
    numPending: integer(jetStreamHeaders.numPending),
  };
}
