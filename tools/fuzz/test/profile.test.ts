// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ci } from "../src/profile.ts";

const docs = join(import.meta.dirname, "../../../docs");
const reliability = readFileSync(join(docs, "reliability.md"), "utf8");
const [encoder, calls] = ["encoder", "session-calls"].map((target) => total("inputs", { technique: "T12", target }));

describe("the profile of npm test", () => {
  it.each([
    ["T1", `${total("inputs", { technique: "T1" })} inputs, and ${total("time", { technique: "T1" })} s with coverage`],
    ["T3", `${total("inputs", { technique: "T3" })} frames`],
    ["T5a", `, ${total("inputs", { technique: "T5" })} and 3,000 inputs`],
    ["T12", `${encoder} frames; ${calls} programs`],
  ])("has the amount that docs/reliability.md names for %s", (technique, amount) => {
    const row = new RegExp(`^\\| ${technique} \\|.*\\|(.*)\\|.*\\|$`, "m").exec(reliability);
    expect(row?.[1]).toContain(amount);
  });

  it("has the inputs that docs/fuzzing.md names", () => {
    const page = readFileSync(join(docs, "fuzzing.md"), "utf8");
    expect(page).toContain(`Every \`npm test\` runs ${total("inputs", { technique: "T5" })} inputs`);
  });
});

/** Returns the sum of a column of the steps that have these fields. */
function total(column: "inputs" | "time", fields: Partial<(typeof ci)[number]>): string {
  const steps = ci.filter((step) =>
    Object.entries(fields).every(([name, value]) => step[name as keyof typeof step] === value),
  );
  return steps.reduce((sum, step) => sum + (step[column] ?? 0), 0).toLocaleString("en");
}
