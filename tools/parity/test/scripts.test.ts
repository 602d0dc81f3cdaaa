// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differences, versionDifferences } from "../differences.ts";
import { themes } from "../scripts/index.ts";
import { transcriptFor } from "../src/difference.ts";
import { play } from "../src/play.ts";
import type { Script } from "../src/script.ts";
import { type Pair, release, start, stop, version } from "../src/targets.ts";

const entries = new Map(differences.flatMap(({ scripts }) => Object.entries(scripts)));
const releases = new Map(versionDifferences.flatMap(({ scripts }) => Object.entries(scripts)));

/** Plays a script on both servers. Their answers must be equal, or be those that the tables have for this script. */
async function compare(name: string, script: Script, on: Pair): Promise<void> {
  const [real, ours] = await Promise.all([play(script, on.real), play(script, on.ours)]);
  const entry = entries.get(name);
  const known = releases.get(name);
  if (known !== undefined) expect(real, `nats-server ${version}`).toEqual(transcriptFor(known, release));
  if (entry === undefined) return expect(ours).toEqual(real);
  const message = `the entry in tools/parity/differences.ts, nats-server ${version}`;
  expect({ ours, real }, message).toEqual({
    ours: transcriptFor(entry.ours, release),
    real: transcriptFor(entry.real, release),
  });
}

describe.each(themes.map((theme) => [theme.about, theme] as const))("%s", (about, theme) => {
  const scripts = Object.entries(theme.scripts);
  if (theme.alone) {
    it.concurrent.each(scripts)("%s", async (title, script) => {
      const pair = await start(theme);
      await compare(`${about}: ${title}`, script, pair).finally(() => stop(pair));
    });
    return;
  }
  let pair: Pair;
  beforeAll(async () => {
    pair = await start(theme);
  });
  afterAll(() => stop(pair));
  it.each(scripts)("%s", (title, script) => compare(`${about}: ${title}`, script, pair));
});
