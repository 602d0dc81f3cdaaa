// SPDX-License-Identifier: Apache-2.0
import { type ServeOptions, serve } from "@natswire/node";
import { natsServerVersion, startNatsServer } from "../../testkit/nats-server.ts";
import type { Target } from "./play.ts";
import type { Theme } from "./script.ts";

/** A release that the embedded server can imitate: Debian's, or the current one. */
export type Release = NonNullable<ServeOptions["compat"]>;

/** The version of the real server. */
export const version: string = natsServerVersion();
export const release: Release = version.startsWith("2.9.") ? "2.9" : "2.14";

export interface Pair {
  readonly ours: Target;
  readonly real: Target;
}

/** Starts both servers with the configuration of a theme. The embedded one imitates the release of the real one. */
export async function start({ ours, real = "" }: Pick<Theme, "ours" | "real">): Promise<Pair> {
  const server = await serve({ compat: release, ...ours });
  const target = { port: server.port, lameDuck: () => void server.lameDuck(), stop: () => server.close() };
  return { ours: target, real: await startNatsServer(real) };
}

export async function stop({ ours, real }: Pair): Promise<void> {
  await Promise.all([ours.stop(), real.stop()]);
}
