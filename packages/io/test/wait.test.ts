// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { connectWith, type Message, VirtualClock } from "../src/index.ts";
import { connect, network } from "./network.ts";

const mine = new Error("mine");

/** Signals: one that is aborted already, and one that will be in a moment. */
const both = (): [string, AbortSignal][] => {
  const later = new AbortController();
  setTimeout(() => later.abort(mine), 5);
  return [
    ["already", AbortSignal.abort(mine)],
    ["later", later.signal],
  ];
};

describe("an AbortSignal", () => {
  it("ends an attempt to connect, without effect after it", async () => {
    const nowhere = { servers: "nats://127.0.0.1:9", waitOnFirstConnect: true, maxReconnectAttempts: -1 };
    for (const [, signal] of both()) {
      await expect(connectWith(network.pipe.dial, { ...nowhere, signal })).rejects.toBe(mine);
    }
    const controller = new AbortController();
    const client = await connect({ signal: controller.signal });
    controller.abort();
    await client.flush();
  });

  it("has one listener for any number of waits, and ends them all", async () => {
    network.server.subscribe("silent", { callback: () => {} });
    const client = await connect();
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const listen = signal.addEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof listen>) => {
      listeners++;
      listen(...args);
    };
    const requests = Array.from({ length: 20 }, () => client.request("silent", "", { signal, timeout: 60_000 }));
    const subscription = client.subscribe("foo", { signal });
    const outcomes = Promise.allSettled(requests);
    controller.abort(mine);
    for (const outcome of await outcomes) expect(outcome).toEqual({ status: "rejected", reason: mine });
    await subscription.closed;
    expect(listeners).toBe(1);
  });

  it("has no listener after the last wait has ended", async () => {
    network.server.subscribe("loud", { callback: (message) => message.respond("a") });
    const client = await connect();
    const { signal } = new AbortController();
    let listeners = 0;
    const [listen, stop] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof listen>) => {
      listeners++;
      listen(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof stop>) => {
      listeners--;
      stop(...args);
    };
    const [first, second] = [client.request("loud", "", { signal }), client.request("loud", "", { signal })];
    expect(listeners).toBe(1);
    await Promise.all([first, second]);
    expect(listeners).toBe(0);
    await client.request("loud", "", { signal });
    expect(listeners).toBe(0);
  });

  it("ends a request, whose reply is then unmatched", async () => {
    const asked: string[] = [];
    network.server.subscribe("silent", { callback: ({ reply = "" }) => void asked.push(reply) });
    const client = await connect();
    for (const [, signal] of both()) {
      await expect(client.request("silent", "", { signal, timeout: 60_000 })).rejects.toBe(mine);
    }
    await client.flush();
    // What was aborted before was not even asked.
    expect(asked.length).toBe(1);
    network.server.publish(asked[0] ?? "", "late");
    await client.flush();
    expect(client.stats.unmatched).toBe(1);
    const done = new AbortController();
    network.server.subscribe("loud", { callback: (message) => void message.respond("a") });
    expect((await client.request("loud", "", { signal: done.signal })).text()).toBe("a");
    done.abort();
    await client.flush();
  });

  it("ends a request for many replies, after those received", async () => {
    network.server.subscribe("ask", { callback: (message) => void message.respond("a") });
    const client = await connect();
    expect(() => client.requestMany("ask", "", { signal: AbortSignal.abort(mine) })).toThrow(mine);
    const controller = new AbortController();
    const replies = client.requestMany("ask", "", { signal: controller.signal, maxWait: 60_000 });
    expect((await replies.next()).value.text()).toBe("a");
    controller.abort(mine);
    await expect(replies.next()).rejects.toBe(mine);
  });

  it("ends a subscription, as unsubscribe does", async () => {
    const client = await connect();
    const [[, already], [, later]] = both() as [[string, AbortSignal], [string, AbortSignal]];
    expect(() => client.subscribe("foo", { signal: already })).toThrow(mine);
    const messages = client.subscribe("foo", { signal: later });
    for await (const _ of messages) throw new Error("there is none");
    expect(await messages.closed).toBe(undefined);
    await client.flush();
    expect(network.server.publish("foo")).toBe(0);
  });

  it("ends flush, ready and rtt", async () => {
    const client = await connect({ maxPending: 100 });
    await client.flush();
    network.server.connections[0]?.hold("pong");
    for (const [, signal] of both()) await expect(client.flush({ signal })).rejects.toBe(mine);
    await expect(client.rtt({ signal: AbortSignal.abort(mine) })).rejects.toBe(mine);
    await expect(client.flush({ timeout: 5 })).rejects.toMatchObject({ code: "TIMEOUT" });
    client.publish("foo", "x".repeat(80));
    await expect(client.ready({ signal: AbortSignal.abort(mine) })).rejects.toBe(mine);
    await client.ready({ timeout: 60_000 });
  });

  it("ends a drain, and closes the connection", async () => {
    const client = await connect();
    client.subscribe("foo");
    await client.flush();
    network.server.publish("foo");
    const [, [, signal]] = both() as [[string, AbortSignal], [string, AbortSignal]];
    await expect(client.drain({ signal })).rejects.toBe(mine);
    expect(client.isClosed).toBe(true);
  });
});

describe("the wait of a subscription", () => {
  it("is ready after the server has registered it", async () => {
    const client = await connect();
    const messages = client.subscribe("foo");
    await messages.ready();
    expect(network.server.publish("foo")).toBe(1);
  });

  it("drains alone, and others continue", async () => {
    const client = await connect();
    const [one, other] = [client.subscribe("foo"), client.subscribe("bar")];
    await one.ready();
    network.server.publish("foo", "1");
    network.server.publish("foo", "2");
    const drained = one.drain();
    const seen: string[] = [];
    for await (const message of one) seen.push(message.text());
    await drained;
    expect(seen).toEqual(["1", "2"]);
    expect([await one.closed, network.server.publish("foo"), network.server.publish("bar")]).toEqual([undefined, 0, 1]);
    const iterator = other[Symbol.asyncIterator]();
    expect((await iterator.next()).value.subject).toBe("bar");
  });

  it("ends drain at its timeout", async () => {
    const client = await connect();
    const unread = client.subscribe("foo");
    await unread.ready();
    network.server.publish("foo", "1");
    await expect(unread.drain({ timeout: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(await unread.closed).toBe(undefined);
  });

  it("ends drain after ten seconds, or with the connection", async () => {
    const clock = new VirtualClock();
    const client = await connect({ clock });
    const [one, two] = [client.subscribe("foo"), client.subscribe("foo")];
    await two.ready();
    network.server.publish("foo", "unread");
    const late = expect(one.drain({ timeout: undefined })).rejects.toMatchObject({ code: "TIMEOUT" });
    await one.closed;
    clock.pass(10_000);
    await late;
    const drained = two.drain();
    await two.closed;
    await client.close();
    await drained;
    expect(two.pending).toBe(1);
  });

  it("cannot be iterated if it has a callback", async () => {
    const messages = (await connect()).subscribe("foo", { callback: () => {} });
    const loop = async (): Promise<void> => {
      for await (const _ of messages) throw new Error("there is none");
    };
    await expect(loop()).rejects.toMatchObject({ name: "UsageError" });
  });

  it("returns promises from next, also if messages wait", async () => {
    const client = await connect();
    const messages = client.subscribe("foo");
    client.publish("foo", "1");
    await client.flush();
    const next = messages[Symbol.asyncIterator]().next();
    expect(next).toBeInstanceOf(Promise);
    expect(await next).toMatchObject({ done: false, value: { subject: "foo" } });
  });

  it("loses nothing with a callback, whatever the limit", async () => {
    const client = await connect();
    const seen: string[] = [];
    const callback = (message: Message): void => void seen.push(message.text());
    const quick = client.subscribe("foo", { callback, maxMessages: 1, overflow: "drop-oldest" });
    for (let i = 0; i < 5; i++) client.publish("foo", String(i));
    await client.flush();
    expect(seen).toEqual(["0", "1", "2", "3", "4"]);
    expect([quick.received, quick.dropped]).toEqual([5, 0]);
  });

  it("does not drop a message that a loop waits for", async () => {
    const client = await connect();
    const messages = client.subscribe("foo", { maxMessages: 1, overflow: "drop-oldest" });
    const loop = messages[Symbol.asyncIterator]();
    const first = loop.next();
    for (const text of ["1", "2", "3"]) client.publish("foo", text);
    await client.flush();
    expect([(await first).value.text(), (await loop.next()).value.text()]).toEqual(["1", "3"]);
    expect([messages.received, messages.dropped]).toEqual([3, 1]);
  });

  it("keeps the newest messages (overflow: drop-oldest)", async () => {
    const client = await connect();
    const status = client.status();
    const slow = client.subscribe("foo", { maxMessages: 2, overflow: "drop-oldest" });
    for (let i = 0; i < 5; i++) client.publish("foo", String(i));
    await client.flush();
    expect((await status.next()).value).toMatchObject({ type: "slowConsumer", subscription: slow, dropped: 1 });
    slow.unsubscribe();
    const seen: string[] = [];
    for await (const message of slow) seen.push(message.text());
    expect(seen).toEqual(["3", "4"]);
    expect([slow.received, slow.dropped, slow.pending]).toEqual([5, 3, 0]);
  });
});
