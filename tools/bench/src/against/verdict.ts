// SPDX-License-Identifier: Apache-2.0
import type { Result } from "../race.ts";

/** The times of two builds in one row. The ratio of `after` is its speed relative to `before`. */
export interface AgainstRow {
  readonly row: string;
  readonly before: Result;
  readonly after: Result;
}

/** The lowest ratio that passes: at most 5 % more time. */
export const ENOUGH = 1 / 1.05;

/** Returns the rows that are more than 5 % slower than before. */
export function slower(rows: readonly AgainstRow[]): AgainstRow[] {
  return rows.filter(({ after }) => after.ratio < ENOUGH);
}

/** Formats a table of ratios with quartiles and nanoseconds per message, and the number of slower rows. */
export function report(rows: readonly AgainstRow[]): string {
  const failed = slower(rows);
  const lines = rows.map((one) => {
    const { row, before, after } = one;
    const note = failed.includes(one) ? " (slower)" : "";
    const ratio = `**${after.ratio.toFixed(2)}x**${note} ${after.low.toFixed(2)}–${after.high.toFixed(2)}`;
    return `| ${row} | ${ratio} | ${before.ns.toFixed(1)} ns | ${after.ns.toFixed(1)} ns |`;
  });
  const names = failed.map(({ row }) => `\n  ${row}`).join("");
  const verdict = `${failed.length} of ${rows.length} rows more than 5 % slower${names}`;
  return ["| row | times as fast | before | after |", "|---|---:|---:|---:|", ...lines, "", verdict].join("\n");
}
