// SPDX-License-Identifier: Apache-2.0
import { encode, UsageError } from "@natswire/codec";
import { decoder as utf8 } from "../platform.ts";
import type { TranscriptEntry } from "./frame-recorder.ts";
import { redactedFrame } from "./redacted.ts";

// Characters that are printed of a frame: the beginning and the end of a longer one.
const WIDTH = 160;

/** Returns entries as text, a line each: `1 ->` from client 1, `1 <-` to it; credentials hidden, long frames cut. */
export function formatEntries(entries: readonly TranscriptEntry[]): string {
  return entries
    .map(({ connection, from, frame }) => `${connection} ${from === "client" ? "->" : "<-"} ${formatFrame(frame)}`)
    .join("\n");
}

/** Returns a frame as it reads on the wire, in one line; credentials hidden, and cut to 160 characters. */
export function formatFrame(frame: TranscriptEntry["frame"]): string {
  if (frame.op === "opened" || frame.op === "closed") return `(${frame.op})`;
  if (frame.op === "broken") return `(${frame.code} at byte ${frame.offset})`;
  const open = redactedFrame(frame);
  try {
    return shorten(printable(utf8.decode(encode(open)).slice(0, -2)));
  } catch (error) {
    // A client may send what the encoder refuses to write.
    if (!(error instanceof UsageError)) throw error;
    return shorten(JSON.stringify(open, (_, value) => (value instanceof Uint8Array ? utf8.decode(value) : value)));
  }
}

/** Marks line ends, and escapes other control characters: none reaches a terminal. */
function printable(text: string): string {
  return text
    .replaceAll("\r\n", "␍␊")
    .replace(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function shorten(text: string): string {
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH / 2)} … ${text.slice(-WIDTH / 2)}`;
}
