// SPDX-License-Identifier: Apache-2.0

const ROW = 16;
const BEFORE = 32;
const AFTER = 32;

/**
 * Returns the bytes around an offset, 16 per row, with a mark below the byte at the offset.
 *
 * @param offset where the mark goes, counted from the start of the input
 * @param start the offset of `bytes[0]` in the input
 */
export function hexdump(bytes: Uint8Array, offset: number, start: number): string {
  const from = Math.max(start, offset - BEFORE);
  const to = Math.min(start + bytes.length, offset + AFTER);
  const rows: string[] = [];
  for (let at = from; at < to; at += ROW) {
    const row = bytes.subarray(at - start, Math.min(to, at + ROW) - start);
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    rows.push(`${String(at).padStart(8)}  ${hex.padEnd(3 * ROW)} ${text}`);
    if (offset >= at && offset < at + row.length) rows.push(`${" ".repeat(10 + 3 * (offset - at))}^^ byte ${offset}`);
  }
  return rows.join("\n");
}
