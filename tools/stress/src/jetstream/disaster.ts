// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../../testkit/random.ts";
import type { TcpProxy } from "../../../testkit/tcp-proxy.ts";
import { injectFault } from "../fault.ts";
import type { Ledger } from "./ledger.ts";
import type { DurableServer } from "./server.ts";

// Milliseconds.
const OUTAGE = 700;
// A killed server is down for at least the first time: longer than a proxy holds what the server sent before.
const [LEAST_DOWN, MOST_DOWN] = [200, 2000];

/** What a disaster can happen to. */
export interface Scene {
  readonly random: Random;
  readonly server: DurableServer;
  readonly proxies: readonly TcpProxy[];
  readonly ledger: Ledger;
}

const disasters = {
  /** Kills the server, and starts it again with the same store. */
  async kill({ random, server, ledger }: Scene) {
    await server.kill();
    await sleep(LEAST_DOWN + random.below(MOST_DOWN - LEAST_DOWN));
    ledger.killed();
    await server.start();
  },
  /** Refuses the connections of all clients for 700 ms. */
  async outage({ proxies }: Scene) {
    for (const proxy of proxies) proxy.onConnection = (connection) => connection.reset();
    for (const proxy of proxies) proxy.reset();
    await sleep(OUTAGE);
    for (const proxy of proxies) proxy.onConnection = () => {};
  },
  /** Resets the connections of all clients. */
  async cut({ proxies }: Scene) {
    for (const proxy of proxies) proxy.reset();
  },
  /** Injects a fault into the connection of one client. */
  async fault({ random, proxies }: Scene) {
    await injectFault(random.pick(proxies), random);
  },
} satisfies Record<string, (scene: Scene) => Promise<void>>;

export type Disaster = keyof typeof disasters;

/** How often each disaster happens, relative to the others. */
const weights: readonly (readonly [number, Disaster])[] = [
  [2, "kill"],
  [2, "outage"],
  [1, "cut"],
  [5, "fault"],
];

/** Draws a disaster and lets it happen. Resolves to its name after it is over. */
export async function strike(scene: Scene): Promise<Disaster> {
  const disaster = scene.random.weighted(weights);
  await disasters[disaster](scene);
  return disaster;
}
