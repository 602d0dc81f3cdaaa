// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from "vitest";
import { closing } from "../../../tools/testkit/closing.ts";
import {
  type Connz,
  type Monitor,
  monitor,
  pipe,
  type Server,
  type ServerOptions,
  serveClusterWith,
  serveWith,
  tokenAuthorizer,
  userAuthorizer,
  VirtualClock,
} from "../src/index.ts";
import { PipeClient } from "./pipe-client.ts";

let network: ReturnType<typeof pipe>;
let clock: VirtualClock;
let server: Server;
let monitored: Monitor;

async function start(options: ServerOptions = {}): Promise<void> {
  network = pipe();
  clock = new VirtualClock();
  server = await serveWith(network.listen, { clock, ...options });
  monitored = monitor(server);
}

beforeEach(() => start());

/** Connects a client with these fields in its CONNECT, and sends this text. */
async function client(connect: object = {}, text = ""): Promise<PipeClient> {
  const one = new PipeClient(network.dial, server.port);
  await one.exchange(`CONNECT ${JSON.stringify({ verbose: false, ...connect })}\r\n${text}`);
  return one;
}

const names = ({ connections }: Connz): unknown[] => connections.map(({ name }) => name);
const between = (from: string, to: string): number => Date.parse(to) - Date.parse(from);

describe("monitor", () => {
  it("returns the same monitor for the same server", () => {
    expect(monitor(server)).toBe(monitored);
  });

  it("rejects what is not an embedded server", () => {
    expect(() => monitor({} as Server)).toThrow("server must be a server that serve() started, not an object");
    expect(() => monitor(undefined as unknown as Server)).toThrow("not undefined");
  });
});

describe("healthz", () => {
  it("reports an error while all servers of a cluster are killed", async () => {
    const cluster = closing(await serveClusterWith(network.listen, 2));
    const [first, second] = cluster.servers;
    await first!.kill();
    expect(monitor(cluster).healthz()).toEqual({ status: "ok" });
    await second!.kill();
    const killed = { status: "error", error: "no server of the cluster is running" };
    expect(monitor(cluster).healthz()).toEqual(killed);
    await second!.restart();
    expect(monitor(cluster).healthz()).toEqual({ status: "ok" });
  });
});

describe("varz", () => {
  it("counts messages, their bytes, and connections that have gone", async () => {
    server.subscribe("a");
    const one = await client(
      { headers: true },
      "SUB a 1\r\nPUB a 5\r\nhello\r\nHPUB a 12 14\r\nNATS/1.0\r\n\r\nok\r\n",
    );
    server.publish("a", "xyz");
    expect(monitored.varz()).toMatchObject({ connections: 1, total_connections: 1, subscriptions: 2 });
    expect(monitored.varz()).toMatchObject({ in_msgs: 3, in_bytes: 22, out_msgs: 6, out_bytes: 44 });
    one.transport.abort();
    await one.receive();
    expect(monitored.varz()).toMatchObject({ connections: 0, total_connections: 1, subscriptions: 1 });
  });

  it("reports times of the server's clock", () => {
    clock.pass((((1 * 365 + 2) * 24 + 3) * 60 + 4) * 60_000 + 5_999);
    const { start, now, uptime, config_load_time } = monitored.varz();
    expect(uptime).toBe("1y2d3h4m5s");
    expect(between(start, now)).toBe(31_719_845_999);
    expect(config_load_time).toBe(start);
  });

  it.each([
    [999, "0s"],
    [60_000, "1m0s"],
    [86_400_000, "1d0h0m0s"],
  ])("reports an uptime of %i ms as %s", (milliseconds, text) => {
    clock.pass(milliseconds);
    expect(monitored.varz().uptime).toBe(text);
  });

  it("reports limits with the units of nats-server", async () => {
    await start({
      authTimeout: 1500,
      pingInterval: 20_000,
      maxSubscriptions: 7,
      maxPayload: 9,
      authorize: tokenAuthorizer("t"),
    });
    expect(monitored.varz()).toMatchObject({ auth_required: true, auth_timeout: 1.5, ping_interval: 20e9 });
    expect(monitored.varz()).toMatchObject({ max_subscriptions: 7, max_payload: 9, max_connections: 65_536 });
  });

  it("reports -1 for infinite limits, and leaves out what is not set", async () => {
    const infinity = Number.POSITIVE_INFINITY;
    await start({ maxConnections: infinity, pingInterval: infinity, maxPending: infinity });
    const data = JSON.parse(JSON.stringify(monitored.varz()));
    expect(data).toMatchObject({ max_connections: -1, ping_interval: -1, max_pending: -1 });
    for (const name of ["max_subscriptions", "auth_required", "tls_required", "connect_urls", "mem", "http_port"])
      expect(data).not.toHaveProperty(name);
  });

  it("reports advertised addresses and slow consumers", async () => {
    await start({ maxPending: 1000 });
    server.advertise(["10.0.0.1:4222"]);
    await client({}, "SUB a 1\r\n");
    server.connections[0]?.hold("msg");
    server.publish("a", "x".repeat(2000));
    expect(monitored.varz()).toMatchObject({ connect_urls: ["10.0.0.1:4222"], slow_consumers: 1 });
  });
});

describe("connz", () => {
  it("describes a connection", async () => {
    clock.pass(1000);
    await client({ name: "app", lang: "js", version: "1.2" }, "SUB a 1\r\nPUB a 2\r\nhi\r\n");
    clock.pass(65_000);
    const { connections, now, ...page } = monitored.connz();
    expect(page).toEqual({
      server_id: monitored.varz().server_id,
      num_connections: 1,
      total: 1,
      offset: 0,
      limit: 1024,
    });
    const { start: began, last_activity, ...data } = JSON.parse(JSON.stringify(connections[0]));
    expect([between(began, now), between(last_activity, now)]).toEqual([65_000, 65_000]);
    expect(data).toEqual({
      cid: 1,
      kind: "Client",
      type: "nats",
      ip: "",
      port: 0,
      rtt: "0ms",
      uptime: "1m5s",
      idle: "1m5s",
      pending_bytes: 0,
      in_msgs: 1,
      out_msgs: 1,
      in_bytes: 2,
      out_bytes: 2,
      subscriptions: 1,
      name: "app",
      lang: "js",
      version: "1.2",
    });
  });

  it("reports the last delivery as activity", async () => {
    await client({}, "SUB a 1\r\n");
    clock.pass(5000);
    server.publish("a");
    clock.pass(2000);
    expect(monitored.connz().connections[0]).toMatchObject({ idle: "2s", uptime: "7s" });
  });

  it("reports the round trip of CONNECT, and then of the last PING", async () => {
    const one = new PipeClient(network.dial, server.port);
    await one.receive();
    expect(monitored.connz().connections[0]?.rtt).toBeUndefined();
    clock.pass(3);
    await one.exchange("CONNECT {}\r\n");
    expect(monitored.connz().connections[0]?.rtt).toBe("3ms");
    await one.exchange("PONG\r\n"); // answers no PING
    expect(monitored.connz().connections[0]?.rtt).toBe("3ms");
    clock.pass(119_997);
    clock.pass(1.2345);
    await one.exchange("PONG\r\n");
    expect(monitored.connz().connections[0]?.rtt).toBe("1.235ms");
  });

  it("lists subscriptions if asked, as subjects or in detail", async () => {
    await client({}, "SUB a 1\r\nSUB b.* q 2\r\nUNSUB 2 5\r\nPUB a 0\r\n\r\n");
    const lists = (subs: boolean | "detail"): unknown[] => {
      const { subscriptions_list, subscriptions_list_detail } = monitored.connz({ subs }).connections[0]!;
      return [subscriptions_list, subscriptions_list_detail];
    };
    expect(lists(false)).toEqual([undefined, undefined]);
    expect(lists(true)).toEqual([["a", "b.*"], undefined]);
    const details = [
      { subject: "a", sid: "1", msgs: 1, cid: 1 },
      { subject: "b.*", qgroup: "q", sid: "2", msgs: 0, max: 5, cid: 1 },
    ];
    expect(lists("detail")).toEqual([undefined, details]);
  });

  it("names users and accounts if asked, and never a token", async () => {
    await start({ authorize: ({ user }) => (user === "ann" ? { account: "orders" } : {}) });
    await client({ user: "ann", pass: "s3cret" });
    await client({ auth_token: "s3cret" });
    const users = (auth: boolean): unknown[] =>
      monitored.connz({ auth }).connections.map(({ authorized_user, account }) => [authorized_user, account]);
    expect(users(false)).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(users(true)).toEqual([
      ["ann", "orders"],
      ["[REDACTED]", undefined],
    ]);
    expect(JSON.stringify(monitored.connz({ auth: true, subs: "detail" }))).not.toContain("s3cret");
  });

  it("selects by id, user and account", async () => {
    await start({ authorize: ({ user }) => ({ account: user === "eve" ? "other" : "orders" }) });
    for (const user of ["ann", "bob", "eve"]) await client({ user, name: user });
    expect(names(monitored.connz({ cid: 2 }))).toEqual(["bob"]);
    expect(monitored.connz({ cid: 9 })).toMatchObject({ num_connections: 0, total: 0, limit: 1 });
    expect(names(monitored.connz({ user: "ann" }))).toEqual(["ann"]);
    expect(names(monitored.connz({ acc: "orders" }))).toEqual(["ann", "bob"]);
  });

  it("returns a page, and how many there are in all", async () => {
    for (const name of ["a", "b", "c", "d"]) await client({ name });
    const page = monitored.connz({ offset: 1, limit: 2 });
    expect(page).toMatchObject({ num_connections: 2, total: 4, offset: 1, limit: 2 });
    expect(names(page)).toEqual(["b", "c"]);
    expect(monitored.connz({ offset: -1, limit: 0 })).toMatchObject({ num_connections: 4, offset: 0, limit: 1024 });
    expect(monitored.connz({ offset: 9 })).toMatchObject({ num_connections: 0, total: 4 });
  });

  it.each([
    ["cid", "abc"],
    ["start", "abc"],
    ["subs", "bac"],
    ["msgs_to", "bac"],
    ["msgs_from", "cab"],
    ["bytes_to", "bca"],
    ["bytes_from", "acb"],
    ["last", "abc"],
    ["idle", "cab"],
    ["uptime", "cba"],
    ["rtt", "abc"],
    ["pending", "abc"],
  ] as const)("sorts by %s", async (sort, order) => {
    await client({ name: "a" }, "SUB x 1\r\nPUB z 9\r\n123456789\r\n");
    clock.pass(1000);
    await client({ name: "b" }, "SUB x 1\r\nSUB y 2\r\n");
    server.publish("y", "12345");
    clock.pass(1000);
    await client({ name: "c" }, "SUB z 1\r\nPUB q 2\r\n12\r\nPUB q 2\r\n12\r\nPUB y 1\r\n1\r\n");
    server.publish("z", "1");
    clock.pass(1000);
    server.publish("x", "");
    expect(names(monitored.connz({ sort })).join("")).toBe(order);
  });

  it("lists closed connections with the reason, also killed ones", async () => {
    await start({ authorize: userAuthorizer([{ user: "ann", password: "s" }]) });
    const gone = await client({ user: "ann", pass: "s", name: "gone" }, "SUB a 1\r\nPUB b 2\r\nhi\r\n");
    clock.pass(7000);
    gone.transport.abort();
    await gone.receive();
    clock.pass(1);
    await client({ user: "ann", pass: "s", name: "killed" });
    server.connections.at(-1)?.kill();
    await client({ user: "ann", pass: "wrong", name: "denied" });
    await client({ user: "ann", pass: "s", name: "broken" }, "NONSENSE\r\n");
    await client({ user: "ann", pass: "s", name: "open" });
    clock.pass(1000);
    const closed = monitored.connz({ state: "closed", subs: true });
    expect(closed.connections.map(({ name, reason }) => [name, reason])).toEqual([
      ["gone", "Client Closed"],
      ["killed", "Client Closed"],
      ["denied", "Authentication Failure"],
      ["broken", "Protocol Violation"],
    ]);
    const [first] = closed.connections;
    expect(first).toMatchObject({ uptime: "7s", idle: "7s", in_msgs: 1, subscriptions_list: ["a"] });
    expect(between(first!.stop!, closed.now)).toBe(1001);
    expect(names(monitored.connz({ state: "any" }))).toEqual(["gone", "killed", "denied", "broken", "open"]);
    expect(names(monitored.connz())).toEqual(["open"]);
    expect(names(monitored.connz({ state: "closed", sort: "reason" }))[0]).toBe("denied");
    expect(names(monitored.connz({ state: "closed", sort: "stop" })).at(-1)).toBe("gone");
  });

  it("keeps the last 1,024 closed connections", async () => {
    for (let i = 0; i < 1026; i++) {
      const one = new PipeClient(network.dial, server.port);
      await Promise.resolve();
      server.connections.at(-1)?.kill();
      one.transport.abort();
    }
    const { total, connections } = monitored.connz({ state: "closed" });
    expect([total, connections[0]?.cid, connections.at(-1)?.cid]).toEqual([1024, 3, 1026]);
  });

  it.each([
    [{ srot: "cid" }, 'unknown option "srot" of connz; did you mean "sort"?'],
    [{ sort: "size" }, "sort must be one of cid, start, subs, "],
    [{ sort: "stop" }, 'sort "stop" needs state "closed"'],
    [{ sort: "reason", state: "any" }, 'sort "reason" needs state "closed"'],
    [{ limit: 1.5 }, "limit must be a whole number, not 1.5"],
    [{ subs: "all" }, 'subs must be true, false or "detail", not "all"'],
    [{ auth: {} }, "auth must be true or false, not an object"],
    [{ user: 1 }, "user must be a string, not 1"],
  ])("rejects the options %j", (options, text) => {
    expect(() => monitored.connz(options as object)).toThrow(text);
  });
});

describe("subsz", () => {
  it("counts subscriptions of all accounts, and the look-ups of subjects", async () => {
    await start({ authorize: ({ user = "" }) => ({ account: user }) });
    const one = await client({ user: "A" }, "SUB a 1\r\nSUB * 2\r\nSUB b 3\r\nUNSUB 3\r\n");
    await client({ user: "B" }, "SUB a 1\r\nPUB a 0\r\n\r\nPUB c 0\r\n\r\n");
    await one.exchange("PUB a 0\r\n\r\nPUB a 0\r\n\r\n");
    expect(monitored.subsz()).toMatchObject({
      num_subscriptions: 3,
      num_cache: 3,
      num_inserts: 4,
      num_removes: 1,
      num_matches: 4,
      cache_hit_rate: 0.25,
      max_fanout: 2,
      avg_fanout: 1,
      total: 0,
      offset: 0,
      limit: 1024,
    });
  });

  it("reports zeros if nothing has happened", () => {
    const { now, server_id, ...counts } = JSON.parse(JSON.stringify(monitored.subsz({ subs: true })));
    expect(new Set(Object.values(counts))).toEqual(new Set([0, 1024]));
  });

  it("lists subscriptions of clients, and of the program with the cid 0", async () => {
    server.subscribe("own", { max: 3 });
    await client({}, "SUB a.* q 7\r\nPUB a.b 0\r\n\r\n");
    expect(monitored.subsz({ subs: true }).subscriptions_list).toEqual([
      { account: "$G", subject: "own", sid: "1", msgs: 0, max: 3, cid: 0 },
      { account: "$G", subject: "a.*", qgroup: "q", sid: "7", msgs: 1, cid: 1 },
    ]);
  });

  it("lists a page of those that match a subject", async () => {
    await client({}, "SUB a.b 1\r\nSUB a.* 2\r\nSUB > 3\r\nSUB c 4\r\n");
    const page = monitored.subsz({ subs: true, test: "a.b", offset: 1, limit: 1 });
    expect(page).toMatchObject({ total: 3, offset: 1, limit: 1, subscriptions_list: [{ subject: "a.*" }] });
  });

  it.each([
    [{ test: "a.*" }, 'test must be a subject without wildcards, not "a.*"'],
    [{ sub: true }, 'unknown option "sub" of subsz; did you mean "subs"?'],
  ])("rejects the options %j", (options, text) => {
    expect(() => monitored.subsz(options as object)).toThrow(text);
  });
});

describe("healthz", () => {
  it("reports an error in lame duck mode", async () => {
    await client();
    expect(monitored.healthz()).toEqual({ status: "ok" });
    void server.lameDuck();
    expect(monitored.healthz()).toEqual({ status: "error", error: "the server is in lame duck mode" });
  });

  it("reports an error from close on", async () => {
    const closed = server.close();
    expect(monitored.healthz()).toEqual({ status: "error", error: "the server is closed" });
    await closed;
  });
});
