// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";
import { startNatsServer } from "../../repo/nats-server.ts";
import { type Kind, kinds } from "./fault.ts";
import { lane, type Outcome } from "./lane.ts";
import { total } from "./sums.ts";
import type { Sums } from "./talker.ts";
import { Witness } from "./witness.ts";

// As many as one process can drive without being late itself.
const LANES = 4;

/** What became of all lanes. */
export interface Summary extends Sums {
  readonly faults: number;
  /** How often each of them happened. */
  readonly kinds: Readonly<Record<Kind, number>>;
  readonly zombies: number;
  readonly broken: readonly string[];
  readonly seconds: number;
}

/** So many faults before one real nats-server; the seed decides which. */
export async function run(faults: number, seed: number): Promise<Summary> {
  const began = performance.now();
  const server = await startNatsServer("");
  const witness = new Witness(await connect({ servers: `nats://127.0.0.1:${server.port}` }), "talk.*");
  try {
    await witness.client.flush();
    const each = Math.ceil(faults / LANES);
    const lanes = Array.from({ length: LANES }, (_, i) => lane(server.port, `talk.${i}`, each, seed * LANES + i));
    const outcomes = await Promise.all(lanes);
    await witness.client.flush();
    const broken = [...outcomes.flatMap((one) => one.broken), ...witness.broken, ...unseen(outcomes, witness)];
    const happened = outcomes.flatMap((one) => one.kinds);
    return {
      faults: happened.length,
      kinds: counted(happened),
      zombies: outcomes.reduce((sum, one) => sum + one.zombies, 0),
      ...total(outcomes),
      broken,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    await witness.client.close();
    await server.stop();
  }
}

/** What a talker heard of itself the server had: so did the witness. */
function unseen(outcomes: readonly Outcome[], { heard }: Witness): readonly string[] {
  return outcomes
    .filter((one) => (heard.get(one.subject) ?? 0) < one.heard || (heard.get(one.subject) ?? 0) > one.published)
    .map((one) => `${one.subject}: ${heard.get(one.subject)} relayed, ${one.heard} heard of ${one.published}`);
}

function counted(happened: readonly Kind[]): Record<Kind, number> {
  const times = kinds.map((kind) => [kind, happened.filter((one) => one === kind).length]);
  return Object.fromEntries(times) as Record<Kind, number>;
}
