// SPDX-License-Identifier: Apache-2.0
import { errors, headers, type QueuedIteratorImpl, type Status, type Subscription } from "@nats-io/nats-core/internal";
import { ConnectionError, connect, type Server, serve, UsageError } from "@natswire/node";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { closing } from "../../../tools/testkit/closing.ts";
import { startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { RawClient } from "../../../tools/testkit/raw-client.ts";
import { nextUncaught } from "../../../tools/testkit/uncaught.ts";
import { toNatsError, toRequestError } from "../src/errors.ts";
import { toNatsConnection } from "../src/index.ts";
import { headerBlock } from "../src/publisher.ts";

const server: Server = await serve();
afterAll(() => server.close());

async function open(options: Omit<Parameters<typeof connect>[0] & object, "servers"> = {}) {
  return closing(await connect({ servers: server.url, ...options }));
}

describe("errors of nats.js", () => {
  const denial = { operation: "subscribe", subject: "foo", queue: "q" } as const;

  it.each([
    [new ConnectionError("TIMEOUT", ""), errors.TimeoutError],
    [new ConnectionError("NO_RESPONDERS", ""), errors.NoRespondersError],
    [new ConnectionError("PERMISSION", "", denial), errors.PermissionViolationError],
    [new ConnectionError("CLOSED", ""), errors.ClosedConnectionError],
    [new ConnectionError("DRAINING", ""), errors.DrainingConnectionError],
    [new ConnectionError("AUTH", "Authorization Violation"), errors.AuthorizationError],
    [new ConnectionError("AUTH", "User Authentication Expired"), errors.UserAuthenticationExpiredError],
    [new ConnectionError("PROTOCOL", ""), errors.ProtocolError],
    [new ConnectionError("LOST", ""), errors.ConnectionError],
    [new ConnectionError("REFUSED", ""), errors.ConnectionError],
    [new ConnectionError("FULL", ""), errors.ConnectionError],
    [new UsageError("BAD_SUBJECT", ""), errors.InvalidSubjectError],
    [new UsageError("BAD_QUEUE", ""), errors.InvalidArgumentError],
    [new UsageError("TOO_LARGE", "control line is 5002 bytes"), errors.InvalidArgumentError],
    [new ConnectionError("FULL", ""), errors.ConnectionError],
    [new UsageError("BAD_FIELD", ""), errors.InvalidArgumentError],
    [new UsageError("TOO_LARGE", ""), errors.InvalidArgumentError],
  ] as const)("have natswire's as the cause: %s", (ours, type) => {
    const error = toNatsError(ours, "foo");
    expect(error).toBeInstanceOf(type);
    expect(error.cause).toBe(ours);
    expect(error.constructor).toBe(type);
  });

  it("name what the server denies", () => {
    const error = toNatsError(new ConnectionError("PERMISSION", "no", denial));
    expect(error).toMatchObject({ operation: "subscription", subject: "foo", queue: "q" });
    const publish = { operation: "publish", subject: "bar", queue: undefined } as const;
    const other = toNatsError(new ConnectionError("PERMISSION", "no", publish));
    expect(other).toMatchObject({ operation: "publish", subject: "bar", queue: undefined });
  });

  it("stay as they are if they are not natswire's", () => {
    const own = new Error("own");
    expect([toNatsError(own), toRequestError(own)]).toEqual([own, own]);
  });

  it("wrap what ends a request, except for a timeout", () => {
    const lost = toRequestError(new ConnectionError("LOST", "gone"));
    expect(lost).toBeInstanceOf(errors.RequestError);
    expect(lost.cause).toBeInstanceOf(errors.ConnectionError);
    expect(toRequestError(new ConnectionError("TIMEOUT", ""))).toBeInstanceOf(errors.TimeoutError);
  });

  it("tell that too many bytes wait to be sent (maxPending)", async () => {
    const client = await open({ maxPending: 1000 });
    const nc = toNatsConnection(client);
    const fill = () => {
      for (let i = 0; i < 10; i++) nc.publish("foo", "x".repeat(500));
    };
    const full = expect.objectContaining({ name: "ConnectionError", cause: expect.objectContaining({ code: "FULL" }) });
    expect(fill).toThrow(errors.ConnectionError);
    expect(fill).toThrow(full);
    expect(fill).toThrow("await ready()");
    await expect(nc.request("foo", "x".repeat(600))).rejects.toThrow(errors.RequestError);
    await client.ready();
    nc.publish("foo", "x".repeat(500));
    const some = headers();
    some.set("A", "x".repeat(1_048_570));
    expect(() => nc.publish("foo", "1234567", { headers: some })).toThrow(errors.InvalidArgumentError);
  });

  it("resolve closed() if the connection ended unexpectedly", async () => {
    const own = await serve();
    const nc = toNatsConnection(closing(await connect({ servers: own.url, reconnect: false })));
    const ended: unknown[] = [];
    const subscription: Subscription = nc.subscribe("foo", { callback: (error) => void ended.push(error) });
    const waiting = nc.request("silent", "", { timeout: 5000 }).catch((error) => error);
    nc.subscribe("silent", { callback: () => {} });
    await nc.flush();
    own.connections[0]!.kill();
    expect(await nc.closed()).toBeInstanceOf(errors.ConnectionError);
    expect(await subscription.closed).toBeInstanceOf(errors.ConnectionError);
    expect(await waiting).toBeInstanceOf(errors.RequestError);
    // As in nats-core: only a refused subscription calls its callback with the error.
    expect(ended).toEqual([]);
    await own.close();
  });

  it("are uncaught if a callback throws, and stop nothing", async () => {
    const nc = toNatsConnection(await open());
    // As every consumer does.
    nc.status();
    const uncaught = nextUncaught();
    const seen: string[] = [];
    nc.subscribe("foo", {
      callback: (_, message) => {
        if (seen.push(message.string()) === 1) throw new Error("thrown");
      },
    });
    for (const text of ["a", "b"]) nc.publish("foo", text);
    await nc.flush();
    expect(await uncaught).toEqual(new Error("thrown"));
    expect(seen).toEqual(["a", "b"]);
  });
});

describe("statuses of nats.js", () => {
  it("name the lost server, also after a reconnect that they did not see", async () => {
    const [first, second] = [await serve(), closing(await serve())];
    const servers = [first.url, second.url];
    const client = closing(await connect({ servers, noRandomize: true, reconnectDelay: () => 0 }));
    const nc = toNatsConnection(client);
    const changed = new Promise<void>((resolve) => client.onStatus(({ type }) => type === "reconnect" && resolve()));
    await first.close();
    await changed;
    const statuses = nc.status()[Symbol.asyncIterator]();
    second.connections[0]!.kill();
    const server = `127.0.0.1:${second.port}`;
    expect((await statuses.next()).value).toEqual({ type: "disconnect", server });
    await client.close();
  });

  it("leave problems to natswire, which prints them or throws them uncaught", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const client = await open();
    // As every consumer does.
    const statuses = toNatsConnection(client).status()[Symbol.asyncIterator]();
    server.connections.at(-1)!.error('Permissions Violation for Publish to "foo"');
    expect((await statuses.next()).value).toMatchObject({ type: "error", error: { name: "PermissionViolationError" } });
    expect(warn.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining("natswire: PERMISSION")]);
    client.subscribe("foo", () => {
      throw new Error("thrown");
    });
    const uncaught = nextUncaught();
    client.publish("foo");
    expect(await uncaught).toEqual(new Error("thrown"));
    client.onStatus(() => {});
    client.publish("foo");
    expect((await statuses.next()).value).toEqual({ type: "error", error: new Error("thrown") });
  });

  it("are no longer iterated after the iterator is stopped", async () => {
    const client = await open();
    const statuses = toNatsConnection(client).status() as QueuedIteratorImpl<Status>;
    statuses.stop();
    await statuses.iterClosed;
    await client.close();
    expect(statuses.getReceived()).toBe(0);
  });
});

describe("replies of nats.js", () => {
  it("are read before the error that ended them", async () => {
    const own = closing(await serve());
    const nc = toNatsConnection(closing(await connect({ servers: own.url, reconnectDelay: () => 0 })));
    nc.subscribe("foo", { callback: (_, message) => void message.respond("first") });
    const replies = await nc.requestMany("foo", "", { maxWait: 60_000 });
    // The answer is sent after the first one, and has come after the second one.
    for (let i = 0; i < 2; i++) await nc.flush();
    own.connections[0]!.kill();
    await nc.flush().catch(() => nc.flush());
    const seen: string[] = [];
    const loop = (async () => {
      for await (const reply of replies) seen.push(reply.string());
    })();
    await expect(loop).rejects.toMatchObject({ name: "ConnectionError", cause: { code: "LOST" } });
    expect(seen).toEqual(["first"]);
  });
});

describe("toNatsConnection", () => {
  it.each([
    ["a promise of a connection", Promise.resolve()],
    ["undefined", undefined],
    ["null", null],
    ["a URL", "nats://127.0.0.1"],
    ["a connection of nats.js", { closed: () => {} }],
  ])("refuses %s", (_, value) => {
    expect(() => toNatsConnection(value as never)).toThrow(errors.InvalidArgumentError);
    expect(() => toNatsConnection(value as never)).toThrow("takes what connect of natswire resolves to: await it");
  });
});

describe("a message of nats.js", () => {
  it("comes from the same connection, which is one object", async () => {
    const client = await open();
    expect(toNatsConnection(client)).toBe(toNatsConnection(client));
    expect(toNatsConnection(await open())).not.toBe(toNatsConnection(client));
  });

  it("keeps no large buffer alive", async () => {
    const nc = toNatsConnection(await open());
    const kept: Uint8Array[] = [];
    nc.subscribe("foo", { callback: (_, message) => void kept.push(message.data) });
    const sizes = [0, 1, 100, 20_000, 200_000];
    for (const size of sizes) nc.publish("foo", new Uint8Array(size).fill(size % 251));
    for (let i = 0; i < 100; i++) nc.publish("foo", "x");
    await nc.flush();
    expect(kept.slice(0, 5).map(({ length }) => length)).toEqual(sizes);
    expect(kept.every((data) => data.every((byte) => byte === data[0]))).toBe(true);
    expect(kept.filter((data) => data.buffer.byteLength > 2 * data.length + 64)).toEqual([]);
  });

  it("skips unreadable headers, and a reply that cannot be published to", async () => {
    // The embedded server relays no reply subject that is not valid.
    const { port, stop } = await startNatsServer("");
    onTestFinished(stop);
    const nc = toNatsConnection(closing(await connect({ servers: `nats://127.0.0.1:${port}` })));
    const subscription = nc.subscribe("foo", { max: 3 });
    await nc.flush();
    const raw = new RawClient(port);
    const block = "NATS/1.0 100 Idle Heartbeat\r\nGood: 1\r\n\xe9: 2\r\nGood: 3\r\n\r\n";
    const size = block.length;
    const long = "r".repeat(4010);
    raw.send('CONNECT {"verbose":false,"headers":true}\r\n');
    raw.send(`HPUB foo ${size} ${size}\r\n${block}\r\nPUB foo a..b 0\r\n\r\n`);
    raw.send(`PUB foo ${long} 0\r\n\r\nPING\r\n`);
    await raw.until("PONG\r\n");
    raw.tcp.destroy();
    const messages = [];
    for await (const message of subscription) messages.push(message);
    const [first] = messages;
    expect([first!.headers!.code, first!.headers!.description]).toEqual([100, "Idle Heartbeat"]);
    expect([...first!.headers!]).toEqual([["Good", ["1", "3"]]]);
    expect(messages.slice(1).map(({ headers, reply }) => [headers, reply])).toEqual([
      [undefined, ""],
      [undefined, ""],
    ]);
    expect(messages.map((message) => message.respond())).toEqual([false, false, false]);
  });

  it("has the headers of a trace, next to its own, which stay unchanged", () => {
    const own = headers();
    own.append("A", "b");
    const block = headerBlock({ headers: own, traceOnly: true, traceDestination: "trace" })!;
    const lines = new TextDecoder().decode(block).trimEnd().split("\r\n");
    expect(lines).toEqual(["NATS/1.0", "A: b", "Nats-Trace-Only: true", "Nats-Trace-Dest: trace"]);
    expect(own.keys()).toEqual(["A"]);
  });

  it("answers until the connection is closed", async () => {
    const nc = toNatsConnection(await open());
    const subscription = nc.subscribe("foo", { max: 1 });
    nc.publish("foo", "", { reply: "bar" });
    for await (const message of subscription) {
      expect(message.respond()).toBe(true);
      await nc.close();
      expect(message.respond()).toBe(false);
    }
  });
});
