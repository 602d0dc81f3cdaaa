// SPDX-License-Identifier: Apache-2.0
import { colours } from "../format/colours.ts";
import { align, UNPAIRED } from "./align.ts";

/** A part of two lines: the same in both, free because of a wildcard, or different. */
interface Part {
  readonly kind: "same" | "free" | "different";
  expected: string;
  received: string;
}

// Characters of a part that both lines share, and of one that differs; a longer part loses its middle.
const SHARED = 60;
const DIFFERENT = 400;
// Characters between two differences up to which they are marked as one.
const NARROW = 2;

/** Returns two lines with the parts that differ marked: in colours, or between `[-` and `-]`, `{+` and `+}`. */
export function markDifferences(expected: string, received: string): readonly [string, string] {
  const lines = joinNarrow(partsOf(expected, received));
  return [
    lines.map((part) => format(part, part.expected, removed)).join(""),
    lines.map((part) => format(part, part.received, added)).join(""),
  ];
}

/** Returns a line that is shown alone, without its middle if it is long. */
export function shortenLine(line: string): string {
  return withoutMiddle(line, DIFFERENT);
}

function removed(text: string): string {
  return colours.isColorSupported ? colours.inverse(colours.red(text)) : `[-${text}-]`;
}

function added(text: string): string {
  return colours.isColorSupported ? colours.inverse(colours.green(text)) : `{+${text}+}`;
}

function format({ kind }: Part, text: string, mark: (text: string) => string): string {
  if (kind !== "different") return withoutMiddle(text, SHARED);
  return text === "" ? "" : mark(withoutMiddle(text, DIFFERENT));
}

function partsOf(expected: string, received: string): Part[] {
  const parts: Part[] = [];
  const add = (kind: Part["kind"], one = "", other = ""): void => {
    const last = parts.at(-1);
    if (last?.kind !== kind) return void parts.push({ kind, expected: one, received: other });
    last.expected += one;
    last.received += other;
  };
  const cost = (one: string, other: string): number => (one === other ? 0 : 3 * UNPAIRED);
  for (const [one, other] of align(words(expected), words(received), cost)) {
    add(one === other ? "same" : "different", one, other);
  }
  return parts.map((part) => (/^[*…]$/.test(part.expected) ? { ...part, kind: "free" } : part));
}

/** Joins two differences with the few characters between them. */
function joinNarrow(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const [i, part] of parts.entries()) {
    const last = joined.at(-1);
    const isNarrow = part.kind === "same" && part.expected.length <= NARROW && parts[i + 1]?.kind === "different";
    if (last?.kind === "different" && (isNarrow || part.kind === "different")) {
      last.expected += part.expected;
      last.received += part.received;
    } else joined.push({ ...part });
  }
  return joined;
}

/** Splits a line where a mark may begin: between words, and around the texts and names of JSON. */
function words(text: string): string[] {
  return text.match(/"[^"]{0,60}":?|[\p{L}\p{N}_]+|\s+|./gsu) ?? [];
}

function withoutMiddle(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit / 2)}…${text.slice(-limit / 2)}`;
}
