// SPDX-License-Identifier: Apache-2.0
import { putMarked } from "../../repo/marked.ts";
import { laws } from "./laws.ts";
import { type Rare, rare } from "./rare.ts";
import type { Summary } from "./run.ts";

const PAGE = "docs/results/simulation.md";

/** Writes the laws and the rare states into docs/results/simulation.md. */
export function write({ seeds, seen }: Summary): void {
  putMarked(PAGE, "sim-laws", lawTable());
  const rows = (Object.keys(rare) as Rare[]).map((state) => `| ${rare[state]} | ${seen.get(state) ?? 0} |`);
  putMarked(PAGE, "sim-rare", [`| state | number of ${seeds} seeds |`, "|---|---:|", ...rows].join("\n"));
}

/** Returns the laws as a table. */
export function lawTable(): string {
  return ["| law | |", "|---|---|", ...Object.entries(laws).map(([name, text]) => `| ${name} | ${text} |`)].join("\n");
}
