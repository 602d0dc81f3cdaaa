// SPDX-License-Identifier: Apache-2.0
import { AckPolicy, jetstream } from "@nats-io/jetstream";
import { headers, nanos } from "@nats-io/nats-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RealServer, startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { TcpProxy } from "../../../tools/testkit/tcp-proxy.ts";
import { clients, collect, connected, type ModuleConnection } from "./clients.ts";
import { numbers, status, stream, texts } from "./stream.ts";

let server: RealServer;
beforeAll(async () => {
  server = await startJetStreamServer();
});
afterAll(() => server.stop());

/** A stream with `count` messages, and a push consumer of it, which delivers to `deliver.<stream>`. */
async function pushed(nc: ModuleConnection, count: number, config: object = {}) {
  const one = await stream(nc, count);
  const deliver = `deliver.${one.name}`;
  await one.manager.consumers.add(one.name, {
    durable_name: "pushed",
    ack_policy: AckPolicy.Explicit,
    deliver_subject: deliver,
    ...config,
  });
  return { ...one, deliver, push: () => one.js.consumers.getPushConsumer(one.name, "pushed") };
}

describe.each(clients)("a push consumer on %s", (name) => {
  const open = () => connected(name, server.port);

  it("delivers to a loop, and to a callback", async () => {
    const nc = await open();
    const [looped, called] = [await pushed(nc, 30), await pushed(nc, 30)];
    expect(await texts(await (await looped.push()).consume(), 20)).toEqual(numbers(0, 20));
    const seen: string[] = [];
    const messages = await (await called.push()).consume({
      callback(message) {
        message.ack();
        if (seen.push(message.string()) === 20) messages.stop();
      },
    });
    expect(await messages.closed()).toBeUndefined();
    expect(seen.slice(0, 20)).toEqual(numbers(0, 20));
  });

  it("answers flow control", async () => {
    const config = { ack_policy: AckPolicy.None, flow_control: true, idle_heartbeat: nanos(500) };
    const { push, js, name: subject } = await pushed(await open(), 0, config);
    const payload = new Uint8Array(100_000);
    for (let i = 0; i < 100; i++) await js.publish(`${subject}.a`, payload);
    const messages = await (await push()).consume();
    const controlled = status(messages.status(), "flow_control");
    let received = 0;
    for await (const { data } of messages) if (data.length === payload.length && ++received === 100) break;
    expect([received, await controlled]).toEqual([100, { type: "flow_control" }]);
  });

  it("answers a heartbeat of a stalled consumer (msg.publisher)", async () => {
    const nc = await open();
    const { push, deliver } = await pushed(nc, 0, { idle_heartbeat: nanos(30_000) });
    const messages = await (await push()).consume();
    const heartbeat = status(messages.status(), "heartbeat");
    const { seen } = collect(nc, `${deliver}.answer`);
    const stalled = headers(100, "Idle Heartbeat");
    stalled.set("Nats-Consumer-Stalled", `${deliver}.answer`);
    stalled.set("Nats-Last-Consumer", "3");
    stalled.set("Nats-Last-Stream", "4");
    nc.publish(deliver, "", { headers: stalled });
    expect(await heartbeat).toMatchObject({ type: "heartbeat", lastConsumerSequence: 3, lastStreamSequence: 4 });
    await expect.poll(() => seen).toEqual([""]);
    messages.stop();
  });

  it("divides messages among the members of its deliver group", async () => {
    const [nc, other] = [await open(), await open()];
    const { push, js, name: subject } = await pushed(nc, 0, { deliver_group: "workers" });
    const second = await jetstream(other).consumers.getPushConsumer(subject, "pushed");
    const members = [await (await push()).consume(), await second.consume()];
    const seen = members.map(() => 0);
    const loops = members.map(async (member, index) => {
      for await (const message of member) {
        seen[index]!++;
        message.ack();
        if (seen[0]! + seen[1]! === 100) for (const one of members) one.stop();
      }
    });
    for (let i = 0; i < 100; i++) await js.publish(`${subject}.a`, String(i));
    await Promise.all(loops);
    expect([seen[0]! + seen[1]!, Math.min(...seen) > 0]).toEqual([100, true]);
  });

  it("reports missed heartbeats", async () => {
    const { push, manager, name: subject } = await pushed(await open(), 0, { idle_heartbeat: nanos(100) });
    const messages = await (await push()).consume();
    await status(messages.status(), "heartbeat");
    const missed = status(messages.status(), "heartbeats_missed");
    await manager.consumers.delete(subject, "pushed");
    expect(await missed).toEqual({ type: "heartbeats_missed", count: 2 });
    messages.stop();
  });

  it("begins anew after messages were lost (nc._resub)", async () => {
    const proxy = await TcpProxy.open(server.port);
    onTestFinished(() => proxy.close());
    const nc = await connected(name, proxy.port);
    const { name: subject, js, manager } = await stream(await open(), 0);
    const consumer = await jetstream(nc).consumers.getPushConsumer(subject);
    const messages = await consumer.consume();
    const recreated = status(messages.status(), "ordered_consumer_recreated");
    const seen = texts(messages, 30);
    const publish = async (from: number, to: number) => {
      for (const number of numbers(from, to)) await js.publish(`${subject}.a`, number);
    };
    await publish(0, 10);
    const { name: ordered } = await consumer.info(true);
    const delivered = async () => (await manager.consumers.info(subject, ordered)).delivered.consumer_seq;
    await expect.poll(delivered).toBe(10);
    proxy.last.toClient.hold();
    await publish(10, 20);
    await expect.poll(delivered).toBe(20);
    proxy.reset();
    await publish(20, 30);
    expect(await seen).toEqual(numbers(0, 30));
    expect((await recreated).type).toBe("ordered_consumer_recreated");
  });
});
