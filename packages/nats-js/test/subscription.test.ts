// SPDX-License-Identifier: Apache-2.0
import { errors, headers, type Msg, type MsgHdrsImpl, type Status } from "@nats-io/nats-core/internal";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { clients, collect, connected, listed } from "./clients.ts";

let server: RealServer;
beforeAll(async () => {
  server = await startNatsServer("");
});
afterAll(() => server.stop());

describe.each(clients)("a subscription of %s", (name) => {
  const open = () => connected(name, server.port);

  it("calls back in order, and not before it exists (nc.subscribe)", async () => {
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

  it("delivers messages with all that modules read (msg.*)", async () => {
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
    expect([a!.headers!.has("Kind"), a!.headers!.has("None"), a!.headers!.description]).toEqual([true, false, ""]);
    expect(a!.size()).toBe("foo.a".length + "bar".length + (some as MsgHdrsImpl).encode().length + 5);
    expect([b!.reply, b!.json(), b!.headers?.keys() ?? []]).toEqual(["", { n: 1 }, []]);
    expect([c!.headers, c!.data.length, c!.respond("nobody asked")]).toEqual([undefined, 0, false]);
    expect(b!.json((key, value) => (key === "n" ? 2 : value))).toEqual({ n: 2 });
  });

  it("shares messages with its queue group (queue)", async () => {
    const nc = await open();
    let received = 0;
    for (const queue of ["q", "q", ""]) nc.subscribe("foo", { queue, callback: () => void received++ });
    for (let i = 0; i < 10; i++) nc.publish("foo");
    await nc.flush();
    expect(received).toBe(20);
  });

  it("ends at once, or after some messages (sub.unsubscribe)", async () => {
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

  it("reports a timeout to the callback and to the loop (timeout)", async () => {
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

  it("drains (sub.drain, sub.isDraining, sub.closed)", async () => {
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

  it("gets another subject (nc._resub, sub.getSubject)", async () => {
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
});
