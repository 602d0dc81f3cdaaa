// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { type Status, VirtualClock } from "../src/index.ts";
import { connect, network, serve } from "./network.ts";

describe("the state of a connection", () => {
  it("names the current server, and none while disconnected", async () => {
    const client = await connect({ reconnectTimeWait: 1 });
    const server = `127.0.0.1:${network.server.port}`;
    expect([client.isConnected, client.server, client.info?.port]).toEqual([true, server, network.server.port]);
    const lost = new Promise<void>((resolve) => client.onStatus(({ type }) => type === "disconnect" && resolve()));
    network.server.connections[0]?.kill();
    await lost;
    expect([client.isConnected, client.server, client.info]).toEqual([false, undefined, undefined]);
    await client.flush();
    expect([client.isConnected, client.server]).toEqual([true, server]);
    await client.close();
    expect([client.isConnected, client.server, client.isClosed]).toEqual([false, undefined, true]);
  });

  it("is draining from the call of drain to the close", async () => {
    const client = await connect();
    expect(client.isDraining).toBe(false);
    const drained = client.drain();
    expect(client.isDraining).toBe(true);
    await drained;
    expect([client.isDraining, client.isClosed]).toEqual([false, true]);
  });

  it("lists the subscriptions that have not ended", async () => {
    const client = await connect();
    const [first, second] = [client.subscribe("a"), client.subscribe("b", () => {})];
    expect(client.subscriptions).toEqual([first, second]);
    first.unsubscribe();
    await first.closed;
    expect(client.subscriptions).toEqual([second]);
  });

  it("makes inboxes that differ, below the prefix", async () => {
    const client = await connect({ inboxPrefix: "me.in" });
    expect(client.inboxPrefix).toBe("me.in");
    expect((await connect()).inboxPrefix).toBe("_INBOX");
    const inboxes = [client.newInbox(), client.newInbox()];
    for (const inbox of inboxes) expect(inbox).toMatch(/^me\.in\.[\w-]{16}$/);
    expect(inboxes[0]).not.toBe(inboxes[1]);
    const replies = client.subscribe(inboxes[0] as string);
    client.publish(inboxes[0] as string, "x");
    expect((await replies.next()).text()).toBe("x");
  });
});

describe("subscribe", () => {
  it("takes a callback in place of the options", async () => {
    const client = await connect();
    const received: string[] = [];
    client.subscribe("a", (message) => received.push(message.text()));
    network.server.subscribe("a", (message) => received.push(`server ${message.text()}`));
    client.publish("a", "1");
    await client.flush();
    expect(received.sort()).toEqual(["1", "server 1"]);
  });
});

describe("next", () => {
  it("resolves with each message in order, before and after it arrives", async () => {
    const client = await connect();
    const messages = client.subscribe("a");
    const [first, second] = [messages.next(), messages.next()];
    for (const payload of ["1", "2", "3"]) client.publish("a", payload);
    await client.flush();
    const texts = (await Promise.all([first, second, messages.next()])).map((message) => message.text());
    expect(texts).toEqual(["1", "2", "3"]);
    await client.drain();
  });

  it("times out on the connection's clock; a later message is not lost", async () => {
    const clock = new VirtualClock();
    const client = await connect({ clock });
    const messages = client.subscribe("a");
    const none = messages.next({ timeout: 5000 });
    clock.pass(5000);
    await expect(none).rejects.toThrow('TIMEOUT: no message on "a" within 5000 ms');
    client.publish("a", "later");
    expect((await messages.next()).text()).toBe("later");
  });

  it("ends with the reason of its signal, also if a message waits", async () => {
    const client = await connect();
    const messages = client.subscribe("a");
    const controller = new AbortController();
    const none = messages.next({ signal: controller.signal });
    controller.abort(new Error("stop"));
    await expect(none).rejects.toThrow("stop");
    client.publish("a", "kept");
    await client.flush();
    await expect(messages.next({ signal: controller.signal })).rejects.toThrow("stop");
    expect((await messages.next()).text()).toBe("kept");
  });

  it("rejects after the end of the subscription", async () => {
    const client = await connect();
    const messages = client.subscribe("a");
    const none = expect(messages.next()).rejects.toThrow('CLOSED: no message on "a": the subscription has ended');
    messages.unsubscribe();
    await none;
    await expect(messages.next()).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("rejects on a subscription with a callback", async () => {
    const client = await connect();
    const messages = client.subscribe("a", () => {});
    await expect(messages.next()).rejects.toThrow('cannot iterate the subscription to "a": it has a callback');
  });

  it("makes room in a subscription with a limit (maxMessages)", async () => {
    const client = await connect();
    const messages = client.subscribe("a", { maxMessages: 1 });
    for (const payload of ["1", "2", "3"]) {
      client.publish("a", payload);
      await client.flush();
      expect((await messages.next()).text()).toBe(payload);
    }
    expect(messages.dropped).toBe(0);
  });
});

describe("a message with a byte order mark", () => {
  it("keeps it as text, and ignores it as JSON", async () => {
    const client = await connect();
    const messages = client.subscribe("a");
    client.publish("a", "\uFEFF{}");
    const message = await messages.next();
    expect(message.text()).toBe("\uFEFF{}");
    expect(message.json()).toEqual({});
  });
});

describe("CLOSED", () => {
  it("has one text for calls before and after the close", async () => {
    const client = await connect();
    const failing = client.request("nobody.answers", "", { timeout: 60_000 }).catch((error) => error.message);
    network.server.subscribe("nobody.answers");
    const later = async (): Promise<string> => client.flush().then(String, (error) => error.message);
    await client.close();
    expect([await failing, await later()]).toEqual(Array(2).fill("CLOSED: the connection is closed"));
  });

  it("says why if the program did not close the connection", async () => {
    const client = await connect({ reconnect: false });
    network.server.subscribe("slow", () => network.server.connections[0]?.kill());
    const pending = client.request("slow", "").catch((error) => error.message);
    await client.closed;
    const later = await client.flush().then(String, (error) => error.message);
    expect(later).toMatch(/^CLOSED: the connection is closed: 127\.0\.0\.1:\d+: /);
    expect(await pending).toMatch(/^LOST: /);
  });
});

describe("a status of type error", () => {
  it("has an Error, whatever a callback throws", async () => {
    const client = await connect();
    const statuses: Status[] = [];
    client.onStatus((status) => statuses.push(status));
    const thrown = new Error("own");
    client.subscribe("a", ({ payload }) => {
      throw payload.length === 0 ? thrown : "text";
    });
    for (const payload of ["", "x"]) client.publish("a", payload);
    await client.flush();
    const errors = statuses.map((status) => status.type === "error" && status.error);
    expect(errors).toEqual([thrown, new Error("text", { cause: "text" })]);
    expect((errors[1] as Error).cause).toBe("text");
  });
});

describe("the embedded server's next", () => {
  it("takes a signal, and rejects with its reason", async () => {
    const server = await serve();
    const messages = server.subscribe("a");
    const controller = new AbortController();
    const none = messages.next({ signal: controller.signal });
    controller.abort(new Error("stop"));
    await expect(none).rejects.toThrow("stop");
    server.publish("a", "kept");
    expect((await messages.next()).text()).toBe("kept");
  });
});
