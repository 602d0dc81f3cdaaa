// SPDX-License-Identifier: Apache-2.0
import { utf8 } from "@natswire/codec";
import type { Stored } from "../stream/stored.ts";

/** Returns the headers of a message that is delivered without its payload: its own, and the payload's size. */
export function headersOnly({ headers, payload }: Stored): Uint8Array {
  const line = utf8.encode(`${headers === undefined ? "NATS/1.0\r\n" : ""}Nats-Msg-Size: ${payload.length}\r\n\r\n`);
  if (headers === undefined) return line;
  // Without the empty line at the end.
  const block = new Uint8Array(headers.length - 2 + line.length);
  block.set(headers.subarray(0, -2));
  block.set(line, headers.length - 2);
  return block;
}
