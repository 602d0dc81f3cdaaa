// SPDX-License-Identifier: Apache-2.0
import { AckPolicy, JetStreamApiError } from "@nats-io/jetstream";
import { toJetStreamClient } from "@nats-io/jetstream/internal";
import { headers, nanos } from "@nats-io/nats-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RealServer, startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { since } from "../../../tools/testkit/since.ts";
import { TcpProxy } from "../../../tools/testkit/tcp-proxy.ts";
import { clients, connected } from "./clients.ts";
import { numbers, status, stream, texts } from "./stream.ts";

let server: RealServer;
beforeAll(async () => {
  server = await startJetStreamServer();
});
afterAll(() => server.stop());

describe.each(clients)("JetStream on %s", (name) => {
  const open = () => connected(name, server.port);

  it("publishes, finds duplicates, and checks expectations", async () => {
    const nc = await open();
    const { name: stream0, js } = await stream(nc, 1);
    const first = await js.publish(`${stream0}.b`, "x", { msgID: "id", headers: headers() });
    const second = await js.publish(`${stream0}.b`, "x", { msgID: "id" });
    expect([first.seq, first.duplicate, second.seq, second.duplicate]).toEqual([2, false, 2, true]);
    const wrong = js.publish(`${stream0}.b`, "y", { expect: { lastSequence: 9 } });
    await expect(wrong).rejects.toThrow(JetStreamApiError);
    await expect(js.publish("nobody", "", { timeout: 1000 })).rejects.toThrow("jetstream is not enabled");
  });

  it("reads one message, several, and those that are left", async () => {
    const { consumer } = await stream(await open(), 10);
    const message = await consumer.next();
    message!.ack();
    expect([message!.string(), message!.seq, message!.redelivered, message!.info.pending]).toEqual(["0", 1, false, 9]);
    expect(await texts(await consumer.fetch({ max_messages: 4 }))).toEqual(numbers(1, 5));
    expect(await texts(await consumer.fetch({ max_messages: 3 }))).toEqual(numbers(5, 8));
    expect(await texts(await consumer.fetch({ max_messages: 10, expires: 1000 }))).toEqual(numbers(8, 10));
    expect(await consumer.next({ expires: 1000 })).toBeNull();
  });

  it("consumes as many bytes as it has asked for (max_bytes)", async () => {
    const { consumer, name: stream0, js } = await stream(await open(), 0);
    for (let i = 0; i < 30; i++) await js.publish(`${stream0}.a`, String(i).padEnd(1000));
    const seen = await texts(await consumer.consume({ max_bytes: 5000 }), 30);
    expect(seen.map((text) => text.trim())).toEqual(numbers(0, 30));
  });

  it("is found in a connection, which is no client itself (nc.nc)", async () => {
    const nc = await open();
    const js = toJetStreamClient(nc);
    expect([toJetStreamClient(js) === js, js.apiPrefix]).toEqual([true, "$JS.API"]);
    await expect(js.publish("nobody", "", { timeout: 1000 })).rejects.toThrow("jetstream is not enabled");
  });

  it("consumes what is published after a pull has expired", async () => {
    const { consumer, name: stream0, js } = await stream(await open(), 1);
    const messages = await consumer.consume({ expires: 1000, idle_heartbeat: 500 });
    const seen = texts(messages, 2);
    expect(await status(messages.status(), "debug")).toMatchObject({ code: 408 });
    await js.publish(`${stream0}.a`, "late");
    expect(await seen).toEqual(["0", "late"]);
  });

  it("consumes with a loop, and with a callback", async () => {
    const { consumer } = await stream(await open(), 300);
    expect(await texts(await consumer.consume({ max_messages: 20 }), 150)).toEqual(numbers(0, 150));
    const seen: string[] = [];
    const messages = await consumer.consume({
      callback(message) {
        seen.push(message.string());
        message.ack();
        if (seen.length === 100) messages.stop();
      },
    });
    await messages.closed();
    expect(seen.length).toBe(100);
  });

  it("acknowledges in every way", async () => {
    const { consumer, manager, name: stream0 } = await stream(await open(), 5, { ack_wait: nanos(60_000) });
    const messages = [];
    for (let i = 0; i < 5; i++) messages.push((await consumer.next())!);
    const [acked, confirmed, refused, ended, working] = messages;
    acked!.ack();
    expect(await confirmed!.ackAck()).toBe(true);
    expect(await confirmed!.ackAck()).toBe(false);
    refused!.nak();
    ended!.term();
    working!.working();
    const again = (await consumer.next({ expires: 1000 }))!;
    expect([again.string(), again.redelivered]).toEqual(["2", true]);
    again.nak(50);
    expect((await consumer.next({ expires: 1000 }))!.string()).toBe("2");
    const info = await manager.consumers.info(stream0, "desk");
    expect([info.num_ack_pending, info.ack_floor.stream_seq]).toEqual([2, 2]);
  });

  it("rejects ackAck() if no server answers", async () => {
    const { consumer, manager, name: stream0 } = await stream(await open(), 2);
    const [one, other] = [(await consumer.next())!, (await consumer.next())!];
    await manager.streams.delete(stream0);
    await expect(one.ackAck({ timeout: 1000 })).rejects.toThrow(/no responders|timeout/);
    await expect(other.ackAck({ timeout: 1 })).rejects.toThrow(/no responders|timeout/);
  });

  it("reads in order, and begins anew after a gap", async () => {
    const nc = await open();
    const { js, manager, name: stream0 } = await stream(nc, 50);
    const consumer = await js.consumers.get(stream0);
    const messages = await consumer.consume({ max_messages: 10, idle_heartbeat: 500, expires: 1000 });
    const seen: string[] = [];
    for await (const message of messages) {
      seen.push(message.string());
      // Without its consumer, the client makes another one, which begins after the last message.
      if (seen.length === 5) await manager.consumers.delete(stream0, (await consumer.info(true)).name);
      if (message.info.pending === 0) break;
    }
    expect(seen).toEqual(numbers(0, 50));
  }, 30_000);

  it("reports missed heartbeats", async () => {
    const proxy = await TcpProxy.open(server.port);
    onTestFinished(() => proxy.close());
    const { consumer } = await stream(await connected(name, proxy.port), 0);
    const messages = await consumer.consume({ max_messages: 10, idle_heartbeat: 500, expires: 1000 });
    const missed = status(messages.status(), "heartbeats_missed");
    proxy.last.toClient.hold();
    expect(await missed).toEqual({ type: "heartbeats_missed", count: 2 });
    messages.stop();
  });

  it("reports the end of its consumer", async () => {
    const { consumer, manager, name: stream0 } = await stream(await open(), 0);
    const messages = await consumer.consume({ idle_heartbeat: 500, expires: 1000 });
    // A newer server sends no notice, but has no heartbeats, and then no consumer.
    const deleted = status(messages.status(), "consumer_deleted", "consumer_not_found");
    const asked = status(messages.status(), "next");
    const seen = texts(messages);
    await asked;
    await manager.consumers.delete(stream0, "desk");
    await deleted;
    messages.stop();
    expect(await seen).toEqual([]);
  });

  it("manages streams and consumers", async () => {
    const { manager, name: stream0 } = await stream(await open(), 3);
    expect((await manager.streams.getMessage(stream0, { seq: 2 }))!.string()).toBe("1");
    const names: string[] = [];
    for await (const info of manager.consumers.list(stream0)) names.push(info.name);
    expect(names).toEqual(["desk"]);
    expect((await manager.streams.purge(stream0)).purged).toBe(3);
    expect((await manager.streams.info(stream0)).state.messages).toBe(0);
    expect(await manager.streams.delete(stream0)).toBe(true);
    await expect(manager.streams.info(stream0)).rejects.toThrow("stream not found");
    await expect(manager.consumers.info(stream0, "desk")).rejects.toThrow(/not found/);
  });

  it("drains while a consumer waits for messages", async () => {
    const nc = await open();
    const { consumer } = await stream(nc, 20);
    const messages = await consumer.consume();
    const seen = texts(messages);
    await expect.poll(() => consumer.info().then(({ ack_floor }) => ack_floor.stream_seq)).toBe(20);
    await nc.drain();
    expect(await seen).toEqual(numbers(0, 20));
    expect(await messages.closed()).toBeUndefined();
  });

  it("closes while a consumer waits for messages", async () => {
    const nc = await open();
    const { consumer } = await stream(nc, 3);
    const messages = await consumer.consume();
    const seen = texts(messages);
    await expect.poll(() => consumer.info().then(({ ack_floor }) => ack_floor.stream_seq)).toBe(3);
    await nc.close();
    expect(await seen).toEqual(numbers(0, 3));
    await messages.closed();
  });

  since("2.10.0", "consumes several subjects, and pauses (2.11)", async () => {
    const { js, manager, name: stream0 } = await stream(await open(), 1);
    const filters = { filter_subjects: [`${stream0}.a`, `${stream0}.b`] };
    await manager.consumers.add(stream0, { durable_name: "two", ack_policy: AckPolicy.Explicit, ...filters });
    for (const last of ["b", "c", "a"]) await js.publish(`${stream0}.${last}`, last);
    expect(await texts(await js.consumers.get(stream0, "two").then((one) => one.consume()), 3)).toEqual([
      "0",
      "b",
      "a",
    ]);
    const until = new Date(Date.now() + 60_000);
    expect((await manager.consumers.pause(stream0, "two", until)).paused).toBe(true);
    expect((await manager.consumers.resume(stream0, "two")).paused).toBe(false);
  });

  since("2.11.0", "gets several messages directly", async () => {
    const nc = await open();
    const { name: stream0, manager } = await stream(nc, 5);
    await manager.streams.update(stream0, { allow_direct: true });
    const seen: string[] = [];
    for await (const message of await manager.direct.getBatch(stream0, { seq: 2, batch: 3 }))
      seen.push(message.string());
    expect(seen).toEqual(["1", "2", "3"]);
    expect((await manager.direct.getMessage(stream0, { seq: 5 }))!.string()).toBe("4");
  });

  since("2.11.0", "shares a consumer by priority, and unpins it", async () => {
    const { js, manager, name: stream0 } = await stream(await open(), 5);
    await manager.consumers.add(stream0, {
      durable_name: "pinned",
      ack_policy: AckPolicy.Explicit,
      priority_groups: ["a"],
      priority_policy: "pinned_client",
    } as never);
    const consumer = await js.consumers.get(stream0, "pinned");
    const messages = await consumer.consume({ group: "a" } as never);
    const pinned = status(messages.status(), "consumer_pinned");
    const unpinned = status(messages.status(), "consumer_unpinned");
    const seen = texts(messages, 6);
    await pinned;
    await manager.consumers.unpin(stream0, "pinned", "a");
    await js.publish(`${stream0}.a`, "5");
    await unpinned;
    expect(await seen).toEqual(numbers(0, 6));
  });
});
