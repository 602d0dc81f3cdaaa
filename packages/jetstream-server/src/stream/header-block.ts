// SPDX-License-Identifier: Apache-2.0
import { utf8 } from "@natswire/codec";
import { utf8Text } from "../bytes.ts";

const CR = 0x0d;
const LF = 0x0a;
const START = utf8.encode("NATS/1.0\r\n");
const NATS = utf8.encode("Nats-");
const KV = utf8.encode("KV-");

/**
 * Returns the headers whose names begin with `Nats-` or `KV-`, or `undefined` without one. Of a repeated one the first value
 * counts. Names are case-sensitive, as in nats-server.
 */
export function readHeaders(block: Uint8Array): ReadonlyMap<string, string> | undefined {
  let found: Map<string, string> | undefined;
  for (let start = nextLine(block, 0); start < block.length; ) {
    const end = nextLine(block, start);
    if (beginsWith(block, start, NATS) || beginsWith(block, start, KV)) {
      const line = utf8Text(block.subarray(start, end));
      const colon = line.indexOf(":");
      if (colon > 0) {
        found ??= new Map();
        const name = line.slice(0, colon);
        if (!found.has(name)) found.set(name, line.slice(colon + 1).trim());
      }
    }
    start = end;
  }
  return found;
}

/** Returns a header block with lines added at its end. @param lines each with its line end */
export function withHeaders(block: Uint8Array | undefined, lines: string): Uint8Array {
  const kept = block === undefined || block.length < 4 ? START : block.subarray(0, block.length - 2);
  const added = utf8.encode(`${lines}\r\n`);
  const joined = new Uint8Array(kept.length + added.length);
  joined.set(kept);
  joined.set(added, kept.length);
  return joined;
}

/** Returns a header block without the headers that a function chooses by name; `undefined` if no header is left. */
export function withoutHeaders(block: Uint8Array, isChosen: (name: string) => boolean): Uint8Array | undefined {
  const lines: Uint8Array[] = [];
  const first = nextLine(block, 0);
  for (let start = first; start < block.length; ) {
    const end = nextLine(block, start);
    const line = block.subarray(start, end);
    const colon = line.indexOf(0x3a);
    if (colon > 0 && !isChosen(utf8Text(line.subarray(0, colon)))) lines.push(line);
    start = end;
  }
  if (lines.length === 0) return undefined;
  const kept = [block.subarray(0, first), ...lines, block.subarray(block.length - 2)];
  const joined = new Uint8Array(kept.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of kept) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Returns where the next line begins. */
function nextLine(block: Uint8Array, from: number): number {
  let i = from;
  while (i < block.length && (block[i] !== LF || block[i - 1] !== CR)) i++;
  return i + 1;
}

function beginsWith(block: Uint8Array, at: number, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (block[at + i] !== prefix[i]) return false;
  return true;
}
