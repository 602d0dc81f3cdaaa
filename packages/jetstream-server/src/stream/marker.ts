// SPDX-License-Identifier: Apache-2.0
import { noBytes } from "../bytes.ts";
import { readHeaders, withHeaders, withoutHeaders } from "./header-block.ts";
import { durationText } from "./message-ttl.ts";
import type { Incoming } from "./retention.ts";
import type { Stored } from "./stored.ts";
import type { StreamConfig } from "./stream-config.ts";

/** Returns the TTL of delete markers in seconds; 0 if the stream has none. */
export function markerSeconds({ subject_delete_marker_ttl: ttl = 0 }: StreamConfig): number {
  return Math.floor(ttl / 1_000_000_000);
}

/** Returns the marker that replaces the last message of a subject after it expired. */
export function markerOf(subject: string, seconds: number): Incoming {
  const lines = `Nats-Marker-Reason: MaxAge\r\nNats-TTL: ${durationText(seconds)}\r\nNats-Rollup: sub\r\n`;
  return { subject, headers: withHeaders(undefined, lines), payload: noBytes };
}

/** Returns whether a message says itself that its subject is gone: it leaves no marker. */
export function isMarker({ headers }: Stored): boolean {
  const known = headers && readHeaders(headers);
  return known?.has("Nats-Marker-Reason") === true || known?.get("KV-Operation") === "PURGE";
}

/** Returns headers with another TTL. */
export function withTtl(headers: Uint8Array | undefined, seconds: number): Uint8Array {
  const others = headers && withoutHeaders(headers, (name) => name === "Nats-TTL");
  return withHeaders(others, `Nats-TTL: ${seconds}\r\n`);
}
