// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { startFastIngest } from "@nats-io/jetstream/internal";
import { Kvm } from "@nats-io/kv";
import { errors } from "@nats-io/nats-core";
import { Objm } from "@nats-io/obj";
import { Svcm } from "@nats-io/services";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RealServer, startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { since } from "../../../tools/testkit/since.ts";
import { TcpProxy } from "../../../tools/testkit/tcp-proxy.ts";
import { type ClientName, clients, collect, connected, listed, type ModuleConnection } from "./clients.ts";
import { stream, texts } from "./stream.ts";

let server: RealServer;
beforeAll(async () => {
  server = await startJetStreamServer("http: 127.0.0.1:-1");
});
afterAll(() => server.stop());

/** Returns the number of clients that the server is connected to. */
async function connections(): Promise<number> {
  const response = await fetch(`${server.monitoringUrl}/connz`);
  return ((await response.json()) as { num_connections: number }).num_connections;
}

/** Connects through a proxy. `outage` cuts the connection, and lets the client reconnect after 700 ms. */
async function proxied(name: ClientName) {
  const proxy = await TcpProxy.open(server.port);
  onTestFinished(() => proxy.close());
  const nc = await connected(name, proxy.port);
  const outage = async (): Promise<void> => {
    proxy.onConnection = (connection) => connection.reset();
    proxy.reset();
    await sleep(700);
    proxy.onConnection = () => {};
  };
  return { nc, proxy, outage };
}

describe.each(clients)("an outage of 700 ms while %s", (name) => {
  it("waits for a message: next, fetch, a push consumer, an ordered one", async () => {
    const { nc, outage } = await proxied(name);
    const other = await connected(name, server.port);
    const { consumer, js, manager, name: subject } = await stream(nc, 0);
    await manager.consumers.add(subject, { durable_name: "other", ack_policy: AckPolicy.None });
    await manager.consumers.add(subject, {
      durable_name: "pushed",
      ack_policy: AckPolicy.None,
      deliver_subject: `deliver.${subject}`,
    });
    const next = consumer.next({ expires: 30_000 });
    const fetched = texts(await (await js.consumers.get(subject, "other")).fetch({ max_messages: 2, expires: 30_000 }));
    const pushed = texts(await (await js.consumers.getPushConsumer(subject, "pushed")).consume(), 2);
    const ordered = texts(await (await js.consumers.getPushConsumer(subject)).consume(), 2);
    await nc.flush();
    const during = outage();
    // Until then, the server would send to the lost connection. One is left: the other.
    await expect.poll(connections).toBe(1);
    await jetstream(other).publish(`${subject}.a`, "during");
    await during;
    await jetstream(other).publish(`${subject}.a`, "after");
    expect((await next)!.string()).toBe("during");
    expect(await Promise.all([fetched, pushed, ordered])).toEqual(Array(3).fill(["during", "after"]));
  });
});

describe("calls on natswire during an outage of 700 ms", () => {
  it("resolve after it: Key-Value, Object Store, services, management", async () => {
    const { nc, outage } = await proxied("natswire");
    const other = await connected("natswire", server.port);
    const { consumer, manager, name: subject } = await stream(nc, 1);
    const kv = await new Kvm(nc).create("kv", { history: 2 });
    for (const value of ["1", "2"]) await kv.put("a", value);
    const objects = await new Objm(nc).create("objects");
    await objects.putBlob({ name: "a" }, new Uint8Array(300_000));
    const services = new Svcm(other as never);
    await services.add({ name: "echo", version: "1.0.0" });
    await other.flush();
    const message = (await consumer.next())!;

    const over = outage();
    await disconnected(nc);
    const calls = Promise.all([
      message.ackAck(),
      kv.get("a").then((entry) => entry!.string()),
      kv.create("b", "3"),
      kv.update("a", "4", 2).catch((error: Error) => error.message),
      kv.keys().then(listed),
      kv
        .history({ key: "a" })
        .then(listed)
        .then((entries) => entries.map((entry) => entry.string())),
      objects.getBlob("a").then((blob) => blob!.length),
      objects.list().then((all) => all.map((info) => info.name)),
      new Svcm(nc as never)
        .client()
        .ping("echo")
        .then(listed)
        .then((all) => all.map(({ name }) => name)),
      manager.streams.info(subject).then(({ state }) => state.messages),
      manager.streams.purge(subject).then(({ purged }) => purged),
    ]);
    expect(nc.isClosed()).toBe(false);
    await over;
    expect(await calls).toEqual([
      true,
      "2",
      3,
      expect.any(Number),
      expect.arrayContaining(["a"]),
      expect.arrayContaining(["2"]),
      300_000,
      ["a"],
      ["echo"],
      1,
      1,
    ]);
  });

  it("reject at once if they waited for their reply when it began", async () => {
    const { nc, proxy, outage } = await proxied("natswire");
    const { consumer, js, name: subject } = await stream(nc, 1);
    const message = (await consumer.next())!;
    const other = await connected("natswire", server.port);
    const { seen } = collect(other, "sent");
    await other.flush();
    proxy.last.toClient.hold();
    const calls = [message.ackAck({ timeout: 60_000 }), js.publish(`${subject}.a`, "1", { timeout: 60_000 })];
    const failed = Promise.all(calls.map((call) => call.catch((error: unknown) => error)));
    nc.publish("sent");
    await expect.poll(() => seen.length).toBe(1);
    await outage();
    for (const error of await failed) {
      expect(error).toBeInstanceOf(errors.RequestError);
      expect(error).toMatchObject({ cause: { name: "ConnectionError", cause: { code: "LOST" } } });
    }
    expect((await consumer.info()).num_ack_pending).toBe(0);
  });

  it("drain: what is published and acknowledged is sent first", async () => {
    const { nc, outage } = await proxied("natswire");
    const other = await connected("natswire", server.port);
    const { consumer, manager, name: subject } = await stream(other, 1);
    const own = await jetstream(nc).consumers.get(subject, "desk");
    const message = (await own.next())!;
    const over = outage();
    await disconnected(nc);
    message.ack();
    nc.publish(`${subject}.a`, "last");
    await Promise.all([over, nc.drain()]);
    expect([nc.isClosed(), (await consumer.info()).num_ack_pending]).toEqual([true, 0]);
    expect((await manager.streams.info(subject)).state.messages).toBe(2);
  });

  since("2.14.0", "are continued: a batch, a direct get", async () => {
    const { nc, outage } = await proxied("natswire");
    const manager = await jetstreamManager(nc);
    const config = { name: "B", subjects: ["b.>"], allow_batched: true, allow_direct: true };
    await manager.streams.add(config as never);
    const ingest = await startFastIngest(nc, "b.a", "0", { allowGaps: false });
    const over = outage();
    await disconnected(nc);
    for (let i = 1; i < 10; i++) await ingest.add("b.a", String(i));
    const last = ingest.last("b.a", "10");
    await over;
    expect(await last).toMatchObject({ count: 11 });
    const again = outage();
    await disconnected(nc);
    const read = manager.direct.getBatch("B", { seq: 1, batch: 3 }).then(listed);
    await again;
    expect((await read).map((message) => message.string())).toEqual(["0", "1", "2"]);
  });
});

/** Resolves after the connection is lost. */
async function disconnected(nc: ModuleConnection): Promise<void> {
  for await (const { type } of nc.status()) if (type === "disconnect") return;
}
