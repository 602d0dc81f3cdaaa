// SPDX-License-Identifier: Apache-2.0

import colors from "picocolors";
import { escaped } from "./escape.ts";
import { type Finding, groupOf } from "./finding.ts";
import { fromLatin1 } from "./latin1.ts";
import type { FoundGroup } from "./run.ts";

const TITLE = 14;

/** How to repeat the findings of a run. */
export interface Repeat {
  /** Returns the command that repeats a finding. */
  readonly command: (finding: Finding) => string;
  /** What the tests are, and their source. */
  readonly tests: (findings: readonly Finding[]) => readonly [title: string, source: string];
}

/** Formats all findings of a run: each with the command that repeats it, then tests to paste. */
export function formatFindings(found: readonly FoundGroup[], { command, tests }: Repeat): string {
  const parts = found.map((group, at) => {
    return `${formatFinding(group, `finding ${at + 1} of ${found.length}`)}\n  again with: ${command(group.finding)}`;
  });
  const [title, source] = tests(found.map(({ finding }) => finding));
  return [...parts, `${title}:\n\n${source}`].join("\n\n");
}

/** Formats a group of findings: the law, the chunks that break it, and what was made of them. */
function formatFinding({ finding, count }: FoundGroup, title: string): string {
  const inputs = count === 1 ? "1 input" : `${count.toLocaleString("en")} inputs`;
  const chunks = chunksOf(finding).map((chunk) => `"${escaped(chunk)}"`);
  const { detail = "" } = finding;
  return [
    `${colors.red(title)}: ${groupOf(finding)}, ${inputs}`,
    `${"bytes".padEnd(TITLE)}${chunks.join(" + ")}`,
    ...(detail === "" ? [] : detail.split("\n")),
  ].join("\n  ");
}

/** Formats what was made of a stream: a title, one line for each frame, and the error. */
export function formatResult(
  title: string,
  { frames, error, fault }: { frames: readonly unknown[]; error?: unknown; fault?: Fault | undefined },
): string {
  const lines = frames.map((frame) => formatFrame(frame as Readonly<Record<string, unknown>>));
  if (fault !== undefined) lines.push(`error: ${fault.code} at byte ${fault.offset}`);
  if (error !== undefined && error !== null) lines.push(`error: ${escaped(Buffer.from(String(error)))}`);
  if (lines.length === 0) lines.push("no frame, no error");
  return lines.map((line, at) => (at === 0 ? title : "").padEnd(TITLE) + line).join("\n");
}

interface Fault {
  readonly code: string;
  readonly offset: number;
}

/** Formats a frame in one line: the operation, and the fields that it has. */
function formatFrame({ op, ...fields }: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined);
  return [String(op), ...shown.map(([name, value]) => `${name}=${formatValue(value)}`)].join(" ");
}

function formatValue(value: unknown): string {
  if (value instanceof Uint8Array) return `"${escaped(value)}"`;
  return JSON.stringify(value) ?? String(value);
}

/** Quotes a text for a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns bytes as a string literal, one character for each byte. */
export function literal(bytes: Uint8Array): string {
  return JSON.stringify(fromLatin1(bytes));
}

/** Returns the chunks that show a finding. */
export function chunksOf({ chunks, input }: Finding): readonly Uint8Array[] {
  return chunks ?? [input];
}
