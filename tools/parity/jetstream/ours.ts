// SPDX-License-Identifier: Apache-2.0
import { type ServerModule, serve, VirtualClock } from "@natswire/node";
import { type Accepted, accepted } from "./accepted.ts";
import { differencesOf } from "./difference.ts";
import { play, type Target } from "./play.ts";
import { readRecording } from "./recording.ts";
import { scriptsFor, type Theme } from "./script.ts";

/** Starts an embedded server with JetStream, whose time passes only in `wait`. */
async function start(jetstream: ServerModule): Promise<Target & { stop(): Promise<void> }> {
  const clock = new VirtualClock(Date.UTC(2026, 11, 1));
  const server = await serve({ port: 0, clock, jetstream });
  return {
    port: server.port,
    wait: async (milliseconds) => clock.pass(milliseconds),
    quiet: 0,
    stop: () => server.close(),
  };
}

/**
 * Plays a script on JetStream in memory, beside what nats-server 2.11 did. Returns the differences that are not accepted.
 *
 * @param occurred gets the accepted ones
 */
export async function differences(
  jetstream: ServerModule,
  theme: Theme,
  title: string,
  occurred: Set<Accepted> = new Set(),
): Promise<string[]> {
  const recorded = readRecording(theme, "2.11").scripts[title]!;
  const server = await start(jetstream);
  const played = await play(scriptsFor(theme, "2.11")[title]!, server, recorded).finally(() => server.stop());
  const lines = differencesOf(recorded, played).map((line) => `${theme.about}: ${title}: ${line}`);
  return lines.filter((line) => {
    const known = accepted.find(({ lines }) => lines.test(line));
    if (known !== undefined) occurred.add(known);
    return known === undefined;
  });
}
