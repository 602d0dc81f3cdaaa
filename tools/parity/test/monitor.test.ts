// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { type Listener, type Server, serve, serveMonitor, userAuthorizer } from "@natswire/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startNatsServer } from "../../testkit/nats-server.ts";
import { RawClient } from "../../testkit/raw-client.ts";
import { release, version } from "../src/targets.ts";

type Data = Readonly<Record<string, unknown>>;

const users = [{ user: "ann", password: "s" }];
const configuration = `http: "127.0.0.1:-1"\nauthorization { users: ${JSON.stringify(users)} }`;
const clients: RawClient[] = [];
let ours: Server;
let real: RealServer;
let monitoring: Listener;

beforeAll(async () => {
  ours = await serve({ compat: release, authorize: userAuthorizer(users) });
  monitoring = await serveMonitor(ours);
  real = await startNatsServer(configuration);
  for (const { port } of [ours, real]) await play(port);
});

afterAll(async () => {
  for (const { socket } of clients) socket.destroy();
  await Promise.all([ours.close(), real.stop()]);
});

/** Connects three clients one after the other. Each waits until the server has handled what it sent. */
async function play(port: number): Promise<void> {
  const texts = {
    a: "SUB x 1\r\nPUB z 9\r\n123456789\r\n",
    b: "SUB x 1\r\nSUB y.* q 2\r\nUNSUB 2 7\r\nSUB gone 3\r\nUNSUB 3\r\n",
    c: "SUB z 1\r\nPUB q 2\r\n12\r\nHPUB y.1 12 14\r\nNATS/1.0\r\n\r\nok\r\nPUB x 3\r\n123\r\nPUB z 0\r\n\r\n",
  };
  for (const [name, text] of Object.entries(texts)) {
    const client = new RawClient(port);
    clients.push(client);
    await client.until("\r\n");
    // It is measured in whole seconds: `lang` would make nats-server send a PING.
    const options = { verbose: false, headers: name !== "b", name, version: "1", user: "ann", pass: "s" };
    client.send(`CONNECT ${JSON.stringify(options)}\r\n${text}PING\r\n`);
    await client.until("PONG\r\n");
  }
  // The last activity has another order than the first.
  for (const client of [1, 2, 0].map((i) => clients.slice(-3)[i]!)) {
    client.send("PUB last 0\r\n\r\nPING\r\n");
    await client.until("PONG\r\n");
  }
}

const fetchBoth = (path: string): Promise<Response[]> =>
  Promise.all([monitoring.url, real.monitoringUrl].map((url) => fetch(`${url}${path}`)));

/** Returns the answers of both. */
async function both(path: string): Promise<[ours: Data, real: Data]> {
  const [one, other] = await fetchBoth(path);
  return [(await one!.json()) as Data, (await other!.json()) as Data];
}

const connectionsOf = ({ connections }: Data): readonly Data[] => connections as Data[];
const namesOf = (data: Data): unknown[] => connectionsOf(data).map(({ name }) => name);
const typeOf = (value: unknown): string => (Array.isArray(value) ? "array" : typeof value);
const types = (data: Data): Data =>
  Object.fromEntries(Object.entries(data).map(([name, value]) => [name, typeOf(value)]));

/** The fields that the embedded server does not have, as the guide lists them. */
const missing = new Set(
  /^- \*\*Not in the answers\*\*:([\s\S]*?)\n- /m
    .exec(readFileSync("docs/server.md", "utf8"))?.[1]
    ?.match(/`\w+`/g)
    ?.map((name) => name.slice(1, -1)),
);

/** Checks that ours has the fields of the real one with their types, except for those that the guide lists. */
function expectSameFields(own: Data, theirs: Data): void {
  const known = Object.entries(types(theirs)).filter(([name]) => !missing.has(name));
  expect(types(own)).toEqual(Object.fromEntries(known));
}

describe(`monitoring, compared with nats-server ${version}`, () => {
  it("has the same fields in varz", async () => {
    const [own, theirs] = await both("/varz");
    expectSameFields(own, theirs);
  });

  it("has the same values in varz", async () => {
    const [own, theirs] = await both("/varz");
    const same = [
      "version",
      "proto",
      "host",
      "auth_required",
      "max_connections",
      "ping_interval",
      "ping_max",
      "auth_timeout",
    ];
    same.push(
      "max_payload",
      "max_pending",
      "connections",
      "in_msgs",
      "out_msgs",
      "in_bytes",
      "out_bytes",
      "slow_consumers",
    );
    same.push("http_host", "http_base_path", "https_port", "routes", "remotes", "leafnodes");
    for (const name of same) expect([name, own[name]]).toEqual([name, theirs[name]]);
  });

  it.each(["", "?auth=1&subs=1", "?auth=true&subs=detail", "?limit=2&offset=1"])(
    "has the same fields in connz%s",
    async (query) => {
      const [own, theirs] = await both(`/connz${query}`);
      expectSameFields(own, theirs);
      const [mine, other] = [connectionsOf(own), connectionsOf(theirs)];
      for (const [i, connection] of mine.entries()) expectSameFields(connection, other[i]!);
    },
  );

  it.each([
    "cid",
    "start",
    "subs",
    "pending",
    "msgs_to",
    "msgs_from",
    "bytes_to",
    "bytes_from",
    "uptime",
    "last",
    // 2.9 sorts by the time from the start to the last activity.
    ...(release === "2.9" ? [] : ["idle"]),
  ])("sorts connections by %s in the same order", async (sort) => {
    const [own, theirs] = await both(`/connz?sort=${sort}`);
    const key = { subs: "subscriptions", pending: "pending_bytes", msgs_to: "out_msgs", msgs_from: "in_msgs" }[sort];
    const bytes = { bytes_to: "out_bytes", bytes_from: "in_bytes" }[sort];
    const list = (data: Data): unknown[] => connectionsOf(data).map((one) => one[key ?? bytes ?? "name"]);
    expect(list(own)).toEqual(list(theirs));
  });

  it("has the same values in connz", async () => {
    const [own, theirs] = await both("/connz?auth=1&subs=detail");
    const same = [
      "kind",
      "type",
      "ip",
      "pending_bytes",
      "in_msgs",
      "out_msgs",
      "in_bytes",
      "out_bytes",
      "subscriptions",
    ];
    same.push("name", "version", "authorized_user", "account", "uptime", "idle");
    const values = (data: Data): unknown[] => connectionsOf(data).map((one) => same.map((name) => [name, one[name]]));
    expect(values(own)).toEqual(values(theirs));
    const details = (data: Data): unknown[] =>
      connectionsOf(data).map(({ subscriptions_list_detail: list }) =>
        (list as Data[]).map(({ cid, ...rest }) => JSON.stringify(rest)).sort(),
      );
    expect(details(own)).toEqual(details(theirs));
  });

  it.each(["user=ann&auth=1", "acc=$G", "limit=1", "offset=2", "offset=9", "limit=-1", "state=any"])(
    "selects the same connections with %s",
    async (query) => {
      const [own, theirs] = await both(`/connz?${query}`);
      expect([namesOf(own), own["total"]]).toEqual([namesOf(theirs), theirs["total"]]);
    },
  );

  it("has the same fields in subsz, and lists the same subscriptions", async () => {
    const [own, theirs] = await both("/subsz?subs=1");
    expectSameFields(own, theirs);
    const list = (data: Data): string[] =>
      (data["subscriptions_list"] as Data[])
        .filter(({ subject }) => !String(subject).startsWith("$SYS."))
        .map(({ cid, ...rest }) => JSON.stringify(rest))
        .sort();
    expect(list(own)).toEqual(list(theirs));
    const [mine, other] = await both("/subsz?subs=1&test=y.1");
    expect([mine["total"], list(mine)]).toEqual([other["total"], list(other)]);
  });

  it("answers with the same status and type", async () => {
    const queries = [
      "sort=size",
      "sort=stop",
      "sort=reason&state=any",
      "state=gone",
      "limit=x",
      "cid=x",
      "auth=maybe",
      "subs=all",
    ];
    const paths = [
      "/healthz",
      "/",
      "/nothing",
      "/subsz?test=*",
      "/subsz?subs=x",
      "/connz?unknown=1",
      "/connz?state=ALL",
    ];
    for (const path of [...paths, ...queries.map((query) => `/connz?${query}`)]) {
      const answers = await fetchBoth(path);
      const [own, theirs] = answers.map(({ status, headers }) => [path, status, headers.get("content-type")]);
      expect(own).toEqual(theirs);
    }
  });

  it("describes closed connections with the same fields", async () => {
    for (const { port } of [ours, real]) {
      const client = new RawClient(port);
      client.send('CONNECT {"user":"ann","pass":"s","name":"closed"}\r\n');
      await client.until("+OK\r\n");
      client.socket.end();
      await client.closed;
      const denied = new RawClient(port);
      denied.send('CONNECT {"user":"ann","pass":"wrong","name":"denied"}\r\n');
      await denied.closed;
    }
    await expect.poll(async () => (await both("/connz?state=closed")).map(({ total }) => total)).toEqual([2, 2]);
    const [own, theirs] = await both("/connz?state=closed&auth=1");
    const [mine, other] = [connectionsOf(own), connectionsOf(theirs)];
    for (const [i, connection] of mine.entries()) expectSameFields(connection, other[i]!);
    const reasons = (list: readonly Data[]): unknown[] => list.map(({ name, reason }) => [name, reason]);
    expect(reasons(mine)).toEqual(reasons(other));
  });

  it("has the same health in lame duck mode", async () => {
    void ours.lameDuck();
    real.lameDuck();
    const statuses = async (): Promise<number[]> => (await fetchBoth("/healthz")).map(({ status }) => status);
    const expected = release === "2.9" ? 503 : 500;
    await expect.poll(statuses).toEqual([503, expected]);
    const [own, theirs] = await both("/healthz");
    expectSameFields(own, theirs);
    expect([own["status"], theirs["status"]]).toEqual(["error", "error"]);
  });
});
