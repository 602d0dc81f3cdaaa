// SPDX-License-Identifier: Apache-2.0
import { jetstream } from "@natswire/jetstream-server";
import { serve, VirtualClock } from "@natswire/node";
import { describe, expect, it } from "vitest";
import { type Accepted, accepted } from "../jetstream/accepted.ts";
import { differencesOf } from "../jetstream/difference.ts";
import { play, type Target } from "../jetstream/play.ts";
import { readRecording } from "../jetstream/recording.ts";
import { scriptsFor } from "../jetstream/script.ts";
import { themes } from "../jetstream/scripts/index.ts";

const occurred = new Set<Accepted>();

/** Starts an embedded server with JetStream, whose time passes only in `wait`. */
async function startOurs(): Promise<Target & { stop(): Promise<void> }> {
  const clock = new VirtualClock(Date.UTC(2026, 11, 1));
  const server = await serve({ port: 0, clock, jetstream: jetstream() });
  return {
    port: server.port,
    wait: async (milliseconds) => clock.pass(milliseconds),
    quiet: 0,
    stop: () => server.close(),
  };
}

/** Notes that an accepted difference occurred. Returns whether the line is one. */
function isAccepted(line: string): boolean {
  const known = accepted.find(({ lines }) => lines.test(line));
  if (known !== undefined) occurred.add(known);
  return known !== undefined;
}

describe.each(themes.map((theme) => [theme.about, theme] as const))(
  "JetStream beside its recordings: %s",
  (_, theme) => {
    const { scripts } = readRecording(theme, "2.11");
    it.each(Object.entries(scriptsFor(theme, "2.11")))("%s", async (title, steps) => {
      const ours = await startOurs();
      const played = await play(steps, ours, scripts[title]!).finally(() => ours.stop());
      const lines = differencesOf(scripts[title]!, played).map((line) => `${theme.about}: ${title}: ${line}`);
      expect(lines.filter((line) => !isAccepted(line))).toEqual([]);
    });
  },
);

it("lists no difference in jetstream/accepted.ts that does not occur", () => {
  expect(accepted.filter((one) => !occurred.has(one)).map(({ name }) => name)).toEqual([]);
});
