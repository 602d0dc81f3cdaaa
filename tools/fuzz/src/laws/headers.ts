// SPDX-License-Identifier: Apache-2.0
import type { MsgHeaders } from "@natswire/codec";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { type Codec, sameBytes } from "../../../../packages/fuzz/src/reading.ts";

interface Read {
  readonly status: number | undefined;
  readonly description: string | undefined;
  readonly entries: readonly (readonly [string, string])[];
  readonly skipped: number;
}

/** Returns the laws of header blocks, for any bytes. */
export function headerLaws(codec: Codec): (input: Uint8Array) => void {
  return (input) => {
    const block = input.slice();
    const headers = codec.decodeHeaders(block);
    if (!sameBytes(block, input)) throw new LawBroken("the caller's memory is never written");
    const read = headers && readOf(headers);
    const expected = oracle(input);
    if (JSON.stringify(read) !== JSON.stringify(expected)) {
      throw new LawBroken(
        "header blocks agree with the oracle",
        `read   ${JSON.stringify(read)}\noracle ${JSON.stringify(expected)}`,
      );
    }
    if (headers === undefined) return;
    for (const [name, value] of headers) {
      if (!headers.has(name) || !headers.values(name).includes(value))
        throw new LawBroken("has and values find every entry");
    }
    let written: Uint8Array;
    try {
      written = codec.encodeHeaders(headers);
    } catch (error) {
      if (error instanceof codec.UsageError) return;
      throw error;
    }
    const back = codec.decodeHeaders(written);
    const again = back && readOf(back);
    if (JSON.stringify(again) !== JSON.stringify({ ...read, skipped: 0 })) {
      throw new LawBroken("encoded headers decode to the same headers", JSON.stringify(again));
    }
  };
}

function readOf(headers: MsgHeaders): Read {
  const { status, description, skipped } = headers;
  return { status, description, entries: [...headers], skipped };
}

/** Decodes a header block by regular expressions over one character per byte. */
function oracle(block: Uint8Array): Read | undefined {
  if (block.length === 0) return { status: undefined, description: undefined, entries: [], skipped: 0 };
  const text = Buffer.from(block).toString("latin1");
  if (!text.startsWith("NATS/1.0")) return undefined;
  // Each line with its end; the last one may have none.
  const [first = "", ...lines] = text.slice("NATS/1.0".length).split(/(?<=\r\n)/);
  let skipped = 0;
  const status = /^(?:[ \t]+(?:([0-9]{3})(?:[ \t]+([^\r\n]*?))?)?[ \t]*)?\r\n$/.exec(utf8(first));
  if (status === null) skipped++;
  const end = lines.indexOf("\r\n");
  // Text after the empty line counts once, and so does an empty line that is missing after a whole line.
  const rest = end < 0 ? (lines.at(-1) ?? first).endsWith("\r\n") : end < lines.length - 1;
  if (rest) skipped++;
  const entries: [string, string][] = [];
  for (const line of end < 0 ? lines : lines.slice(0, end)) {
    const entry = /^([!-9;-~]+):[ \t]*([^\r\n]*?)[ \t]*\r\n$/.exec(line);
    if (entry === null) skipped++;
    else entries.push([entry[1]!, utf8(entry[2]!)]);
  }
  const code = status?.[1];
  return {
    status: code === undefined ? undefined : Number(code),
    description: status?.[2] || undefined,
    entries,
    skipped,
  };
}

function utf8(latin1: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.from(latin1, "latin1"));
}
