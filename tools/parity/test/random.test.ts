// SPDX-License-Identifier: Apache-2.0

import { type Permissions, type User, userAuthorizer } from "@natswire/node";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differences } from "../differences.ts";
import { play } from "../src/play.ts";
import { type Conversation, conversations, conversationsOfUsers, type Op, steps } from "../src/random.ts";
import { type Pair, start, stop, version } from "../src/targets.ts";

const times = Math.max(1, Number(process.env["NATSWIRE_RUNS"] ?? 1));
const seed = Number(process.env["NATSWIRE_SEED"] ?? 20_261_125);
const CONVERSATIONS = 250;

/** Returns the operations before the first one after which the servers may differ. */
function common(ops: readonly Op[]): readonly Op[] {
  const apart = ops.findIndex(([, text]) => differences.some(({ random }) => random?.test(text)));
  return apart < 0 ? ops : ops.slice(0, apart);
}

/** Plays random conversations on both servers. Returns the number of steps. */
async function compare(on: Pair, arbitrary: fc.Arbitrary<Conversation>): Promise<number> {
  let played = 0;
  const alike = fc.asyncProperty(arbitrary, async ({ connects, ops }) => {
    const script = steps([...connects, ...common(ops)]);
    played += script.length;
    const [real, ours] = await Promise.all([play(script, on.real), play(script, on.ours)]);
    expect(ours).toEqual(real);
  });
  await fc.assert(alike, { numRuns: CONVERSATIONS * times, seed });
  return played;
}

describe("the embedded server", () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await start({});
  });
  afterAll(() => stop(pair));

  it(`answers ${CONVERSATIONS * times} random conversations like nats-server ${version}`, async () => {
    expect(await compare(pair, conversations())).toBeGreaterThan(3000 * times);
  });
});

// Of entries that cover one pattern, all or none name a queue group if they deny it. What is allowed has no *, and what is
// denied no wildcard. The rest is in the table of differences.
const users: readonly (User & { readonly permissions: Permissions })[] = [
  {
    user: "a",
    password: "a",
    permissions: { subscribe: { allow: ["a", "a.>", "b x", "b.> x.*", "r.>"], deny: ["a.b", "a.a x", "b.a x.b"] } },
  },
  {
    user: "b",
    password: "b",
    permissions: {
      publish: { allow: ["a", "b.>"], deny: ["b.a"] },
      subscribe: { deny: ["a.b", "b.a", "b.b.a", "b x", "a.a z"] },
      allowResponses: true,
    },
  },
  {
    user: "c",
    password: "c",
    permissions: { publish: { deny: ["r.*", "a.>"] }, allowResponses: { max: 2, expires: 60_000 } },
  },
];

/** Returns the users with the names that nats-server has for their permissions. */
function realUsers(): object[] {
  return users.map(({ permissions: { allowResponses, ...lists }, ...user }) => {
    const responses = typeof allowResponses === "object" ? { max: allowResponses.max, expires: "60s" } : allowResponses;
    return { ...user, permissions: { ...lists, ...(responses && { allow_responses: responses }) } };
  });
}

describe("the embedded server with permissions", () => {
  let pair: Pair;
  beforeAll(async () => {
    const real = `authorization { users: ${JSON.stringify(realUsers())} }`;
    pair = await start({ ours: { authorize: userAuthorizer(users) }, real });
  });
  afterAll(() => stop(pair));

  it(`answers ${CONVERSATIONS * times} random conversations like nats-server ${version}`, async () => {
    expect(await compare(pair, conversationsOfUsers())).toBeGreaterThan(1000 * times);
  });
});
