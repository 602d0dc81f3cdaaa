// SPDX-License-Identifier: Apache-2.0
import { lineFeed } from "../decode/control-line.ts";
import type { FrameCursor } from "../decode/grammar.ts";
import { decodeOpaque, isBlank } from "../text.ts";

const CR = 0x0d;

/**
 * Returns the arguments of the current frame's control line, as text, decoded like the subject: `length` is their number,
 * `at(-1)` the last one. A text or JSON is split at its blanks, too; `text()` returns it whole.
 *
 * @example
 * ```ts
 * import { Scanner } from "@natswire/codec";
 * import { argumentsOf, compileGrammar } from "@natswire/codec/grammar";
 *
 * const scanner = new Scanner(compileGrammar([{ word: "RMSG", line: "account subject [middle...] size" }]));
 * scanner.push(new TextEncoder().encode("RMSG $G work | q1 q2 5\r\napple\r\n"));
 * scanner.next();
 * console.log(scanner.subject(), argumentsOf(scanner).slice(2, -1)); // work [ '|', 'q1', 'q2' ]
 * ```
 */
export function argumentsOf(at: Pick<FrameCursor, "frame">): string[] {
  const bytes = at.frame();
  if (bytes === undefined) return [];
  const lf = lineFeed(bytes, 0, bytes.length);
  const end = bytes[lf - 1] === CR ? lf - 1 : lf;
  const words: string[] = [];
  for (let i = 0; i < end; ) {
    const start = i;
    while (i < end && !isBlank(bytes[i]!)) i++;
    words.push(decodeOpaque(bytes, start, i));
    while (i < end && isBlank(bytes[i]!)) i++;
  }
  return words.slice(1);
}
