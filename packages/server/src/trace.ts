// SPDX-License-Identifier: Apache-2.0
import { decodeHeaders } from "@natswire/codec";

const LF = 0x0a;
const T = 0x54;

/** What the headers of a message ask of message tracing (ADR-41). This server publishes no trace events. */
export interface Trace {
  /** The subject that the events are for. */
  readonly destination: string;
  /** Whether the message must not be delivered. */
  readonly isOnly: boolean;
}

/** Returns what a header block asks for, or `undefined` if tracing is off, as it is without `Nats-Trace-Dest`. */
export function traceOf(block: Uint8Array): Trace | undefined {
  if (!mayTrace(block)) return undefined;
  const headers = decodeHeaders(block);
  const destination = headers?.get("Nats-Trace-Dest") ?? "";
  if (destination === "" || destination === "trace disabled") return undefined;
  return { destination, isOnly: /^(1|true|on)$/i.test(headers?.get("Nats-Trace-Only") ?? "") };
}

/** Returns whether a line has the T of `Nats-Trace-` in its place: most blocks need not be decoded. */
function mayTrace(block: Uint8Array): boolean {
  for (let lf = block.indexOf(LF); lf >= 0; lf = block.indexOf(LF, lf + 1)) if (block[lf + 6] === T) return true;
  return false;
}
