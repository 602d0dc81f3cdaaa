// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { natsServerVersion, startJetStreamServer } from "../../testkit/nats-server.ts";
import type { Target } from "./play.ts";
import type { Release } from "./script.ts";

/** The version of the real server, and the release whose recordings it is compared with. */
export const version: string = natsServerVersion();
export const release: Release = version.startsWith("2.9.") ? "2.9" : version.startsWith("2.11.") ? "2.11" : "current";

// The system may not answer for some milliseconds while other scripts are played.
const QUIET = 40;

/** Returns a nats-server that runs already. */
export function running(port: number): Target {
  return { port, wait: (milliseconds) => sleep(milliseconds), quiet: QUIET };
}

/** Starts a nats-server without streams, for one script. */
export async function startReal(): Promise<Target & { stop(): Promise<void> }> {
  const server = await startJetStreamServer();
  return { ...running(server.port), stop: () => server.stop() };
}
