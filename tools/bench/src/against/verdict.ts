// SPDX-License-Identifier: Apache-2.0
import type { Result } from "../race.ts";

/** How the two builds did in one row; the ratio of `after` says how many times as fast it is. */
export interface AgainstRow {
  readonly row: string;
  readonly before: Result;
  readonly after: Result;
}

/** The lowest ratio that passes: at most 5 % more time. */
export const ENOUGH = 1 / 1.05;

/** The rows that are more than 5 % slower than before. */
export function slower(rows: readonly AgainstRow[]): AgainstRow[] {
  return rows.filter(({ after }) => after.ratio < ENOUGH);
}

/** A table of ratios with their quartiles and nanoseconds a message, and the verdict. */
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
