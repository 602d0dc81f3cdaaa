// SPDX-License-Identifier: Apache-2.0
import { connect } from "node:net";
import { tokenAuthorizer } from "@natswire/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Target } from "../src/play.ts";
import { type Pair, start, stop, version } from "../src/targets.ts";

let pair: Pair;
beforeAll(async () => {
  pair = await start({ ours: { authorize: tokenAuthorizer("t") }, real: "authorization { token: t }" });
});
afterAll(() => stop(pair));

/** The type of each field, in the order in which they come. */
async function greeting({ port }: Target): Promise<[name: string, type: string][]> {
  const socket = connect(port, "127.0.0.1");
  let line = "";
  for await (const chunk of socket) {
    line += chunk;
    if (line.endsWith("\n")) break;
  }
  const info = JSON.parse(line.replace(/^INFO /, "")) as Record<string, unknown>;
  return Object.entries(info).map(([name, value]) => [name, typeof value]);
}

// A nonce goes to everybody who has to be let in, since a function of the program's own may want it signed. The address
// of a client is not known to a machine without sockets; what was built when, and JetStream's level and the key for
// callouts belong to the real server.
const onlyOurs = ["nonce"];
const onlyTheirs = ["client_ip", "git_commit", "api_lvl", "xkey"];

it(`INFO has the fields of nats-server ${version} in its order, each with its type`, async () => {
  const [ours, real] = await Promise.all([greeting(pair.ours), greeting(pair.real)]);
  expect(ours.filter(([name]) => !onlyOurs.includes(name))).toEqual(
    real.filter(([name]) => !onlyTheirs.includes(name)),
  );
  expect(ours.filter(([name]) => onlyTheirs.includes(name))).toEqual([]);
  expect(real.filter(([name]) => onlyOurs.includes(name))).toEqual([]);
});
