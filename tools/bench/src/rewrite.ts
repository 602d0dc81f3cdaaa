// SPDX-License-Identifier: Apache-2.0
import { Buffer } from "node:buffer";
import { PartScanner, Rewriter } from "@natswire/codec/rewrite";
import type { Codec, Stream } from "./parse.ts";
import type { Contestant } from "./race.ts";

const PREFIX = "tenant.";
const CRLF = "\r\n";

/** Puts a prefix before the subject of each PUB, as a proxy for several tenants does. */
export const rewrite = ({ published: chunks }: Stream, { clientFrames }: Codec): Contestant[] => [
  {
    name: "string splitting",
    run: () => {
      let sum = 0;
      let rest = "";
      for (const chunk of chunks) {
        const [out, left] = split(rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1"));
        rest = left;
        sum += Buffer.from(out, "latin1").length;
      }
      return sum;
    },
  },
  {
    name: "Rewriter",
    run: () => {
      let sum = 0;
      const scanner = new PartScanner(clientFrames);
      const out = new Rewriter();
      const change = { subject: { add: PREFIX } };
      for (const chunk of chunks) {
        scanner.push(chunk);
        while (scanner.next() !== 0) {
          if (scanner.subjectByteAt(0) > 0) out.splice(scanner, change);
          else out.pass(scanner);
        }
        for (let segment = out.pull(); segment !== undefined; segment = out.pull()) {
          sum += segment.length;
          out.release(segment.length);
        }
      }
      return sum;
    },
  },
];

/** Returns the complete frames of a text with their subjects changed, and the text after them. */
function split(text: string): [out: string, rest: string] {
  let out = "";
  let at = 0;
  for (let end = text.indexOf(CRLF); end >= 0; end = text.indexOf(CRLF, at)) {
    const words = text.slice(at, end).split(" ");
    const next = end + 2 + Number(words.at(-1)) + 2;
    if (next > text.length) break;
    words[1] = PREFIX + words[1];
    out += words.join(" ") + text.slice(end, next);
    at = next;
  }
  return [out, text.slice(at)];
}
