// SPDX-License-Identifier: Apache-2.0
import type { BenchRun } from "./bench-run.ts";
import { formatMilliseconds, formatSummary, type Latencies } from "./latencies.ts";
import type { BenchKind } from "./loads.ts";
import { formatNumber, formatRates, ratesOf, type Tally, totalOf } from "./tally.ts";

const VERBS: Readonly<Record<BenchKind, string>> = {
  pub: "published",
  sub: "received",
  req: "requested",
  reply: "answered",
};
// Rows and columns of the drawn histogram.
const ROWS = 16;
const COLUMNS = 40;
// A column in eighths.
const BLOCKS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A finished benchmark. */
export interface BenchResult extends Pick<BenchRun, "tallies" | "latencies"> {
  readonly kind: BenchKind;
  readonly subject: string;
  /** Messages that all clients together should have reached; `undefined` without a limit. */
  readonly expected: number | undefined;
}

/** Returns a result as text, without the last line end. */
export function formatResult({ kind, tallies, latencies, expected }: BenchResult): string {
  const total = totalOf(tallies);
  const { seconds } = ratesOf(total);
  const missing = expected === undefined || total.messages === expected ? "" : ` of ${formatNumber(expected)}`;
  const lines = [
    `${VERBS[kind]} ${formatNumber(total.messages)}${missing} messages in ${seconds.toFixed(3)} s: ${formatRates(ratesOf(total))}`,
  ];
  if (tallies.length > 1)
    lines.push(
      ...tallies.map(
        (tally, i) => `client ${i + 1}: ${formatNumber(tally.messages)} messages, ${formatRates(ratesOf(tally))}`,
      ),
    );
  if (latencies.count > 0) lines.push(formatSummary(latencies.summary(50, 90, 99)), "", ...histogram(latencies));
  return lines.join("\n");
}

/** Returns a result for JSON. Times of requests are in milliseconds. */
export function resultFields({ kind, subject, tallies, latencies }: BenchResult): object {
  return {
    bench: kind,
    subject,
    clients: tallies.length,
    ...fieldsOf(totalOf(tallies)),
    latency: latencies.count === 0 ? undefined : latencies.summary(50, 90, 99),
    each: tallies.length === 1 ? undefined : tallies.map(fieldsOf),
  };
}

/** Returns a result as CSV: a row of names, a row for each client, and one for all. */
export function resultCsv({ kind, subject, tallies, latencies }: BenchResult): string {
  const summary = latencies.count === 0 ? undefined : latencies.summary(50, 90, 99);
  const rows = [...tallies, totalOf(tallies)].map((tally, i) => ({
    bench: kind,
    subject: `"${subject.replaceAll('"', '""')}"`,
    client: i < tallies.length ? i + 1 : "all",
    ...fieldsOf(tally),
    ...Object.fromEntries(
      ["min", "avg", "p50", "p90", "p99", "max"].map((name) => [
        `latency_${name}_ms`,
        i < tallies.length ? "" : (summary?.[name] ?? ""),
      ]),
    ),
  }));
  return [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))]
    .map((row) => `${row.join(",")}\n`)
    .join("");
}

function fieldsOf(tally: Tally): object {
  const { seconds, messagesPerSecond, bytesPerSecond } = ratesOf(tally);
  return {
    messages: tally.messages,
    bytes: tally.bytes,
    seconds: Math.round(seconds * 1e6) / 1e6,
    messages_per_second: messagesPerSecond,
    bytes_per_second: bytesPerSecond,
  };
}

/** Draws how many latencies were in each range, one line for each. */
function histogram(latencies: Latencies): readonly string[] {
  const ranges = latencies.ranges(ROWS);
  const most = Math.max(...ranges.map(({ count }) => count));
  return ranges.map(({ to, count }) => {
    const eighths = Math.ceil((count / most) * COLUMNS * 8);
    const bar = `${"█".repeat(Math.floor(eighths / 8))}${BLOCKS[eighths % 8]}`;
    return `${`≤ ${formatMilliseconds(to)}`.padStart(14)} ${bar.padEnd(COLUMNS)} ${formatNumber(count)}`;
  });
}
