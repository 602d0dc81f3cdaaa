// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { LinkWatch } from "./link-watch.ts";
import { type RouteConfig, routeConfigs, Topology } from "./topology.ts";
import { Traffic } from "./traffic.ts";

// What must have crossed before a run ends.
const VERBS = ["RS+", "RS-", "LS+", "LS-", "RMSG", "HMSG", "LMSG", "INFO", "CONNECT", "PING", "PONG"].map(
  (verb) => `route ${verb}`,
);
const OTHERS = ["leaf LS+", "leaf LS-", "leaf LMSG", "leaf HMSG", "gateway RS+", "gateway RMSG", "gateway HMSG"];
// Rounds of traffic after which it is not expected any more.
const MOST_ROUNDS = 500;
// Times 10 milliseconds.
const TRIES = 1000;

/** The results of a run. */
export interface Summary {
  readonly minutes: number;
  readonly connections: number;
  /** Connections of a route that are for one account. */
  readonly pinned: number;
  readonly frames: number;
  readonly bytes: number;
  readonly published: number;
  readonly received: number;
  /** The kinds of frames that crossed, with their number. */
  readonly verbs: Readonly<Record<string, number>>;
  /** Frames that were written in other bytes for a known reason, with their number. */
  readonly spellings: Readonly<Record<string, number>>;
  readonly broken: readonly string[];
}

/**
 * Sends mixed traffic through a cluster, a leafnode and a gateway, decodes all that the servers send each other, and compares it
 * with what the encoders write. Each kind of frame must cross.
 *
 * @param minutes how long at least; the time is divided among the configurations
 */
export async function watchLinks(minutes: number, seed: number): Promise<Summary> {
  const configs = routeConfigs();
  const summaries: Summary[] = [];
  for (const [i, config] of configs.entries())
    summaries.push(await watchOne(minutes / configs.length, seed + i, config));
  return summaries.reduce((sum, one) => ({
    minutes,
    connections: sum.connections + one.connections,
    pinned: sum.pinned + one.pinned,
    frames: sum.frames + one.frames,
    bytes: sum.bytes + one.bytes,
    published: sum.published + one.published,
    received: sum.received + one.received,
    verbs: added(sum.verbs, one.verbs),
    spellings: added(sum.spellings, one.spellings),
    broken: [...sum.broken, ...one.broken],
  }));
}

async function watchOne(minutes: number, seed: number, config: RouteConfig): Promise<Summary> {
  const watch = new LinkWatch();
  const topology = await Topology.open(watch, config);
  try {
    await reached(`${topology.links} connections`, () => watch.connections >= topology.links);
    const traffic = await Traffic.open(topology.servers, seed);
    const until = performance.now() + minutes * 60_000;
    const isMissing = (verb: string): boolean => !watch.verbs.has(verb);
    for (let rounds = 0; watch.broken.length === 0; rounds++) {
      if (performance.now() >= until && (rounds > MOST_ROUNDS || ![...VERBS, ...OTHERS].some(isMissing))) break;
      await traffic.round();
    }
    await traffic.close();
    for (const verb of [...VERBS, ...OTHERS].filter(isMissing)) watch.broken.push(`no ${verb} crossed`);
    if (watch.broken.length === 0) await reached("the end of a frame on each connection", () => watch.isSettled());
    const { connections, pinned, frames, bytes, broken } = watch;
    const { published, received } = traffic;
    const [verbs, spellings] = [Object.fromEntries(watch.verbs), Object.fromEntries(watch.spellings)];
    return { minutes, connections, pinned, frames, bytes, published, received, verbs, spellings, broken };
  } finally {
    await topology.close();
  }
}

/** Resolves after something is true. @throws Error if it takes too long */
async function reached(what: string, isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    if (tries === TRIES) throw new Error(`waited too long for ${what}`);
    await sleep(10);
  }
}

function added(some: Summary["verbs"], others: Summary["verbs"]): Summary["verbs"] {
  const names = [...new Set([...Object.keys(some), ...Object.keys(others)])].sort();
  return Object.fromEntries(names.map((name) => [name, (some[name] ?? 0) + (others[name] ?? 0)]));
}
