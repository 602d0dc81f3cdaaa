// SPDX-License-Identifier: Apache-2.0
import { CONTROL_CHARACTERS, decodeUtf8, formatDirection } from "../format/format.ts";
import type { Side } from "../frame-reader.ts";

const CRLF = Buffer.from("\r\n");

/** Returns a line of a transcript. */
export function formatLine(connection: number, from: Side, text: string): string {
  const direction = `${connection} ${formatDirection(from)}`;
  return text === "" ? direction : `${direction} ${text}`;
}

/** Splits bytes at CRLF and returns the lines with symbols and `\xNN` in place of invisible bytes. */
export function splitLines(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const lines: string[] = [];
  let start = 0;
  for (let end = buffer.indexOf(CRLF); end >= 0; end = buffer.indexOf(CRLF, start)) {
    lines.push(escapeBytes(buffer.subarray(start, end)));
    start = end + CRLF.length;
  }
  return start === buffer.length ? lines : [...lines, escapeBytes(buffer.subarray(start))];
}

/** Returns bytes as text, with symbols and `\xNN` in place of invisible ones. */
export function escapeBytes(bytes: Uint8Array): string {
  const text =
    decodeUtf8(bytes) ??
    Buffer.from(bytes)
      .toString("latin1")
      .replace(/[\x80-\xff]/g, (character) => hexEscape(Buffer.from(character, "latin1")));
  return text
    .replaceAll("\r", "␍")
    .replaceAll("\n", "␊")
    .replaceAll("\t", "␉")
    .replace(CONTROL_CHARACTERS, (character) => hexEscape(Buffer.from(character)));
}

function hexEscape(bytes: Buffer): string {
  return bytes.toString("hex").replace(/../g, "\\x$&");
}
