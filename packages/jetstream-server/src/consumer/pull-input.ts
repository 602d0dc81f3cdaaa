// SPDX-License-Identifier: Apache-2.0
import { utf8Text } from "../bytes.ts";
import type { Nanos } from "../stream/stream-config.ts";
import type { ConsumerConfig } from "./consumer-config.ts";
import { goDuration } from "./go-duration.ts";

/** What a request for messages says, as JSON. */
export interface PullInput {
  readonly batch: number;
  readonly expires: Nanos;
  readonly no_wait: boolean;
  readonly max_bytes: number;
  readonly idle_heartbeat: Nanos;
  readonly min_pending: number;
  readonly min_ack_pending: number;
  readonly id: string;
}

const types: Readonly<Record<keyof PullInput, string>> = {
  batch: "number",
  expires: "number",
  no_wait: "boolean",
  max_bytes: "number",
  idle_heartbeat: "number",
  min_pending: "number",
  min_ack_pending: "number",
  id: "string",
};

/** Reads a request: nothing, a number, or JSON. Returns a text if it is malformed. */
export function readPull(payload: Uint8Array): Partial<PullInput> | string {
  const text = utf8Text(payload).trim();
  if (!text.startsWith("{")) return { batch: /^[+-]?\d+$/.test(text) ? Number(text) : 1 };
  let input: Partial<PullInput>;
  try {
    input = JSON.parse(text);
  } catch {
    return text.endsWith("}") ? "invalid character in JSON" : "unexpected end of JSON input";
  }
  for (const [key, type] of Object.entries(types)) {
    const value = input[key as keyof PullInput] ?? undefined;
    if (value !== undefined && typeof value !== type) return `json: cannot unmarshal ${typeof value} into ${key}`;
  }
  return 2 * (input.idle_heartbeat ?? 0) > (input.expires ?? 0) ? "heartbeat value too large" : input;
}

/** Returns the status of a request that exceeds a limit of the consumer, or that is for another kind of consumer. */
export function limitError(input: Partial<PullInput>, config: ConsumerConfig): string | undefined {
  const { max_batch: maxBatch = 0, max_expires: maxExpires = 0, max_bytes: maxBytes = 0 } = config;
  if (maxBatch > 0 && (input.batch ?? 0) > maxBatch) return `409 Exceeded MaxRequestBatch of ${maxBatch}`;
  if (maxExpires > 0 && (input.expires ?? 0) > maxExpires) {
    return `409 Exceeded MaxRequestExpires of ${goDuration(maxExpires)}`;
  }
  if (maxBytes > 0 && (input.max_bytes ?? 0) > maxBytes) return `409 Exceeded MaxRequestMaxBytes of ${maxBytes}`;
  if (input.min_pending || input.min_ack_pending) return "400 Bad Request - Not a Overflow Priority consumer";
  return input.id ? "400 Bad Request - Not a Pinned Client Priority consumer" : undefined;
}
