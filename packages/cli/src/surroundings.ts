// SPDX-License-Identifier: Apache-2.0

const ROW = 16;
const BEFORE = 32;
const AFTER = 32;

/** The bytes around a place, sixteen a row with their offset, and a mark below the one that is meant. */
export function surroundings(bytes: Uint8Array, place: number, first: number): string {
  const from = Math.max(first, place - BEFORE);
  const to = Math.min(first + bytes.length, place + AFTER);
  const rows: string[] = [];
  for (let at = from; at < to; at += ROW) {
    const row = bytes.subarray(at - first, Math.min(to, at + ROW) - first);
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    rows.push(`${String(at).padStart(8)}  ${hex.padEnd(3 * ROW)} ${text}`);
    if (place >= at && place < at + row.length) rows.push(`${" ".repeat(10 + 3 * (place - at))}^^ byte ${place}`);
  }
  return rows.join("\n");
}
