// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { Objm } from "@nats-io/obj";
import { Svcm } from "@nats-io/services";
import { connect } from "@natswire/node";
import { expect, it, onTestFinished } from "vitest";
import { closing } from "../../../tools/testkit/closing.ts";
import { startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { TcpProxy } from "../../../tools/testkit/tcp-proxy.ts";
import { toNatsConnection } from "../src/index.ts";

it("survives an outage of 700 ms: consumers, watches, services, publishes", async () => {
  const server = await startJetStreamServer();
  const proxy = await TcpProxy.open(server.port);
  onTestFinished(async () => {
    await proxy.close();
    await server.stop();
  });
  const client = closing(await connect({ servers: `nats://127.0.0.1:${proxy.port}`, reconnectDelay: () => 20 }));
  const nc = toNatsConnection(client);
  const other = toNatsConnection(closing(await connect({ servers: `nats://127.0.0.1:${server.port}` })));
  const reconnected = new Promise<void>((resolve) => client.onStatus(({ type }) => type === "reconnect" && resolve()));

  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: "S", subjects: ["s.>"] });
  await manager.consumers.add("S", { durable_name: "desk", ack_policy: AckPolicy.Explicit });
  const js = jetstream(nc);
  const seen: Record<"consumed" | "ordered" | "called" | "watched" | "objects", string[]> = {
    consumed: [],
    ordered: [],
    called: [],
    watched: [],
    objects: [],
  };
  const last = "after";
  const consumer = await js.consumers.get("S", "desk");
  const consumed = (async () => {
    for await (const message of await consumer.consume()) {
      seen.consumed.push(message.string());
      message.ack();
      if (message.string() === last) break;
    }
  })();
  const ordered = (async () => {
    for await (const message of await (await js.consumers.get("S")).consume()) {
      seen.ordered.push(message.string());
      if (message.string() === last) break;
    }
  })();
  const called = new Promise<void>((resolve) => {
    void js.consumers.get("S").then((one) =>
      one.consume({
        callback(message) {
          seen.called.push(message.string());
          if (message.string() === last) resolve();
        },
      }),
    );
  });
  const kv = await new Kvm(nc).create("kv");
  const watched = (async () => {
    for await (const entry of await kv.watch()) {
      seen.watched.push(entry.string());
      if (entry.string() === last) break;
    }
  })();
  const store = await new Objm(nc).create("objects");
  const objects = (async () => {
    for await (const info of await store.watch()) {
      if (info === null) continue;
      seen.objects.push(info.name);
      if (info.name === last) break;
    }
  })();
  const service = await new Svcm(nc as never).add({ name: "echo", version: "1.0.0" });
  service.addEndpoint("echo", (_, message) => void message.respond(message.data));
  await js.publish("s.a", "before");
  await kv.put("a", "before");
  await store.putBlob({ name: "before" }, new Uint8Array(10));
  await expect.poll(() => Object.values(seen).map(({ length }) => length > 0)).not.toContain(false);

  // From here on, connections are refused.
  proxy.onConnection = (connection) => connection.reset();
  proxy.reset();
  await expect.poll(() => client.isConnected).toBe(false);
  const during = Promise.all([
    js.publish("s.a", "during", { msgID: "during" }),
    kv.put("a", "during"),
    store.putBlob({ name: "during" }, new Uint8Array(300_000)),
    nc.request("echo", "during", { timeout: 5000 }).then((reply) => reply.string()),
  ]);
  // Stored by another client, while the consumers are away.
  await jetstream(other).publish("s.a", "meanwhile");
  await sleep(700);
  proxy.onConnection = () => {};
  await reconnected;

  const [published, , object, echoed] = await during;
  expect([published.seq, object.size, echoed]).toEqual([3, 300_000, "during"]);
  expect((await js.publish("s.a", "during", { msgID: "during" })).duplicate).toBe(true);
  await js.publish("s.a", last);
  await kv.put("a", last);
  await store.putBlob({ name: last }, new Uint8Array(10));
  await Promise.all([consumed, ordered, called, watched, objects]);
  const all = ["before", "meanwhile", "during", last];
  expect(new Set(seen.consumed)).toEqual(new Set(all));
  expect([seen.ordered, seen.called]).toEqual([all, all]);
  expect(seen.watched).toEqual(["before", "during", last]);
  expect(seen.objects).toEqual(["before", "during", last]);
  expect((await other.request("echo", "hi")).string()).toBe("hi");
  expect((await store.getBlob("during"))!.length).toBe(300_000);
  const message = (await (await js.consumers.get("S", "desk")).next({ expires: 1000 })) ?? undefined;
  expect(message).toBeUndefined();
}, 40_000);
