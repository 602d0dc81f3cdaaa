// SPDX-License-Identifier: Apache-2.0
import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Row } from "./report.ts";

use([BarChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

const AXIS = "#dbdee4";
const BACKGROUND = "#ffffff";
/** The colours of a dark page. */
const dark = `<style>@media (prefers-color-scheme: dark) {
rect[fill="${BACKGROUND}"] { fill: #0d1117 } text { fill: #c9d1d9; stroke: none } path[stroke="${AXIS}"] { stroke: #30363d }
}</style>`;

const charted = ["parse scan 16 B", "parse frame 16 B", "parse frame 1 KB", "encode 16 B", "encode 1 KB"];

/** The line of the official client's speed. */
const peerLine = {
  silent: true,
  symbol: "none",
  lineStyle: { color: "#d1242f", type: "dashed" as const, width: 1.5 },
  label: { formatter: "nats-core 1x", position: "end" as const, fontSize: 10, color: "#d1242f" },
  data: [{ yAxis: 1 }],
};

/** Draws the speed relative to the official client, as SVG: a group of bars per workload, a bar per runtime, a line at 1x. */
export function chart(rows: readonly Row[], runtimes: readonly string[]): string {
  const picked = charted.flatMap((name) => rows.filter(({ workload }) => workload === name));
  const drawing = init(null, null, { renderer: "svg", ssr: true, width: 860, height: 380 });
  drawing.setOption({
    animation: false,
    backgroundColor: BACKGROUND,
    color: ["#3c873a", "#7fc36b", "#f0a35e", "#5470c6"],
    title: {
      text: "codec: times as fast as nats-core 3.4",
      left: "center",
      textStyle: { fontSize: 15, fontWeight: "normal" },
    },
    legend: { bottom: 6, itemGap: 44 },
    grid: { left: 40, right: 70, top: 46, bottom: 66 },
    xAxis: { type: "category", data: picked.map(({ workload }) => workload), axisTick: { show: false } },
    yAxis: { type: "value", axisLabel: { formatter: "{value}x" }, splitLine: { lineStyle: { color: AXIS } } },
    series: runtimes.map((name, i) => ({
      name,
      type: "bar" as const,
      data: picked.map(({ results }) => Number(results[i]!.result.ratio.toFixed(1))),
      label: { show: true, position: "top", fontSize: 10 },
      ...(i === 0 ? { markLine: peerLine } : {}),
    })),
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return `${svg.replace(">", `>\n${dark}`)}\n`;
}
