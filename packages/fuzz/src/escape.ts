// SPDX-License-Identifier: Apache-2.0
import { latin1 } from "./latin1.ts";

/** Writes bytes as one line of printable ASCII, for a JavaScript string literal. `unescaped` reverses it. */
export function escaped(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0x0d) text += "\\r";
    else if (byte === 0x0a) text += "\\n";
    else if (byte === 0x09) text += "\\t";
    else if (byte >= 0x20 && byte < 0x7f && byte !== 0x5c) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}

/** Returns the bytes of a line that `escaped` wrote. */
export function unescaped(line: string): Uint8Array {
  const named: Record<string, string> = { r: "\r", n: "\n", t: "\t", "\\": "\\" };
  return latin1(
    line.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (all, hex?: string, name?: string) =>
      hex === undefined ? (named[name!] ?? all) : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );
}

/** Joins arrays of bytes. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
