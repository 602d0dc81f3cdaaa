// SPDX-License-Identifier: Apache-2.0
import { decodeHeaders } from "@natswire/codec";
import { type Ack, parseAck, parseAckSubject, parseApiSubject, parsePubAck, statusOf } from "@natswire/codec/jetstream";
import type { FrameView } from "../frame-reader.ts";

const DOLLAR = "$".charCodeAt(0);
const BRACE = "{".charCodeAt(0);

/**
 * Returns what a message means to JetStream: a request to its API, an ack, a delivered message, a status, or the answer to a
 * published message. `undefined` for any other frame.
 */
export function formatJetStream(view: FrameView, isAnswer: boolean): string | undefined {
  if (!view.isMessage) return undefined;
  const { subject = "", reply, headers } = view;
  if (subject.charCodeAt(0) === DOLLAR) return formatApi(subject) ?? formatAck(subject, view.payload);
  if (reply?.charCodeAt(0) === DOLLAR) return formatDelivery(reply);
  if (headers !== undefined) return formatStatus(headers, reply);
  return isAnswer ? formatPubAck(view.payload) : undefined;
}

function formatApi(subject: string): string | undefined {
  const request = parseApiSubject(subject);
  if (request === undefined) return undefined;
  const { api, ...names } = request;
  const { stream, consumer, subject: filter } = names as Partial<Record<"stream" | "consumer" | "subject", string>>;
  const place = [stream, consumer].filter(Boolean).join("/");
  return ["JetStream", api, place, filter].filter(Boolean).join(" ");
}

function formatAck(subject: string, payload: Uint8Array | undefined): string | undefined {
  const info = parseAckSubject(subject);
  const ack = payload && parseAck(payload);
  if (info === undefined || ack === undefined) return undefined;
  return `${formatKind(ack)} ${info.stream}/${info.consumer} #${info.streamSequence}`;
}

function formatKind(ack: Ack): string {
  if (ack.kind === "nak" && ack.delay !== undefined) return `nak, again after ${Number(ack.delay) / 1e6} ms,`;
  return ack.kind === "term" && ack.reason !== undefined ? `term (${ack.reason})` : ack.kind;
}

function formatDelivery(reply: string): string | undefined {
  const info = parseAckSubject(reply);
  if (info === undefined) return undefined;
  const again = info.deliveries > 1n ? `, delivery ${info.deliveries}` : "";
  return `${info.stream}/${info.consumer} #${info.streamSequence}${again}, ${info.pending} pending`;
}

function formatStatus(block: Uint8Array, reply: string | undefined): string | undefined {
  const status = statusOf({ headers: decodeHeaders(block), reply });
  return status === undefined || status.kind === "unknown" || status.kind === "no-responders" ? undefined : status.kind;
}

function formatPubAck(payload: Uint8Array | undefined): string | undefined {
  const ack = payload?.[0] === BRACE ? parsePubAck(payload) : undefined;
  if (ack === undefined) return undefined;
  if (ack.error !== undefined) return `error ${ack.error.errCode ?? ack.error.code}: ${ack.error.description}`;
  return `stored as ${ack.stream} #${ack.sequence}${ack.duplicate ? ", a duplicate" : ""}`;
}
