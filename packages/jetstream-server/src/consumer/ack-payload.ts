// SPDX-License-Identifier: Apache-2.0
import { parseAck } from "@natswire/codec/jetstream";
import type { Millis } from "@natswire/server";
import { utf8Text } from "../bytes.ts";

const NANOS = 1_000_000;

/** What a client says about a message. */
export type AckKind = "ack" | "nak" | "progress" | "term" | "next";

/** Reads what the payload of an ack says; `undefined` if it is something else. */
export function ackKind(payload: Uint8Array): AckKind | undefined {
  if (payload.length === 0) return "ack";
  const text = utf8Text(payload);
  if (text === "+ACK" || text === "+OK") return "ack";
  if (text === "+WPI") return "progress";
  if (text.startsWith("+NXT")) return "next";
  if (text.startsWith("-NAK")) return "nak";
  return text.startsWith("+TERM") ? "term" : undefined;
}

/** Returns after what time a message is to be delivered again; `undefined` for at once. */
export function nakDelay(payload: Uint8Array): Millis | undefined {
  const nak = payload.length === 4 ? undefined : parseAck(payload);
  return nak?.kind !== "nak" || nak.delay === undefined ? undefined : Number(nak.delay) / NANOS;
}

/** Returns why a message is not to be delivered again. */
export function termReason(payload: Uint8Array): string | undefined {
  return utf8Text(payload).slice(5).trim() || undefined;
}
