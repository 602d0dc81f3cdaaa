// SPDX-License-Identifier: Apache-2.0
import { makeCertificates } from "../../testkit/certificates.ts";
import { type Kind, kinds } from "./fault.ts";
import { Site } from "./fixture.ts";
import { lane } from "./link.ts";
import type { Sums } from "./self-publisher.ts";
import { total } from "./totals.ts";

// Every other one speaks TLS; as many as one process can drive without being late itself.
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

/** So many faults before two real nats-servers, one of which speaks TLS; the seed decides which. */
export async function run(faults: number, seed: number): Promise<Summary> {
  const began = performance.now();
  const certificates = makeCertificates();
  const sites: Site[] = [];
  try {
    sites.push(await Site.open(), await Site.open(certificates));
    const each = Math.ceil(faults / LANES);
    const lanes = Array.from({ length: LANES }, (_, i) => lane(sites[i % 2]!, `talk.${i}`, each, seed * LANES + i));
    const outcomes = await Promise.all(lanes);
    const broken = outcomes.flatMap((one) => one.broken);
    for (const [at, site] of sites.entries()) {
      broken.push(...(await site.broken(outcomes.filter((_, i) => i % 2 === at))));
    }
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
    for (const site of sites) await site.close();
    certificates.remove();
  }
}

function counted(happened: readonly Kind[]): Record<Kind, number> {
  const times = kinds.map((kind) => [kind, happened.filter((one) => one === kind).length]);
  return Object.fromEntries(times) as Record<Kind, number>;
}
