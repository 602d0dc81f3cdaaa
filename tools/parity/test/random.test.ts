// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { differences } from "../differences.ts";
import { play } from "../src/play.ts";
import { conversations, type Op, steps } from "../src/random.ts";
import { type Pair, start, stop, version } from "../src/targets.ts";

const times = Math.max(1, Number(process.env["NATSWIRE_RUNS"] ?? 1));
const seed = Number(process.env["NATSWIRE_SEED"] ?? 20_261_125);
const CONVERSATIONS = 250;

let pair: Pair;
beforeAll(async () => {
  pair = await start({});
});
afterAll(() => stop(pair));

/** Returns the operations before the first one after which the servers may differ. */
function common(ops: readonly Op[]): readonly Op[] {
  const apart = ops.findIndex(([, text]) => differences.some(({ random }) => random?.test(text)));
  return apart < 0 ? ops : ops.slice(0, apart);
}

it(`answers ${CONVERSATIONS * times} random conversations like nats-server ${version}`, async () => {
  let played = 0;
  const alike = fc.asyncProperty(conversations(), async ({ connects, ops }) => {
    const script = steps([...connects, ...common(ops)]);
    played += script.length;
    const [real, ours] = await Promise.all([play(script, pair.real), play(script, pair.ours)]);
    expect(ours).toEqual(real);
  });
  await fc.assert(alike, { numRuns: CONVERSATIONS * times, seed });
  expect(played).toBeGreaterThan(3000 * times);
});
