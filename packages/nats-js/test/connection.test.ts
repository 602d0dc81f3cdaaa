// SPDX-License-Identifier: Apache-2.0
import {
  errors,
  headers,
  type Msg,
  type MsgHdrsImpl,
  QueuedIteratorImpl,
  type Status,
} from "@nats-io/nats-core/internal";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { natsServerVersion, type RealServer, startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { TcpProxy } from "../../../tools/testkit/tcp-proxy.ts";
import { clients, connected, type ModuleConnection } from "./clients.ts";

let server: RealServer;
beforeAll(async () => {
  server = await startNatsServer("");
});
afterAll(() => server.stop());

/** Subscribes with a callback. Returns what it is called with: errors, and messages as text. */
function collect(nc: ModuleConnection, subject: string, options: { timeout?: number; max?: number } = {}) {
  const seen: (Error | string)[] = [];
  const subscription = nc.subscribe(subject, {
    ...options,
    callback: (error, message) => void seen.push(error ?? message.string()),
  });
  return { seen, subscription };
}

async function listed<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of iterable) all.push(one);
  return all;
}

describe.each(clients)("a connection of %s", (name) => {
  const open = (options?: Parameters<typeof connected>[2]) => connected(name, server.port, options);

  it("publishes to a callback, in order, and never before it is subscribed", async () => {
    const nc = await open();
    const { seen } = collect(nc, "foo");
    for (const text of ["a", "", "é"]) nc.publish("foo", text);
    nc.publish("foo", new Uint8Array([0x62]));
    expect(seen).toEqual([]);
    await nc.flush();
    expect(seen).toEqual(["a", "", "é", "b"]);
  });

  it("iterates over messages until the loop ends", async () => {
    const nc = await open();
    const subscription = nc.subscribe("foo");
    for (const text of ["a", "b", "c"]) nc.publish("foo", text);
    for await (const message of subscription) if (message.string() === "b") break;
    expect(await subscription.closed).toBeUndefined();
    expect(subscription.isClosed()).toBe(true);
    expect([subscription.getReceived(), subscription.getProcessed()]).toEqual([3, 2]);
  });

  it("delivers a message with its subject, reply, headers and size", async () => {
    const nc = await open();
    const subscription = nc.subscribe("foo.*", { max: 3 });
    const some = headers();
    some.append("Kind", "new");
    some.append("Kind", "urgent");
    nc.publish("foo.a", "12345", { reply: "bar", headers: some });
    nc.publish("foo.b", '{"n":1}', { headers: headers() });
    nc.publish("foo.c");
    const [a, b, c] = (await listed(subscription)) as (Msg & { size(): number })[];
    expect([a!.subject, a!.reply, a!.sid]).toEqual(["foo.a", "bar", subscription.getID()]);
    expect([a!.headers!.get("Kind"), a!.headers!.last("Kind"), a!.headers!.code]).toEqual(["new", "urgent", 0]);
    expect(a!.headers!.get("kind")).toBe("");
    expect(a!.size()).toBe("foo.a".length + "bar".length + (some as MsgHdrsImpl).encode().length + 5);
    expect([b!.reply, b!.json(), b!.headers?.keys() ?? []]).toEqual(["", { n: 1 }, []]);
    expect([c!.headers, c!.data.length, c!.respond("nobody asked")]).toEqual([undefined, 0, false]);
    expect(b!.json((key, value) => (key === "n" ? 2 : value))).toEqual({ n: 2 });
  });

  it("publishes and answers a message as it is", async () => {
    const nc = await open();
    const { seen } = collect(nc, "foo");
    const some = headers();
    some.set("A", "b");
    const [message] = await Promise.all([
      new Promise<Msg>((resolve) => nc.subscribe("bar", { max: 1, callback: (_, one) => resolve(one) })),
      nc.publish("bar", "hello", { reply: "foo", headers: some }),
    ]);
    expect(nc.respondMessage(message)).toBe(true);
    nc.publishMessage({ ...message, subject: "foo", data: new TextEncoder().encode("again") });
    await nc.flush();
    expect(seen).toEqual(["hello", "again"]);
  });

  it("sends the header of a trace", async () => {
    const nc = await open();
    const subscription = nc.subscribe("foo", { max: 1 });
    nc.publish("foo", "", { traceDestination: "trace" });
    const [message] = await listed(subscription);
    expect([...message!.headers!]).toEqual([["Nats-Trace-Dest", ["trace"]]]);
  });

  it("divides messages among the members of a queue group", async () => {
    const nc = await open();
    let received = 0;
    for (const queue of ["q", "q", ""]) nc.subscribe("foo", { queue, callback: () => void received++ });
    for (let i = 0; i < 10; i++) nc.publish("foo");
    await nc.flush();
    expect(received).toBe(20);
  });

  it("ends a subscription at once, or after a number of messages", async () => {
    const nc = await open();
    const [now, later, both] = [collect(nc, "foo"), collect(nc, "foo"), collect(nc, "foo", { max: 2 })];
    later.subscription.unsubscribe(3);
    expect([now.subscription.getMax(), later.subscription.getMax()]).toEqual([undefined, 3]);
    for (let i = 0; i < 5; i++) nc.publish("foo", String(i));
    now.subscription.unsubscribe();
    expect(now.subscription.isClosed()).toBe(true);
    await Promise.all([nc.flush(), now.subscription.closed, later.subscription.closed, both.subscription.closed]);
    expect([now.seen, later.seen, both.seen]).toEqual([[], ["0", "1", "2"], ["0", "1"]]);
    expect(later.subscription.getReceived()).toBe(3);
  });

  it("reports a timeout to the callback and to the loop", async () => {
    const nc = await open();
    const { seen, subscription } = collect(nc, "foo", { timeout: 20 });
    await expect(listed(nc.subscribe("foo", { timeout: 20 }))).rejects.toThrow(errors.TimeoutError);
    await expect.poll(() => seen).toEqual([expect.any(errors.TimeoutError)]);
    expect(subscription.isClosed()).toBe(true);
  });

  it("stops the timer of a loop at its first message", async () => {
    const nc = await open();
    const [subscription, other] = [nc.subscribe("foo", { timeout: 50 }), nc.subscribe("foo", { timeout: 100 })];
    nc.publish("foo", "a");
    const loop = listed(subscription);
    other.unsubscribe();
    await expect(listed(nc.subscribe("bar", { timeout: 120 }))).rejects.toThrow(errors.TimeoutError);
    subscription.unsubscribe();
    expect((await loop).length).toBe(1);
    expect((await listed(other)).length).toBe(0);
  });

  it("drains a subscription", async () => {
    const nc = await open();
    const { seen, subscription } = collect(nc, "foo");
    nc.publish("foo", "a");
    expect(subscription.isDraining()).toBe(false);
    const drained = subscription.drain();
    expect(subscription.isDraining()).toBe(true);
    await drained;
    nc.publish("foo", "b");
    await nc.flush();
    expect(seen).toEqual(["a"]);
    expect(await subscription.closed).toBeUndefined();
    await expect(subscription.drain()).rejects.toThrow(errors.InvalidOperationError);
    await subscription[Symbol.asyncDispose]();
  });

  it("gives a subscription another subject (_resub)", async () => {
    const nc = await open();
    const { seen, subscription } = collect(nc, "old");
    nc.publish("old", "a");
    await nc.flush();
    const id = subscription.getID();
    nc.publish("old", "too late");
    nc._resub(subscription, "new");
    expect([subscription.getSubject(), subscription.getID() === id]).toEqual(["new", false]);
    nc.publish("old", "b");
    nc.publish("new", "c");
    await nc.flush();
    expect([seen, subscription.isClosed()]).toEqual([["a", "c"], false]);
    subscription.unsubscribe(3);
    for (const text of ["d", "e"]) nc.publish("new", text);
    await subscription.closed;
    expect(seen).toEqual(["a", "c", "d"]);
  });

  it("reports a loop that does not keep up (slow)", async () => {
    const nc = await open();
    const statuses = nc.status();
    const subscription = nc.subscribe("foo", { slow: 2 });
    for (let i = 0; i < 5; i++) nc.publish("foo");
    await nc.flush();
    const { value } = await (statuses as AsyncIterable<Status>)[Symbol.asyncIterator]().next();
    expect(value).toMatchObject({ type: "slowConsumer", pending: 3 });
    expect(value.sub).toBe(subscription);
  });

  it("sends requests, with the shared inbox and without", async () => {
    const nc = await open({ inboxPrefix: "_REPLIES" });
    const replies: string[] = [];
    nc.subscribe("double", {
      callback: (_, message) => {
        replies.push(message.reply!);
        const given = headers();
        given.set("N", message.headers?.get("N") ?? "");
        message.respond(String(2 * Number(message.string())), { headers: given });
      },
    });
    const some = headers();
    some.set("N", "7");
    const all = [
      nc.request("double", "1"),
      nc.request("double", "2", { timeout: 1000, headers: some }),
      nc.request("double", "3", { timeout: 1000, noMux: true }),
      nc.request("double", "4", { timeout: 1000, noMux: true, reply: "own" }),
    ];
    const answers = await Promise.all(all);
    expect(answers.map((answer) => answer.string())).toEqual(["2", "4", "6", "8"]);
    expect(answers[1]!.headers!.get("N")).toBe("7");
    expect(nc.options.inboxPrefix).toBe("_REPLIES");
    expect(replies.map((reply) => reply.split(".")[0])).toEqual(["_REPLIES", "_REPLIES", "_REPLIES", "own"]);
  });

  it("rejects a request without a reply, a responder or a valid option", async () => {
    const nc = await open();
    nc.subscribe("silent", { callback: () => {} });
    await expect(nc.request("silent", "", { timeout: 20 })).rejects.toThrow(errors.TimeoutError);
    await expect(nc.request("silent", "", { timeout: 20, noMux: true })).rejects.toThrow(errors.TimeoutError);
    for (const noMux of [false, true]) {
      const error = await nc.request("nobody", "", { timeout: 1000, noMux }).catch((error) => error);
      expect(error).toBeInstanceOf(errors.RequestError);
      expect(error.isNoResponders()).toBe(true);
      expect(error.cause).toMatchObject({ name: "NoResponders", subject: "nobody" });
    }
    await expect(nc.request("a b")).rejects.toThrow(errors.InvalidSubjectError);
    await expect(nc.request("a", "", { timeout: 1, reply: "b" })).rejects.toThrow(errors.InvalidArgumentError);
  });

  it("collects several replies by each strategy", async () => {
    const nc = await open();
    const answer = (_: unknown, message: Msg): void => {
      for (const text of ["a", ""]) message.respond(text);
    };
    for (let i = 0; i < 3; i++) nc.subscribe("many", { callback: answer });
    await nc.flush();
    const texts = async (options: Parameters<typeof nc.requestMany>[2]) =>
      (await listed(await nc.requestMany("many", "", options))).map((reply) => reply.string());
    expect((await texts({ strategy: "timer", maxWait: 50 })).join("")).toBe("aaa");
    expect((await texts({ strategy: "stall", maxWait: 1000, stall: 50 })).length).toBe(6);
    expect(await texts({ strategy: "count", maxWait: 1000, maxMessages: 2 })).toEqual(["a", ""]);
    expect(await texts({ strategy: "sentinel", maxWait: 1000 })).toEqual(["a", ""]);
    expect((await texts({ maxWait: 50, maxMessages: -1 })).length).toBe(6);
    await expect(listed(await nc.requestMany("nobody"))).rejects.toThrow(errors.NoRespondersError);
    await expect(nc.requestMany("a b")).rejects.toThrow(errors.InvalidSubjectError);
  });

  it("rejects what cannot be published or subscribed to", async () => {
    const nc = await open();
    expect(() => nc.publish("a b")).toThrow(errors.InvalidSubjectError);
    expect(() => nc.publish("", "")).toThrow(errors.InvalidSubjectError);
    expect(() => nc.subscribe("a b")).toThrow(errors.InvalidSubjectError);
    expect(() => nc.publish("foo", new Uint8Array(2_000_000))).toThrow(errors.InvalidArgumentError);
    expect(() => nc.publish("foo", "x".repeat(1_048_577))).toThrow(errors.InvalidArgumentError);
    nc.publish("$JS.API.CONSUMER.CREATE.S.c.orders.>", "");
  });

  it("tells the server, its version and its features", async () => {
    const nc = await open();
    const [major, minor, micro] = natsServerVersion().split(".").map(Number);
    expect(nc.getServer()).toBe(`127.0.0.1:${server.port}`);
    expect(nc.getServers().map(({ hostname, port, listen }) => ({ hostname, port, listen }))).toEqual([
      { hostname: "127.0.0.1", port: server.port, listen: `127.0.0.1:${server.port}` },
    ]);
    expect(nc.info).toMatchObject({ max_payload: 1_048_576, version: natsServerVersion() });
    expect(nc.getServerVersion()).toEqual({ major, minor, micro });
    expect(nc.features.get("js_kv")).toEqual({ ok: true, min: "2.6.2" });
    expect(nc.features.require("99.0.0")).toBe(false);
    nc.features.disable("js_kv");
    expect(nc.features.get("js_kv")).toEqual({ ok: false, min: "unknown" });
    expect((nc as { nc?: unknown }).nc).toBeUndefined();
    expect(await nc.rtt()).toBeGreaterThanOrEqual(0);
  });

  it("counts messages and bytes", async () => {
    const nc = await open();
    collect(nc, "foo");
    nc.publish("foo", "12345");
    await nc.flush();
    const { inBytes, inMsgs, outBytes, outMsgs } = nc.stats();
    expect([inMsgs, outMsgs, inBytes >= 5, outBytes >= 5]).toEqual([1, 1, true, true]);
  });

  it("reports statuses until the iterator is stopped", async () => {
    const proxy = await TcpProxy.open(server.port);
    onTestFinished(() => proxy.close());
    const nc = await connected(name, proxy.port);
    const [statuses, stopped] = [nc.status(), nc.status()] as QueuedIteratorImpl<Status>[];
    expect(statuses).toBeInstanceOf(QueuedIteratorImpl);
    stopped!.stop();
    const { seen } = collect(nc, "foo");
    await nc.reconnect();
    const types: string[] = [];
    for await (const status of statuses!) {
      // The official client removes the address of the proxy, which the server does not announce.
      if (status.type !== "update") types.push("server" in status ? `${status.type} ${status.server}` : status.type);
      if (status.type === "reconnect") break;
    }
    const at = `127.0.0.1:${proxy.port}`;
    expect(types).toEqual(["forceReconnect", `disconnect ${at}`, "reconnecting", `reconnect ${at}`]);
    expect(await listed(stopped!)).toEqual([]);
    nc.publish("foo", "again");
    await nc.flush();
    expect(seen).toEqual(["again"]);
    const last = nc.status();
    await nc.close();
    expect(await listed(last)).toEqual([{ type: "close" }]);
  });

  it("keeps the server's info while it is disconnected", async () => {
    const proxy = await TcpProxy.open(server.port);
    onTestFinished(() => proxy.close());
    const nc = await connected(name, proxy.port);
    const statuses = nc.status();
    proxy.onConnection = (connection) => connection.toServer.hold();
    proxy.reset();
    for await (const { type } of statuses) if (type === "disconnect") break;
    expect(nc.getServer()).toBe(`127.0.0.1:${proxy.port}`);
    expect(nc.features.get("js_kv").ok).toBe(true);
  });

  it("calls the listeners after it is closed, and rejects every call", async () => {
    const nc = await open();
    const ended: unknown[] = [];
    const [kept, removed] = [
      { connectionClosedCallback: (error: unknown) => void ended.push(error) },
      {
        connectionClosedCallback: () => void ended.push("removed"),
      },
    ];
    nc.addCloseListener(kept as never);
    nc.addCloseListener(removed);
    nc.removeCloseListener(removed);
    const { seen, subscription } = collect(nc, "foo");
    nc.subscribe("silent", { callback: () => {} });
    const asked = nc.request("silent", "", { timeout: 5000 }).catch((error) => error);
    await nc.flush();
    await nc.close();
    expect([nc.isClosed(), await nc.closed(), await subscription.closed]).toEqual([true, undefined, undefined]);
    expect(await asked).toBeInstanceOf(errors.RequestError);
    expect([ended, seen]).toEqual([[undefined], []]);
    const closed = errors.ClosedConnectionError;
    expect(() => nc.publish("foo")).toThrow(closed);
    expect(() => nc.subscribe("foo")).toThrow(closed);
    await expect(nc.request("foo")).rejects.toThrow(closed);
    await expect(nc.requestMany("foo")).rejects.toThrow(closed);
    await expect(nc.flush()).rejects.toThrow(closed);
    await expect(nc.rtt()).rejects.toThrow(closed);
    await expect(nc.drain()).rejects.toThrow(closed);
    await expect(nc.reconnect()).rejects.toThrow(closed);
    await expect(subscription.drain()).rejects.toThrow(closed);
    await nc[Symbol.asyncDispose]();
    expect(nc.info).toBeUndefined();
  });

  it("drains: delivers what was received, then closes", async () => {
    const nc = await open();
    const { seen, subscription } = collect(nc, "foo");
    nc.publish("foo", "a");
    const drained = nc.drain();
    expect([nc.isDraining(), subscription.isDraining()]).toEqual([true, true]);
    await expect(nc.drain()).rejects.toThrow(errors.DrainingConnectionError);
    await expect(nc.reconnect()).rejects.toThrow(errors.DrainingConnectionError);
    expect(() => nc.subscribe("bar")).toThrow(errors.DrainingConnectionError);
    await drained;
    expect([seen, nc.isClosed(), subscription.isClosed(), await nc.closed()]).toEqual([["a"], true, true, undefined]);
  });
});
