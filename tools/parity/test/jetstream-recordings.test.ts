// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { differencesOf } from "../jetstream/difference.ts";
import { play } from "../jetstream/play.ts";
import { readRecording } from "../jetstream/recording.ts";
import { type Release, type Step, scriptsFor, type Theme } from "../jetstream/script.ts";
import { themes } from "../jetstream/scripts/index.ts";
import { release, startReal, version } from "../jetstream/target.ts";

const named = (on: Release): (readonly [name: string, theme: Theme, title: string, steps: readonly Step[]])[] =>
  themes.flatMap((theme) =>
    Object.entries(scriptsFor(theme, on)).map(
      ([title, steps]) => [`${theme.about}: ${title}`, theme, title, steps] as const,
    ),
  );
// Every script without a wait, in theme order; of these, about 30 at equal distances.
const quick = named(release).filter(([, , , steps]) => steps.every((step) => !("wait" in step)));
const sample = quick.filter((_, i) => i % Math.floor(quick.length / 30) === 0);

describe("the recordings of JetStream", () => {
  it("has at least 500 scripts with unique names", () => {
    const names = named("current").map(([name]) => name);
    expect(names.length).toBeGreaterThanOrEqual(500);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(["2.9", "2.11", "current"] as const)("has the steps of every script (%s)", (on) => {
    for (const theme of themes) {
      const recorded = Object.entries(readRecording(theme, on).scripts).map(
        ([title, transcript]) => [title, transcript.map((step) => step.do)] as const,
      );
      const scripts = JSON.parse(JSON.stringify(scriptsFor(theme, on)));
      expect(Object.fromEntries(recorded), `record it: npm run prove -- recordings`).toEqual(scripts);
    }
  });
});

describe(`nats-server ${version}`, () => {
  it.concurrent.each(sample)("does what was recorded: %s", async (_, theme, title, steps) => {
    const recorded = readRecording(theme, release).scripts[title]!;
    const server = await startReal();
    const played = await play(steps, server, recorded).finally(() => server.stop());
    expect(differencesOf(recorded, played)).toEqual([]);
  });
});
