// SPDX-License-Identifier: Apache-2.0
import { tokenAuthorizer, userAuthorizer } from "@natswire/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RawClient } from "../../testkit/raw-client.ts";
import type { Target } from "../src/play.ts";
import { type Pair, start, stop, version } from "../src/targets.ts";

let pair: Pair;
beforeAll(async () => {
  pair = await start({ ours: { authorize: tokenAuthorizer("t") }, real: "authorization { token: t }" });
});
afterAll(() => stop(pair));

async function infoOf(port: number): Promise<Record<string, unknown>> {
  const client = new RawClient(port);
  const info = await client.info();
  client.socket.destroy();
  return info;
}

/** Returns the fields of INFO with their types, in order. */
async function infoFields({ port }: Target): Promise<[name: string, type: string][]> {
  return Object.entries(await infoOf(port)).map(([name, value]) => [name, typeof value]);
}

// The embedded server sends a nonce whenever it requires credentials: an authorizer may want it signed. The other fields describe the build, JetStream and auth callouts of the real server.
const onlyOurs = ["nonce"];
const onlyTheirs = ["git_commit", "api_lvl", "xkey"];

it(`sends INFO with the fields of nats-server ${version}, in order and by type`, async () => {
  const [ours, real] = await Promise.all([infoFields(pair.ours), infoFields(pair.real)]);
  expect(ours.filter(([name]) => !onlyOurs.includes(name))).toEqual(
    real.filter(([name]) => !onlyTheirs.includes(name)),
  );
  expect(ours.filter(([name]) => onlyTheirs.includes(name))).toEqual([]);
  expect(real.filter(([name]) => onlyOurs.includes(name))).toEqual([]);
});

it(`sends the client's IP address in INFO, as nats-server ${version} does`, async () => {
  const [ours, real] = await Promise.all([infoOf(pair.ours.port), infoOf(pair.real.port)]);
  expect(ours["client_ip"]).toBe("127.0.0.1");
  expect(ours["client_ip"]).toBe(real["client_ip"]);
});

it(`does not require credentials in INFO with a user for clients without any, as nats-server ${version}`, async () => {
  const users = [{ user: "guest", password: "g" }];
  const guests = await start({
    ours: { authorize: userAuthorizer(users, { noAuthUser: "guest" }) },
    real: `authorization { users: ${JSON.stringify(users)} }\nno_auth_user: guest`,
  });
  const [ours, real] = await Promise.all([infoOf(guests.ours.port), infoOf(guests.real.port)]);
  await stop(guests);
  expect([ours["auth_required"], real["auth_required"]]).toEqual([undefined, undefined]);
});
