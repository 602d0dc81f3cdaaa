// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { errors, Feature, headers, type Msg, QueuedIteratorImpl, type Status } from "@nats-io/nats-core/internal";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { natsServerVersion, type RealServer, startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { RawClient } from "../../../tools/testkit/raw-client.ts";
import { TcpProxy } from "../../../tools/testkit/tcp-proxy.ts";
import { clients, collect, connected, listed } from "./clients.ts";

let server: RealServer;
beforeAll(async () => {
  server = await startNatsServer("");
});
afterAll(() => server.stop());

describe.each(clients)("a connection of %s", (name) => {
  const open = (options?: Parameters<typeof connected>[2]) => connected(name, server.port, options);

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

  it("sends requests, with the shared inbox and without (nc.request)", async () => {
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

  it("rejects a request that has no reply or no responder (nc.request)", async () => {
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

  it("collects several replies by each strategy (nc.requestMany)", async () => {
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

  it("rejects what cannot be published (nc.publish, nc.subscribe)", async () => {
    const nc = await open();
    expect(() => nc.publish("a b")).toThrow(errors.InvalidSubjectError);
    expect(() => nc.publish("", "")).toThrow(errors.InvalidSubjectError);
    expect(() => nc.publish("a", "", { reply: "b c" })).toThrow("illegal subject: 'b c'");
    nc.publish("a", "", null as never);
    expect(() => nc.subscribe("a b")).toThrow(errors.InvalidSubjectError);
    expect(() => nc.publish("foo", new Uint8Array(2_000_000))).toThrow(errors.InvalidArgumentError);
    expect(() => nc.publish("foo", "x".repeat(1_048_577))).toThrow(errors.InvalidArgumentError);
    await expect(nc.request("foo", "x".repeat(1_048_577))).rejects.toThrow(errors.InvalidArgumentError);
    nc.publish("$JS.API.CONSUMER.CREATE.S.c.orders.>", "");
  });

  it("tells the version (nc.features, nc.getServerVersion, nc.info)", async () => {
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

  it("tells the server that it reconnected to (nc.info, nc.features)", async () => {
    const infos = [
      { version: "2.8.4", cluster: "old", max_payload: 1024 },
      { version: "2.14.0", cluster: "new", max_payload: 2048, api_lvl: 4 },
    ];
    const greeter = createServer(async (socket) => {
      const client = new RawClient(socket);
      client.send(`INFO ${JSON.stringify({ server_id: "a", proto: 1, headers: true, ...infos.shift() })}\r\n`);
      await client.until("PING\r\n");
      client.send("PONG\r\n");
    });
    greeter.listen(0, "127.0.0.1");
    await once(greeter, "listening");
    onTestFinished(() => void greeter.close());
    const nc = await connected(name, (greeter.address() as AddressInfo).port);
    const told = () => [nc.info, nc.getServerVersion()!.minor, nc.features.get(Feature.JS_PRIORITY_GROUPS).ok];
    expect(told()).toMatchObject([{ cluster: "old", max_payload: 1024 }, 8, false]);
    const statuses = nc.status();
    await nc.reconnect();
    for await (const { type } of statuses) if (type === "reconnect") break;
    expect(told()).toMatchObject([{ cluster: "new", max_payload: 2048, api_lvl: 4 }, 14, true]);
    await nc.close();
  });

  it("counts messages and bytes", async () => {
    const nc = await open();
    collect(nc, "foo");
    nc.publish("foo", "12345");
    await nc.flush();
    const { inBytes, inMsgs, outBytes, outMsgs } = nc.stats();
    expect([inMsgs, outMsgs, inBytes >= 5, outBytes >= 5]).toEqual([1, 1, true, true]);
  });

  it("reports statuses until the iterator is stopped (nc.status)", async () => {
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

  it("calls the listeners after it is closed (nc.addCloseListener)", async () => {
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
