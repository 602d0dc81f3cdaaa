// SPDX-License-Identifier: Apache-2.0
import { MsgHeaders } from "@natswire/codec";
import { describe, expect, it, vi } from "vitest";
import { closing } from "../../../tools/testkit/closing.ts";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { nextUncaught } from "../../../tools/testkit/uncaught.ts";
import { realClock } from "../src/clock.ts";
import {
  type Connection,
  type ConnectionOptions,
  connectWith,
  type Dial,
  type Status,
  tokenAuthorizer,
  userAuthorizer,
  VirtualClock,
} from "../src/index.ts";
import { connect, network, serve } from "./network.ts";

/** Two messages to a callback that throws at the first: what it saw. */
function hearsTwice(client: Connection, error: Error): string[] {
  const seen: string[] = [];
  client.subscribe("foo", {
    callback: (message) => {
      seen.push(message.text());
      if (seen.length === 1) throw error;
    },
  });
  client.publish("foo", "1");
  client.publish("foo", "2");
  return seen;
}

describe("a client connection", () => {
  it("publishes and subscribes, with queue groups, wildcards and headers", async () => {
    const [one, two] = [await connect(), await connect()];
    const all = one.subscribe("orders.*", { max: 2 });
    const workers = [one, two].map((each) => each.subscribe("orders.>", { queue: "q", callback: () => {} }));
    await Promise.all([one.flush(), two.flush()]);
    two.publish("orders.new", "42", { headers: new MsgHeaders([["a", "b"]]), reply: "back" });
    two.publish("orders.old", Uint8Array.of(55));
    const seen: unknown[] = [];
    for await (const order of all) seen.push([order.subject, order.text(), order.reply, order.headers?.get("a")]);
    expect(seen).toEqual([
      ["orders.new", "42", "back", "b"],
      ["orders.old", "7", undefined, undefined],
    ]);
    await Promise.all([one.flush(), two.flush()]);
    expect(workers.reduce((sum, { received }) => sum + received, 0)).toBe(2);
    expect(await all.closed).toBe(undefined);
  });

  it("receives a raised maximum after the server reached the old one", async () => {
    const client = await connect();
    const subscription = client.subscribe("foo", { max: 1 });
    await client.flush();
    // The server has sent it and ended the subscription; the client has not received that yet.
    network.server.publish("foo", "1");
    subscription.unsubscribe(3);
    await client.flush();
    for (const text of ["2", "3", "4"]) network.server.publish("foo", text);
    const seen: string[] = [];
    for await (const message of subscription) seen.push(message.text());
    expect(seen).toEqual(["1", "2", "3"]);
    await client.flush();
    expect(network.server.stats.subscriptions).toBe(0);
  });

  it.each([
    ["as it was at the call", {}, "before"],
    ["as it is later if it is borrowed", { borrow: true }, "behind"],
  ] as const)("sends a large payload %s", async (_, options, text) => {
    const client = await connect();
    const heard = client.subscribe("foo", { max: 1 });
    const payload = new Uint8Array(20_000);
    payload.set(new TextEncoder().encode("before"));
    client.publish("foo", payload, options);
    payload.set(new TextEncoder().encode("behind"));
    for await (const message of heard) expect(message.text().slice(0, 6)).toBe(text);
    expect(heard.received).toBe(1);
  });

  it("matches replies to many concurrent requests", async () => {
    const [asks, answers] = [await connect(), await connect()];
    answers.subscribe("double", { callback: (m) => void m.respond(String(2 * m.json<number>())) });
    await answers.flush();
    const replies = await Promise.all(Array.from({ length: 500 }, (_, i) => asks.request("double", String(i))));
    expect(replies.map((reply) => reply.json())).toEqual(Array.from({ length: 500 }, (_, i) => 2 * i));
  });

  it("rejects a request without responders or without a reply in time", async () => {
    const client = await connect();
    await expect(client.request("nobody")).rejects.toMatchObject({ name: "ConnectionError", code: "NO_RESPONDERS" });
    network.server.subscribe("silent", { callback: () => {} });
    await expect(client.request("silent", "", { timeout: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  it("measures the round-trip time", async () => {
    expect(await (await connect()).rtt()).toBeGreaterThanOrEqual(0);
  });

  it("throws for invalid subjects, and stays open", async () => {
    const client = await connect();
    expect(() => client.publish("a b")).toThrow(expect.objectContaining({ code: "BAD_SUBJECT" }));
    expect(() => client.subscribe("a..b")).toThrow(expect.objectContaining({ code: "BAD_SUBJECT" }));
    await expect(client.request("a b")).rejects.toMatchObject({ code: "BAD_SUBJECT" });
    await client.flush();
  });

  it.each([
    ["servers", "a number", { servers: 5 }],
    ["authenticator", "a string", { authenticator: "x" }],
  ])("rejects options of the wrong kind: %s is %s", async (name, kind, given) => {
    const said = {
      name: "UsageError",
      code: "BAD_FIELD",
      message: expect.stringMatching(`^${name} must be .*, not ${kind}$`),
    };
    await expect(connectWith(network.pipe.dial, given as never)).rejects.toMatchObject(said);
  });

  it("says how to give several servers", async () => {
    const servers = ["nats://127.0.0.1:1"] as unknown as string;
    await expect(connectWith(network.pipe.dial, servers)).rejects.toThrow("write { servers: […] }");
  });

  it("rejects an unknown option", async () => {
    const options = { server: "nats://127.0.0.1:1" } as object;
    await expect(connectWith(network.pipe.dial, options)).rejects.toThrow(
      'unknown option "server"; did you mean "servers"?',
    );
  });

  it("takes a server's URL in place of the options", async () => {
    const client = await connectWith(network.pipe.dial, network.server.url);
    expect(client.info).toMatchObject({ port: network.server.port });
    await client.close();
    for (const given of [5, null]) {
      await expect(connectWith(network.pipe.dial, given as never)).rejects.toThrow(/^the options must be an object or/);
    }
  });

  it("rejects a second argument of connect", async () => {
    const connect: (...given: never[]) => Promise<unknown> = connectWith;
    const more = [network.pipe.dial, network.server.url, { token: "x" }] as never[];
    await expect(connect(...more)).rejects.toThrow("too many arguments; write connectWith(dial, { servers, name })");
  });

  it("rejects payloads and headers of the wrong kind", async () => {
    const client = await connect();
    for (const [payload, kind] of [
      [null, "null"],
      [5, "a number"],
      [{ a: 1 }, "an object; JSON.stringify() it?"],
      [[1], "an array; JSON.stringify() it?"],
      [Promise.resolve("a"), "a Promise; await it?"],
      [new ArrayBuffer(5), "an object"],
      [new DataView(new ArrayBuffer(5)), "an object; JSON.stringify() it?"],
    ]) {
      const message = new RegExp(
        `^payload must be a string or a Uint8Array, not ${String(kind).replace(/[?()]/g, "\\$&")}$`,
      );
      expect(() => client.publish("foo", payload as never)).toThrow(message);
      await expect(client.request("foo", payload as never)).rejects.toThrow(message);
    }
    for (const odd of [new Uint16Array(4), new DataView(new ArrayBuffer(4))]) {
      expect(() => client.publish("foo", "", { headers: odd as never })).toThrow(
        "headers must be a Uint8Array, not an object",
      );
    }
    for (const odd of [null, "", false, 0, [1, 2]]) {
      const message = "headers must be { name: value } or [[name, value]], not ";
      const options = { headers: odd as never };
      expect(() => client.publish("foo", "", options)).toThrow(message);
      expect(() => client.requestMany("foo", "", options)).toThrow(message);
      await expect(client.request("foo", "", options)).rejects.toThrow(message);
      expect(() => network.server.publish("foo", "", options)).toThrow(message);
      await expect(network.server.request("foo", "", options)).rejects.toThrow(message);
    }
    expect(client.stats.published).toBe(0);
  });

  it("emits what a callback throws, and stays open", async () => {
    const client = await connect();
    const status = client.status();
    const error = new Error("mine");
    const seen = hearsTwice(client, error);
    await client.flush();
    expect(seen).toEqual(["1", "2"]);
    expect((await status.next()).value).toEqual({ type: "error", error });
  });

  it("emits what an async callback rejects with, and stays open", async () => {
    const client = await connect();
    const error = new Error("mine");
    const callback = async (): Promise<void> => {
      throw error;
    };
    client.subscribe("foo", { callback });
    client.publish("foo");
    const [uncaught] = await Promise.all([nextUncaught(), client.flush()]);
    expect(uncaught).toBe(error);
    const status = client.status();
    client.publish("foo");
    expect((await status.next()).value).toEqual({ type: "error", error });
  });

  it("makes a callback's error uncaught without listeners", async () => {
    const client = await connect();
    const error = new Error("mine");
    const seen = hearsTwice(client, error);
    const [uncaught] = await Promise.all([nextUncaught(), client.flush()]);
    expect(uncaught).toBe(error);
    expect(seen).toEqual(["1", "2"]);
  });

  it("publishes and requests with wildcard tokens, as JetStream's API needs", async () => {
    const client = await connect();
    const subject = "$JS.API.CONSUMER.CREATE.S.c.orders.>";
    const seen: unknown[] = [];
    network.server.subscribe("$JS.API.>", {
      callback: (message) => {
        seen.push([message.subject, message.text()]);
        message.respond("ok");
      },
    });
    client.publish(subject, "1");
    expect((await client.request(subject, "2")).text()).toBe("ok");
    expect((await client.request(subject, "3", { noMux: true })).text()).toBe("ok");
    expect(seen).toEqual(["1", "2", "3"].map((text) => [subject, text]));
  });

  it("forwards a raw header block as it is, with publish and request", async () => {
    const client = await connect();
    const heard = network.server.subscribe("foo", { max: 3 });
    network.server.subscribe("foo", {
      callback: (message) => void message.respond("", { headers: message.headerBlock }),
    });
    const odd = latin1("NATS/1.0 1 h\r\nA: b\r\nodd line\r\n\r\n");
    const block = odd.slice();
    client.publish("foo", "1", { headers: block });
    // Its memory may be used again at once.
    block.fill(0);
    const large = latin1(`NATS/1.0\r\nA: ${"x".repeat(20_000)}\r\n\r\n`);
    const reused = large.slice();
    client.publish("foo", "2", { headers: reused });
    reused.fill(0);
    const reply = await client.request("foo", "3", { headers: odd });
    expect([reply.headerBlock, reply.headers?.get("A"), reply.headers?.skipped]).toEqual([odd, "b", 2]);
    const seen: unknown[] = [];
    for await (const { headerBlock } of heard) seen.push(headerBlock);
    expect(seen).toEqual([odd, large, odd]);
    expect(network.server.publish("foo", "4", { headers: odd })).toBe(1);
  });

  it("delivers malformed headers as bytes only", async () => {
    const client = await connect();
    const messages = client.subscribe("foo", { max: 2 });
    await client.flush();
    // What nats-server relays, and ours does not.
    network.server.connections[0]?.inject("HMSG foo 1 5 7\r\nabcdeok\r\n");
    network.server.publish("foo", "good", { headers: new MsgHeaders([["a", "b"]]) });
    const seen: unknown[] = [];
    for await (const { headers, headerBlock, payload } of messages) {
      seen.push([headers?.get("a"), String.fromCharCode(...(headerBlock ?? [])), payload.length]);
    }
    expect(seen).toEqual([
      [undefined, "abcde", 2],
      ["b", "NATS/1.0\r\na: b\r\n\r\n", 4],
    ]);
  });

  it("emits permission errors", async () => {
    const other = await serve({ authorize: tokenAuthorizer("t", { permissions: { publish: { deny: ["secret"] } } }) });
    const client = await connect({ servers: `nats://t@127.0.0.1:${other.port}` });
    const status = client.status();
    client.publish("secret");
    await client.flush();
    expect((await status.next()).value).toMatchObject({ type: "error", error: { code: "PERMISSION" } });
  });

  it("closes after sending what was published, then rejects calls", async () => {
    const client = await connect();
    const heard = network.server.subscribe("foo");
    const bar = client.subscribe("bar");
    const waiting = bar[Symbol.asyncIterator]().next();
    client.publish("foo", "last");
    const flush = client.flush();
    await Promise.all([expect(flush).rejects.toMatchObject({ code: "CLOSED" }), client.close()]);
    expect((await heard.next()).text()).toBe("last");
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect([await client.closed, await bar.closed]).toEqual([undefined, undefined]);
    expect(() => client.publish("foo")).toThrow(expect.objectContaining({ code: "CLOSED" }));
    expect(() => client.subscribe("foo")).toThrow(expect.objectContaining({ code: "CLOSED" }));
    await expect(client.request("foo")).rejects.toMatchObject({ code: "CLOSED" });
    await client.close();
  });

  it("rejects a second drain at its own timeout, and closes after the first", async () => {
    network.server = await serve();
    const client = await connect();
    let finish = (): void => {};
    const subscription = client.subscribe("a", {
      callback: () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    });
    await subscription.ready();
    network.server.publish("a");
    await client.flush();
    const drained = client.drain();
    await expect(client.drain({ timeout: 5 })).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(client.isClosed).toBe(false);
    finish();
    await drained;
    expect(client.isClosed).toBe(true);
  });

  it("drains once when drain is called twice", async () => {
    const client = await connect();
    const unread = client.subscribe("foo");
    client.publish("foo", "1");
    await client.flush();
    let ended = 0;
    const drains = [client.drain(), client.drain()].map((one) => one.then(() => ended++));
    expect(() => client.subscribe("foo")).toThrow(expect.objectContaining({ code: "DRAINING" }));
    expect(ended).toBe(0);
    for await (const message of unread) expect(message.text()).toBe("1");
    await Promise.all(drains);
    await client.drain();
    expect([ended, client.isClosed]).toEqual([2, true]);
  });

  it("counts true in the callback of its last message", async () => {
    const client = await connect();
    const counts: number[][] = [];
    const subscription = client.subscribe("counted", {
      max: 2,
      callback: () => counts.push([subscription.received, subscription.dropped]),
    });
    await client.flush();
    for (let i = 0; i < 2; i++) network.server.publish("counted", "a");
    await subscription.closed;
    expect([...counts, [subscription.received, subscription.dropped]]).toEqual([
      [1, 0],
      [2, 0],
      [2, 0],
    ]);
  });

  it("resolves close after the server has received everything", async () => {
    const client = await connect();
    const heard = network.server.subscribe("foo");
    for (let i = 0; i < 3; i++) client.publish("foo", String(i));
    await client.close();
    await network.server.close();
    expect(heard.received).toBe(3);
    expect(client.stats).toMatchObject({ published: 3, inFlight: 0, unknown: 3 });
  });

  it("stops waiting after a second for a server that does not close", async () => {
    const dial: Dial = (_, on) => {
      const answer = (text: string): void => queueMicrotask(() => on.data(new TextEncoder().encode(text)));
      queueMicrotask(on.open);
      answer("INFO {}\r\n");
      const write = (): boolean => {
        answer("PONG\r\n");
        return true;
      };
      return { write, pause() {}, resume() {}, close() {}, abort() {} };
    };
    const client = await connectWith(dial);
    const clock = new VirtualClock();
    vi.spyOn(realClock, "after").mockImplementation((time, ring) => clock.after(time, ring));
    let isClosed = false;
    const closed = client.close().then(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    clock.pass(999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isClosed).toBe(false);
    clock.pass(1);
    await closed;
    vi.restoreAllMocks();
  });

  it("runs no callback after close; loops read what waits", async () => {
    const client = await connect();
    const seen: string[] = [];
    client.subscribe("foo", {
      callback: (message) => {
        seen.push(message.text());
        void client.close();
      },
    });
    const loop = client.subscribe("foo");
    await client.flush();
    network.server.connections[0]?.inject(
      "MSG foo 1 r 1\r\n1\r\nMSG foo 1 r 1\r\n2\r\nMSG foo 2 r 1\r\n1\r\nMSG foo 2 r 1\r\n2\r\n",
    );
    await client.closed;
    expect(seen).toEqual(["1"]);
    const texts: string[] = [];
    for await (const message of loop) {
      texts.push(message.text());
      expect(message.respond("")).toBe(false);
    }
    expect(texts).toEqual(["1", "2"]);
    await expect(client.flush()).rejects.toThrow("CLOSED: the connection is closed");
  });

  it("emits what an async callback rejects with after close", async () => {
    const client = await connect();
    const rejections: ((error: Error) => void)[] = [];
    const callback = (): Promise<void> => new Promise((_, reject) => rejections.push(reject));
    client.subscribe("foo", { callback });
    client.publish("foo");
    await client.flush();
    const seen: unknown[] = [];
    const emitted = new Promise<void>((resolve) => {
      client.onStatus((status) => {
        seen.push(status);
        if (status.type === "error") resolve();
      });
    });
    await client.close();
    rejections[0]?.(new Error("mine"));
    await emitted;
    expect(seen).toEqual([{ type: "close" }, { type: "error", error: new Error("mine") }]);
  });

  it("makes the rejection uncaught after close if nothing listens", async () => {
    const client = await connect();
    const rejections: ((error: Error) => void)[] = [];
    client.subscribe("foo", () => new Promise((_, reject) => rejections.push(reject)));
    client.publish("foo");
    await client.flush();
    client.status(); // it ends with the connection
    await client.close();
    const uncaught = nextUncaught();
    rejections[0]?.(new Error("mine"));
    expect(await uncaught).toEqual(new Error("mine"));
  });

  it("throws FULL if maxPending is reached, and rejects requests with it", async () => {
    const client = await connect({ maxPending: 1000 });
    const full = { name: "ConnectionError", code: "FULL" };
    const publish = (): boolean => client.publish("foo", "x".repeat(900));
    expect(publish()).toBe(false);
    expect(publish).toThrow(expect.objectContaining(full));
    expect(publish).toThrow("FULL: maxPending is reached; await ready()");
    const request = client.request("foo", "x".repeat(900));
    await expect(request).rejects.toMatchObject({ ...full, message: "FULL: not sent: maxPending is reached" });
    await client.ready();
    expect(publish()).toBe(false);
    const tooLarge = { name: "UsageError", code: "TOO_LARGE" };
    expect(() => client.publish("foo", "x".repeat(1001))).toThrow(expect.objectContaining(tooLarge));
  });

  it("ignores what the old transport reports after reconnect()", async () => {
    const reports: (() => void)[] = [];
    const dial: Dial = (to, on) =>
      network.pipe.dial(to, { ...on, written: (bytes) => void reports.push(() => on.written(bytes)) });
    const client = closing(await connectWith(dial, network.server.url));
    client.publish("foo", "1");
    await client.flush();
    client.reconnect();
    for (const report of reports.splice(0)) report();
    await client.flush();
    expect(client.stats.reconnects).toBe(1);
  });

  it("drains at once without a connection if there is nothing to send", async () => {
    const client = await connect({ reconnectDelay: () => 60_000 });
    client.reconnect();
    await client.drain();
    expect(client.isClosed).toBe(true);
  });

  it("waits in drain for async callbacks, whose requests still pass", async () => {
    network.server.subscribe("price", { callback: (message) => message.respond("3") });
    const client = await connect();
    let running = 0;
    client.subscribe("order", {
      callback: async (message) => {
        running++;
        await new Promise((resolve) => setTimeout(resolve, 5));
        message.respond((await client.request("price")).text());
        running--;
      },
    });
    await client.flush();
    const answers = Promise.all(["a", "b", "c"].map((text) => network.server.request("order", text)));
    const drained = client.drain();
    expect((await answers).map((answer) => answer.text())).toEqual(["3", "3", "3"]);
    await drained;
    expect(running).toBe(0);
  });

  it("waits in drain for callbacks of subscriptions that have ended", async () => {
    const client = await connect();
    let settled = 0;
    const callback = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      settled++;
    };
    const [first, second] = [client.subscribe("a", { callback, max: 1 }), client.subscribe("b", { callback })];
    for (const subject of ["a", "b"]) client.publish(subject);
    await client.flush();
    second.unsubscribe();
    await Promise.all([first.closed, second.closed]);
    await client.drain();
    expect(settled).toBe(2);
  });

  it("waits in drain for requests in progress, and what follows them", async () => {
    network.server.subscribe("slow", { callback: (message) => void setTimeout(() => message.respond("done"), 20) });
    const client = await connect();
    const heard = network.server.subscribe("audit");
    const audited = client.request("slow").then((reply) => client.publish("audit", reply.text()));
    const many = client.requestMany("slow", "", { maxWait: 60_000, maxMessages: 1 });
    await client.drain();
    await audited;
    expect((await many.next()).value.text()).toBe("done");
    expect((await heard.next()).text()).toBe("done");
    expect(client.stats).toMatchObject({ published: 3, confirmed: 3 });
  });

  it("closes in drain if the signal is aborted already", async () => {
    const client = await connect();
    const reason = new Error("no time");
    const signal = AbortSignal.abort(reason);
    const subscription = client.subscribe("foo");
    await expect(subscription.next({ signal })).rejects.toBe(reason);
    await expect(subscription.drain({ signal })).rejects.toBe(reason);
    expect(await subscription.closed).toBe(undefined);
    await expect(client.drain({ signal })).rejects.toBe(reason);
    expect(client.isClosed).toBe(true);
  });

  it("rejects requests with CLOSED that do not end before drain times out", async () => {
    network.server.subscribe("silent");
    const client = await connect();
    const { signal } = new AbortController();
    const requests = [client.request("silent", "", { timeout: 60_000, signal }), client.requestMany("silent").next()];
    const failed = Promise.all(requests.map((one) => expect(one).rejects.toMatchObject({ code: "CLOSED" })));
    await expect(client.drain({ timeout: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
    await failed;
  });

  it("gives up callbacks that do not settle within the timeout of drain", async () => {
    const client = await connect();
    const answered: unknown[] = [];
    client.subscribe("order", {
      callback: async (message) => {
        await client.closed;
        answered.push(message.respond("too late"));
        await client.request("x");
      },
    });
    await client.flush();
    network.server.publish("order");
    await client.flush();
    await expect(client.drain({ timeout: 5 })).rejects.toMatchObject({ code: "TIMEOUT" });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(answered).toEqual([false]);
  });

  it.each([1, undefined])("calls no callback after close, concurrency %s", async (concurrency) => {
    const client = await connect();
    const seen: string[] = [];
    let settle = (): void => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    client.subscribe("foo", {
      concurrency,
      callback: (message) => {
        seen.push(message.text());
        return settled;
      },
    });
    client.publish("foo", "1");
    client.publish("foo", "2");
    await client.flush();
    const before = [...seen];
    // The drain has ended the subscription. The second message waits for the first callback.
    await expect(client.drain({ timeout: 5 })).rejects.toMatchObject({ code: "TIMEOUT" });
    settle();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(before);
  });

  it("rejects drain if it is unknown whether everything arrived", async () => {
    const away = await connect({ reconnectDelay: () => 60_000 });
    away.reconnect();
    for (let i = 0; i < 10; i++) away.publish("foo", "kept in vain");
    await expect(away.drain({ timeout: 5 })).rejects.toMatchObject({ code: "TIMEOUT" });
    expect([away.isClosed, away.stats.dropped]).toEqual([true, 10]);
    const killed = await connect();
    network.server.connections[0]?.hold("pong");
    killed.publish("foo", "under way");
    const drained = killed.drain();
    await new Promise((resolve) => setTimeout(resolve, 5));
    network.server.connections[0]?.kill();
    await expect(drained).rejects.toMatchObject({ code: "LOST" });
    const last = await connect({ reconnect: false });
    network.server.connections[0]?.hold("pong");
    last.publish("foo", "under way");
    const failed = last.drain();
    await new Promise((resolve) => setTimeout(resolve, 5));
    network.server.connections[0]?.kill();
    await expect(failed).rejects.toMatchObject({ code: "LOST" });
    const closed = await connect();
    network.server.connections[0]?.hold("pong");
    const given = closed.drain();
    await closed.close();
    await given;
  });

  it("drains: reads and answers what has come, then closes", async () => {
    const client = await connect();
    const work = client.subscribe("work");
    await client.flush();
    const answers = network.server.subscribe("answers", { max: 3 });
    for (let i = 0; i < 3; i++) network.server.publish("work", String(i), { reply: "answers" });
    const done = (async () => {
      for await (const message of work) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        message.respond(message.text());
      }
    })();
    await client.drain();
    await done;
    const seen: string[] = [];
    for await (const answer of answers) seen.push(answer.text());
    expect(seen).toEqual(["0", "1", "2"]);
    expect(client.isClosed).toBe(true);
    expect(network.server.publish("work")).toBe(0);
  });

  it("ends drain when the connection is closed", async () => {
    const client = await connect();
    const work = client.subscribe("work");
    await client.flush();
    network.server.connections[0]?.hold("pong");
    const drained = client.drain({ timeout: 600_000 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    network.server.connections[0]?.kill();
    await drained;
    expect(client.isClosed).toBe(true);
    expect(await work.closed).toBe(undefined);
  });

  it("ends drain at its timeout", async () => {
    const client = await connect();
    client.subscribe("work");
    await client.flush();
    network.server.publish("work");
    await expect(client.drain({ timeout: 50 })).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(client.isClosed).toBe(true);
  });
});

describe("authentication", () => {
  it("accepts name and password, a token, a slow authenticator", async () => {
    network.server = await serve({ authorize: userAuthorizer([{ user: "ann", password: "s3cret" }]) });
    await (await connect({ user: "ann", pass: "s3cret" })).flush();
    await (await connect({ servers: `nats://ann:s3cret@127.0.0.1:${network.server.port}` })).flush();
    const authenticator: ConnectionOptions["authenticator"] = async (nonce) => {
      expect(nonce).toMatch(/^[\w-]{11,}$/);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { user: "ann", pass: "s3cret" };
    };
    await (await connect({ authenticator })).flush();
    network.server = await serve({ authorize: tokenAuthorizer("t0ken") });
    await (await connect({ token: "t0ken" })).flush();
  });

  it("reports why a client was rejected", async () => {
    network.server = await serve({ authorize: tokenAuthorizer("t0ken") });
    await expect(connect({ token: "wrong" })).rejects.toMatchObject({ code: "AUTH" });
    const authenticator = (): never => {
      throw new Error("no key");
    };
    await expect(connect({ authenticator })).rejects.toMatchObject({
      code: "LOST",
      message: expect.stringContaining("no key"),
    });
  });

  it.each([
    [5, "the result of an authenticator must be an object, not a number"],
    [undefined, "the result of an authenticator must be an object, not undefined"],
    [null, "the result of an authenticator must be an object, not null"],
    [{ password: "x" }, 'unknown option "password" of an authenticator\'s result; did you mean "pass"?'],
  ])("fails if the authenticator returns %j", async (result, message) => {
    network.server = await serve();
    const attempt = connect({ authenticator: () => result as never });
    await expect(attempt).rejects.toMatchObject({ code: "LOST", message: expect.stringContaining(message) });
    expect(network.server.stats.connections).toBe(0);
  });

  it.each([
    ["127.0.0.1", "the result of resolve must be an array of strings, not a string"],
    [[1], "the result of resolve must be an array of strings, not an array"],
  ])("fails if resolve returns %j", async (result, message) => {
    network.server = await serve();
    const attempt = connect({ servers: "nats://a.example", resolve: async () => result as never });
    await expect(attempt).rejects.toThrow(message);
  });

  it("reports why a client could not connect", async () => {
    await expect(connect({ servers: "nats://127.0.0.1:9" })).rejects.toMatchObject({ code: "REFUSED" });
    await expect(connect({ servers: "127.0.0.1:9,127.0.0.1:10", noRandomize: true })).rejects.toThrow(
      /127\.0\.0\.1:9.*; .*127\.0\.0\.1:10/,
    );
    await expect(connect({ servers: "http://x" })).rejects.toMatchObject({ code: "BAD_FIELD" });
  });
});

describe("a lost connection", () => {
  const types = async (status: AsyncIterableIterator<Status>, count: number): Promise<string[]> => {
    const seen: string[] = [];
    while (seen.length < count) seen.push((await status.next()).value.type);
    return seen;
  };

  it("is made again with its subscriptions", async () => {
    const client = await connect();
    const status = client.status();
    const messages = client.subscribe("foo")[Symbol.asyncIterator]();
    await client.flush();
    network.server.connections[0]?.kill();
    expect(await types(status, 4)).toEqual(["disconnect", "reconnecting", "connecting", "reconnect"]);
    await client.flush();
    expect(network.server.publish("foo", "again")).toBe(1);
    expect((await messages.next()).value.text()).toBe("again");
    expect(client.stats.reconnects).toBe(1);
  });

  it("buffers what is published meanwhile", async () => {
    const client = await connect();
    const { port } = network.server;
    const status = client.status();
    await network.server.close();
    expect((await status.next()).value.type).toBe("disconnect");
    client.publish("foo", "kept");
    network.server = await serve({ port });
    const heard = network.server.subscribe("foo");
    expect((await heard.next({ timeout: 5000 })).text()).toBe("kept");
  });

  it("rejects publish meanwhile (whileDisconnected: reject)", async () => {
    const client = await connect({ whileDisconnected: "reject", reconnectDelay: () => 60_000 });
    client.reconnect();
    expect(() => client.publish("foo", "1")).toThrow(expect.objectContaining({ code: "LOST" }));
    await expect(client.request("foo")).rejects.toMatchObject({ code: "LOST" });
    expect(client.stats).toMatchObject({ published: 0, dropped: 0 });
  });

  it("connects to a discovered server", async () => {
    const client = await connect();
    await client.flush();
    const other = await serve();
    const status = client.status();
    network.server.advertise([`127.0.0.1:${other.port}`]);
    expect(await types(status, 1)).toEqual(["update"]);
    await network.server.close();
    const messages = client.subscribe("foo")[Symbol.asyncIterator]();
    while (other.publish("foo", "here") === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect((await messages.next()).value.text()).toBe("here");
  });

  it("connects elsewhere if the server stops answering", async () => {
    const other = await serve();
    const servers = [network.server, other].map(({ port }) => `nats://127.0.0.1:${port}`);
    const client = await connect({ servers, noRandomize: true, pingInterval: 20 });
    const status = client.status();
    const messages = client.subscribe("foo")[Symbol.asyncIterator]();
    await client.flush();
    network.server.connections[0]?.hold("pong");
    expect((await status.next()).value).toMatchObject({ type: "disconnect", error: { code: "STALE" } });
    while (other.publish("foo", "here") === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect((await messages.next()).value.text()).toBe("here");
  });

  it("ends everything that waits if it is lost for good", async () => {
    const client = await connect({ reconnect: false });
    network.server.subscribe("silent", { callback: () => {} });
    const bar = client.subscribe("bar");
    const waiting = bar[Symbol.asyncIterator]().next();
    const request = client.request("silent", "", { timeout: 60_000 });
    const lost = expect(request).rejects.toMatchObject({ code: "LOST" });
    await client.flush();
    network.server.connections[0]?.kill();
    await lost;
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await client.closed).toMatchObject({ code: "LOST" });
    expect(await bar.closed).toMatchObject({ code: "LOST" });
  });
});

describe("a client subscription", () => {
  it("runs at most `concurrency` async callbacks at once, in order", async () => {
    const client = await connect();
    let [running, most] = [0, 0];
    const done: string[] = [];
    const subscription = client.subscribe("foo", {
      concurrency: 2,
      callback: async (message) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running--;
        done.push(message.text());
      },
    });
    for (let i = 0; i < 7; i++) client.publish("foo", String(i));
    await client.flush();
    expect([subscription.received, subscription.pending, running]).toEqual([7, 5, 2]);
    await subscription.drain();
    expect([done, most]).toEqual([["0", "1", "2", "3", "4", "5", "6"], 2]);
    const limited = client.subscribe("foo", { concurrency: 1, maxMessages: 2, callback: () => client.flush() });
    for (let i = 0; i < 9; i++) client.publish("foo", String(i));
    await client.flush();
    expect([limited.received, limited.dropped]).toEqual([9, 6]);
    expect(() => client.subscribe("foo", { concurrency: 0 })).toThrow("concurrency must be a whole number above 0");
  });

  it("continues after an async callback rejects", async () => {
    const client = await connect();
    const errors: unknown[] = [];
    client.onStatus((status) => status.type === "error" && errors.push(status.error));
    const subscription = client.subscribe("foo", {
      concurrency: 1,
      callback: async (message) => JSON.parse(message.text()),
    });
    for (const text of ["{", "1", "}"]) client.publish("foo", text);
    await subscription.drain();
    expect(errors).toEqual([expect.any(SyntaxError), expect.any(SyntaxError)]);
  });

  it("drops, reports and counts messages over its limit", async () => {
    const client = await connect();
    const status = client.status();
    const slow = client.subscribe("foo", { maxMessages: 2 });
    for (let i = 0; i < 5; i++) client.publish("foo", String(i));
    await client.flush();
    expect([slow.received, slow.pending, slow.dropped]).toEqual([5, 2, 3]);
    expect((await status.next()).value).toMatchObject({ type: "slowConsumer", subscription: slow });
  });

  it("pauses the connection and loses nothing (overflow: pause)", async () => {
    const client = await connect();
    const slow = client.subscribe("foo", { maxMessages: 2, overflow: "pause" });
    await client.flush();
    const numbers = Array.from({ length: 10 }, (_, i) => String(i));
    for (const number of numbers) {
      network.server.publish("foo", number);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(slow.pending).toBe(2);
    const seen: string[] = [];
    for await (const message of slow) if (seen.push(message.text()) === numbers.length) break;
    expect(seen).toEqual(numbers);
  });

  it("ends when its loop is left", async () => {
    const client = await connect();
    const messages = client.subscribe("foo");
    client.publish("foo", "1");
    client.publish("foo", "2");
    for await (const message of messages) {
      expect(message.text()).toBe("1");
      break;
    }
    await client.flush();
    expect(network.server.publish("foo")).toBe(0);
  });
});
