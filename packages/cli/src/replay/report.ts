// SPDX-License-Identifier: Apache-2.0
import { colours } from "../format/colours.ts";
import type { Difference } from "./differences.ts";
import { formatLine } from "./lines.ts";
import { markDifferences, shortenLine } from "./marks.ts";
import type { PlayResult } from "./player.ts";
import type { Step } from "./script.ts";

// Lines of the script that are shown before a difference.
const CONTEXT = 3;

const REASONS: Readonly<Record<Difference["kind"], string>> = {
  changed: "the server sent something else",
  moved: "the server sent this in another order",
  missing: "the server did not send this in time",
  unexpected: "the server sent more",
};

/** Returns what is printed of differences: where and what each is, the lines before it, and the two lines with marks. */
export function formatDifferences(differences: readonly Difference[], steps: readonly Step[], file: string): string[] {
  const lines: string[] = [];
  let heading = "";
  // The steps before this index are printed, or were skipped.
  let printed = 0;
  for (const difference of differences) {
    const { line, kind, expected } = difference;
    const found = steps.findIndex((step) => (expected === undefined ? step.line > line : step === expected));
    const index = found < 0 ? steps.length : found;
    const nextHeading = `${file}:${line}: ${REASONS[kind]}`;
    if (nextHeading !== heading) lines.push(colours.bold(nextHeading));
    heading = nextHeading;
    const context = steps.slice(Math.max(printed, index - CONTEXT), index);
    lines.push(...context.map(({ shown }) => colours.dim(`  ${shortenLine(shown)}`)), ...formatPair(difference));
    printed = Math.max(printed, expected === undefined ? index : index + 1);
  }
  return lines;
}

function formatPair({ kind, expected, received }: Difference): string[] {
  const receivedLine = received && formatLine(received.connection, "server", received.text);
  const [minus, plus] =
    kind === "changed" && expected !== undefined && receivedLine !== undefined
      ? markDifferences(expected.shown, receivedLine)
      : [expected && shortenLine(expected.shown), receivedLine && shortenLine(receivedLine)];
  return [
    ...(minus === undefined ? [] : [`${colours.red("-")} ${minus}`]),
    ...(plus === undefined ? [] : [`${colours.green("+")} ${plus}`]),
  ];
}

/** Returns how many answers match. */
export function summarize({ expected, differences }: PlayResult): string {
  const extra = differences.filter(({ kind }) => kind === "unexpected").length;
  const matched = expected - (differences.length - extra);
  return `${matched} of ${expected} answers match${extra === 0 ? "" : `, ${extra} more not expected`}`;
}
