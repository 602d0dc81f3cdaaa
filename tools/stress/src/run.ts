// SPDX-License-Identifier: Apache-2.0
import { makeCertificates } from "../../testkit/certificates.ts";
import { type FaultKind, kinds } from "./fault.ts";
import { Fixture } from "./fixture.ts";
import { runLink } from "./link.ts";
import type { Totals } from "./self-publisher.ts";
import { sum } from "./totals.ts";

// As many as one process can drive without being late itself. Every other one uses TLS.
const LINKS = 4;

/** The results of all links. */
export interface Summary extends Totals {
  readonly faults: number;
  /** The number of faults of each kind. */
  readonly kinds: Readonly<Record<FaultKind, number>>;
  readonly zombies: number;
  readonly broken: readonly string[];
  readonly seconds: number;
}

/** Injects faults into links to two real nats-servers, one of which uses TLS. The seed decides which faults. */
export async function run(faults: number, seed: number): Promise<Summary> {
  const began = performance.now();
  const certificates = makeCertificates();
  const fixtures: Fixture[] = [];
  try {
    fixtures.push(await Fixture.open(), await Fixture.open(certificates));
    const each = Math.ceil(faults / LINKS);
    const links = Array.from({ length: LINKS }, (_, i) =>
      runLink(fixtures[i % 2]!, `self.${i}`, each, seed * LINKS + i),
    );
    const results = await Promise.all(links);
    const broken = results.flatMap((one) => one.broken);
    for (const [at, fixture] of fixtures.entries()) {
      broken.push(...(await fixture.broken(results.filter((_, i) => i % 2 === at))));
    }
    const injected = results.flatMap((one) => one.kinds);
    return {
      faults: injected.length,
      kinds: countKinds(injected),
      zombies: results.reduce((total, one) => total + one.zombies, 0),
      ...sum(results),
      broken,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    for (const fixture of fixtures) await fixture.close();
    certificates.remove();
  }
}

function countKinds(injected: readonly FaultKind[]): Record<FaultKind, number> {
  const counts = kinds.map((kind) => [kind, injected.filter((one) => one === kind).length]);
  return Object.fromEntries(counts) as Record<FaultKind, number>;
}
