// SPDX-License-Identifier: Apache-2.0
import { utf8 } from "@natswire/codec";

/** Returns the header block of a status: `NATS/1.0 404 No Messages`, and fields. */
export function statusHeaders(status: string, fields: Readonly<Record<string, string | number>> = {}): Uint8Array {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return utf8.encode(`NATS/1.0 ${status}\r\n${lines.join("")}\r\n`);
}

/** Returns the header block of a status that ends a request: with what the client did not get. */
export function pendingStatus(
  status: string,
  { batch, bytes }: { readonly batch: number; readonly bytes: number },
): Uint8Array {
  return statusHeaders(status, { "Nats-Pending-Messages": batch, "Nats-Pending-Bytes": bytes });
}
