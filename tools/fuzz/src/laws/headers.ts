// SPDX-License-Identifier: Apache-2.0
import { LawBroken } from "../finding.ts";
import { type Codec, sameBytes } from "../reading.ts";

interface Read {
  readonly status: number | undefined;
  readonly description: string | undefined;
  readonly entries: readonly (readonly [string, string])[];
}

/** Returns the laws of header blocks, for any bytes. */
export function headerLaws(codec: Codec): (input: Uint8Array) => void {
  return (input) => {
    const block = input.slice();
    const headers = codec.decodeHeaders(block);
    if (!sameBytes(block, input)) throw new LawBroken("the caller's memory is never written");
    const read = headers && { status: headers.status, description: headers.description, entries: [...headers] };
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
    const again = back && { status: back.status, description: back.description, entries: [...back] };
    if (JSON.stringify(again) !== JSON.stringify(read)) {
      throw new LawBroken("encoded headers decode to the same headers", JSON.stringify(again));
    }
  };
}

/** Decodes a header block by regular expressions over one character per byte. */
function oracle(block: Uint8Array): Read | undefined {
  if (block.length === 0) return { status: undefined, description: undefined, entries: [] };
  const text = Buffer.from(block).toString("latin1");
  const parts = /^NATS\/1\.0((?:[ \t][^\r\n]*)?)\r\n((?:[^\r\n]+\r\n)*)\r\n$/.exec(text);
  if (parts === null || block.length > 65_536) return undefined;
  const status = /^[ \t]*(?:([0-9]{3})(?:[ \t]+(.*?))?)?[ \t]*$/s.exec(utf8(parts[1]!));
  if (status === null) return undefined;
  const entries: [string, string][] = [];
  for (const line of parts[2]!.split("\r\n").slice(0, -1)) {
    const entry = /^([!-9;-~]+):[ \t]*(.*?)[ \t]*$/s.exec(line);
    if (entry === null || entries.length === 1024) return undefined;
    entries.push([entry[1]!, utf8(entry[2]!)]);
  }
  const code = status[1];
  return { status: code === undefined ? undefined : Number(code), description: status[2] || undefined, entries };
}

function utf8(latin1: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.from(latin1, "latin1"));
}
