// SPDX-License-Identifier: Apache-2.0
import type { Row } from "./report.ts";

const WORKLOADS = ["parse scan 16 B", "parse frame 16 B", "parse frame 1 KB", "encode 16 B", "encode 1 KB"];

const WIDTH = 860;
const HEIGHT = 390;
const PLOT = { left: 48, right: 736, top: 56, bottom: 316 };
const BAR = 30;
// Between two lines of the grid, in times as fast.
const STEP = 5;

const STYLE = `<style>
text{font:12px system-ui,sans-serif;fill:#1f2328}.t{font-size:15px}.v{font-size:11px}
.m{text-anchor:middle}.e{text-anchor:end}.p{font-weight:600}
.bg{fill:#ffffff;stroke:#d0d7de}.grid{stroke:#d0d7de}.one{stroke:#cf222e;stroke-width:2;stroke-dasharray:6 4}
.b0{fill:#2f6f2d}.b1{fill:#7fc36b}.b2{fill:#e8903f}.b3{fill:#5470c6}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3}.bg{fill:#0d1117;stroke:#3d444d}.grid{stroke:#30363d}.one{stroke:#ff7b72}
.b0{fill:#4c9a49}.b1{fill:#a5dd94}.b2{fill:#f0a35e}.b3{fill:#7f9bf0}
}
</style>`;

/** Draws the speed relative to the official client, as SVG: a group of bars per workload, a bar per runtime. */
export function chart(rows: readonly Row[], runtimes: readonly string[]): string {
  const charted = WORKLOADS.flatMap((name) => rows.filter(({ workload }) => workload === name));
  const ratios = charted.flatMap(({ results }) => results.map(({ result }) => result.ratio));
  const limit = Math.ceil(Math.max(...ratios) / STEP) * STEP;
  const y = (ratio: number): number => rounded(PLOT.bottom - (ratio / limit) * (PLOT.bottom - PLOT.top));
  const line = (style: string, ratio: number): string =>
    `<path class="${style}" d="M${PLOT.left} ${y(ratio)}H${PLOT.right}"/>`;
  const grid = Array.from({ length: limit / STEP + 1 }, (_, i) => i * STEP).map(
    (ratio) => `${line("grid", ratio)}${text(PLOT.left - 8, y(ratio) + 4, `${ratio}x`, "e")}`,
  );
  const groupWidth = (PLOT.right - PLOT.left) / charted.length;
  const groups = charted.flatMap(({ workload, results }, group) => {
    const center = PLOT.left + (group + 0.5) * groupWidth;
    const bars = results.map(({ result: { ratio } }, i) => {
      const x = rounded(center + (i - results.length / 2) * BAR);
      const bar = `<rect class="b${i}" x="${x + 1}" y="${y(ratio)}" width="${BAR - 2}" height="${rounded(PLOT.bottom - y(ratio))}"/>`;
      return `${bar}${text(x + BAR / 2, y(ratio) - 5, ratio.toFixed(1), "m v")}`;
    });
    return [...bars, text(center, PLOT.bottom + 18, workload, "m")];
  });
  const legend = runtimes.map((name, i) => {
    const x = PLOT.left + 60 + i * 150;
    return `<rect class="b${i}" x="${x}" y="${HEIGHT - 34}" width="14" height="14" rx="2"/>${text(x + 20, HEIGHT - 22, name)}`;
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">`,
    STYLE,
    `<rect class="bg" x=".5" y=".5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8"/>`,
    text(WIDTH / 2, 30, "times as fast as nats-core 3.4", "m t"),
    ...grid,
    ...groups,
    line("one", 1),
    text(PLOT.right + 8, y(1) + 4, "nats-core = 1x", "p"),
    ...legend,
    "</svg>",
  ].join("\n")}\n`;
}

function text(x: number, y: number, content: string, style = ""): string {
  const attribute = style === "" ? "" : ` class="${style}"`;
  return `<text x="${rounded(x)}" y="${rounded(y)}"${attribute}>${content}</text>`;
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}
