// SPDX-License-Identifier: Apache-2.0
import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Row } from "./report.ts";

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const charted = ["parse scan 16 B", "parse frame 16 B", "parse frame 1 KB", "encode 16 B", "encode 1 KB"];

/** Draws the speed relative to the official client, as SVG: a group of bars per workload, a bar per runtime. */
export function chart(rows: readonly Row[], runtimes: readonly string[]): string {
  const picked = charted.flatMap((name) => rows.filter(({ workload }) => workload === name));
  const drawing = init(null, null, { renderer: "svg", ssr: true, width: 860, height: 380 });
  drawing.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    color: ["#3c873a", "#7fc36b", "#f0a35e", "#5470c6"],
    title: {
      text: "times as fast as nats-core 3.4",
      left: "center",
      textStyle: { fontSize: 15, fontWeight: "normal" },
    },
    legend: { bottom: 6, itemGap: 44 },
    grid: { left: 40, right: 20, top: 46, bottom: 66 },
    xAxis: { type: "category", data: picked.map(({ workload }) => workload), axisTick: { show: false } },
    yAxis: { type: "value", axisLabel: { formatter: "{value}x" } },
    series: runtimes.map((name, i) => ({
      name,
      type: "bar" as const,
      data: picked.map(({ results }) => Number(results[i]!.result.ratio.toFixed(1))),
      label: { show: true, position: "top", fontSize: 10 },
    })),
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return `${svg}\n`;
}
