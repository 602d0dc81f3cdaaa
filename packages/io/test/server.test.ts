// SPDX-License-Identifier: Apache-2.0
import { MsgHeaders } from "@natswire/codec";
import { beforeEach, describe, expect, it } from "vitest";
import { nextUncaught } from "../../../tools/testkit/uncaught.ts";
import {
  type ClientOrigin,
  type Message,
  pipe,
  type Server,
  type ServerOptions,
  serveWith,
  VirtualClock,
} from "../src/index.ts";
import { PipeClient } from "./pipe-client.ts";

const quiet = 'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n';

let server: Server;
let net: ReturnType<typeof pipe>;
let failures: unknown[];
let ends: string[];

async function start(options: ServerOptions = {}): Promise<void> {
  net = pipe();
  failures = [];
  ends = [];
  const closed: ServerOptions["closed"] = ({ id }, reason, detail) => ends.push(`${id} ${reason}: ${detail}`);
  const failed = (error: unknown): number => failures.push(error);
  server = await serveWith(net.listen, { clock: new VirtualClock(), closed, failed, ...options });
}

async function connect(more = ""): Promise<PipeClient> {
  const client = new PipeClient(net.dial, server.port);
  await client.exchange(`${quiet}${more}`);
  return client;
}

function raise(error: Error): never {
  throw error;
}

beforeEach(() => start());

describe("the server's program", () => {
  it("accepts an infinite timeout", async () => {
    const [one, two] = [server.subscribe("foo"), server.subscribe("bar")];
    const heard = [one.next({ timeout: Number.POSITIVE_INFINITY }), two.next({ timeout: 2 ** 31 })];
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const subject of ["foo", "bar"]) server.publish(subject, subject);
    expect((await Promise.all(heard)).map((message) => message.text())).toEqual(["foo", "bar"]);
  });

  it("publishes to clients, and gets the number of receivers", async () => {
    const client = await connect("SUB foo.* 1\r\n");
    expect(server.publish("foo.bar", "hello")).toBe(1);
    expect(
      server.publish("foo.bar", Uint8Array.of(104, 105), { reply: "back", headers: new MsgHeaders([["a", "b"]]) }),
    ).toBe(1);
    expect(server.publish("other")).toBe(0);
    expect(await client.receive()).toBe(
      "MSG foo.bar 1 5\r\nhello\r\nHMSG foo.bar 1 back 18 20\r\nNATS/1.0\r\na: b\r\n\r\nhi\r\n",
    );
    expect(server.stats).toMatchObject({ published: 3, delivered: 2 });
  });

  it("may reuse a payload's memory at once", async () => {
    const [mine, own] = [Buffer.from("1"), server.subscribe("orders")];
    server.publish("orders", mine);
    mine.fill(0);
    expect((await own.next()).text()).toBe("1");
  });

  it("answers a client's requests", async () => {
    server.subscribe("sum", { callback: (message) => message.respond(String(message.json<number[]>().length)) });
    const client = await connect("SUB inbox 1\r\n");
    expect(await client.exchange("PUB sum inbox 7\r\n[1,2,3]\r\n")).toBe("MSG inbox 1 1\r\n3\r\n");
  });

  it("receives messages one by one while it publishes", async () => {
    const heard: string[] = [];
    server.subscribe("more", { callback: (message) => heard.push(`more ${message.text()}`) });
    server.subscribe("q", {
      callback: (message) => {
        heard.push(`begin ${message.text()}`);
        server.publish("more", message.text());
        message.respond(message.text());
        heard.push(`end ${message.text()}`);
      },
    });
    const client = await connect("SUB in 1\r\n");
    expect(await client.exchange("PUB q in 1\r\n1\r\nPUB q in 1\r\n2\r\n")).toBe(
      "MSG in 1 1\r\n1\r\nMSG in 1 1\r\n2\r\n",
    );
    expect(heard).toEqual(["begin 1", "end 1", "begin 2", "end 2", "more 1", "more 2"]);
  });

  it("answers many requests at once", async () => {
    server.subscribe("q", { callback: (message) => message.respond("x") });
    const client = await connect("SUB in 1\r\n");
    const answers = await client.exchange("PUB q in 0\r\n\r\n".repeat(20_000));
    expect(answers.length).toBe("MSG in 1 1\r\nx\r\n".length * 20_000);
  });

  it("iterates over what it receives", async () => {
    const orders = server.subscribe("orders.>", { max: 3 });
    const client = await connect();
    await client.exchange("HPUB orders.a 18 19\r\nNATS/1.0\r\na: b\r\n\r\n1\r\nPUB orders.b 1\r\n2\r\n");
    server.publish("orders.c", "3");
    expect(server.publish("orders.d", "4")).toBe(0);
    const seen: [string, string, string | undefined][] = [];
    for await (const order of orders) seen.push([order.subject, order.text(), order.headers?.get("a")]);
    expect(seen).toEqual([
      ["orders.a", "1", "b"],
      ["orders.b", "2", undefined],
      ["orders.c", "3", undefined],
    ]);
    expect(orders.received).toBe(3);
  });

  it("waits for messages until it leaves or the server closes", async () => {
    const first = server.subscribe("foo")[Symbol.asyncIterator]().next();
    server.publish("foo", "x");
    expect(((await first).value as Message).text()).toBe("x");
    const subscription = server.subscribe("foo");
    server.publish("foo");
    server.publish("foo");
    for await (const _ of subscription) break;
    expect(server.publish("foo")).toBe(1);
    const waiting = server.subscribe("bar")[Symbol.asyncIterator]().next();
    await server.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it("takes the next message, or gets an error without one", async () => {
    const orders = server.subscribe("orders.*");
    server.publish("orders.a", "1");
    expect((await orders.next()).text()).toBe("1");
    await expect(orders.next({ timeout: 5 })).rejects.toThrow('TIMEOUT: no message on "orders.*" within 5 ms');
    const [second, third] = [orders.next(), orders.next()];
    server.publish("orders.b", "2");
    server.publish("orders.c", "3");
    expect([(await second).text(), (await third).text()]).toEqual(["2", "3"]);
    const none = expect(orders.next()).rejects.toThrow('no message on "orders.*": the subscription has ended');
    orders.unsubscribe();
    await none;
  });

  it("sends a request, and gets the first reply", async () => {
    const client = await connect("SUB sum 1\r\n");
    const answer = server.request("sum", "[1,2]", { headers: new MsgHeaders([["a", "b"]]) });
    const asked = await client.receive();
    const [, reply = ""] = /^HMSG sum 1 (\S+) .*\r\nNATS\/1\.0\r\na: b\r\n\r\n\[1,2\]\r\n$/s.exec(asked) ?? [];
    await client.exchange(`PUB ${reply} 1\r\n3\r\nPUB ${reply} 1\r\n4\r\n`);
    expect((await answer).text()).toBe("3");
    await expect(server.request("sum", "", { timeout: 5 })).rejects.toThrow(
      expect.objectContaining({ code: "TIMEOUT", message: 'TIMEOUT: no reply on "sum" within 5 ms' }),
    );
    await expect(server.request("other")).rejects.toThrow(expect.objectContaining({ code: "NO_RESPONDERS" }));
    await expect(server.request("a b")).rejects.toThrow(expect.objectContaining({ code: "BAD_SUBJECT" }));
    expect(server.stats.subscriptions).toBe(1);
  });

  it("shares a queue group with clients", async () => {
    const mine = server.subscribe("work", { queue: "q" });
    const client = await connect("SUB work q 1\r\n");
    for (let i = 0; i < 100; i++) expect(server.publish("work", "x")).toBe(1);
    const theirs = (await client.receive()).split("MSG work").length - 1;
    expect(mine.received + theirs).toBe(100);
    expect(mine.received).toBeGreaterThan(10);
    expect(theirs).toBeGreaterThan(10);
  });

  it("drops and counts messages beyond 65,536 unread ones", async () => {
    const subscription = server.subscribe("foo");
    for (let i = 0; i < 65_540; i++) server.publish("foo");
    expect([subscription.received, subscription.dropped]).toEqual([65_536, 4]);
  });

  it("rejects invalid subjects without effect for clients", async () => {
    const client = await connect("SUB > 1\r\n");
    const code = (code: string): unknown => expect.objectContaining({ code });
    expect(() => server.publish("a b")).toThrow(code("BAD_SUBJECT"));
    expect(() => server.publish("a..b")).toThrow(code("BAD_SUBJECT"));
    expect(() => server.publish("a", "", { reply: "b c" })).toThrow(code("BAD_SUBJECT"));
    for (const payload of [{ a: 1 }, 5, [1, 2], null, true, new Uint16Array(2)] as unknown as string[]) {
      expect(() => server.publish("a", payload)).toThrow(code("BAD_FIELD"));
      await expect(server.request("a", payload)).rejects.toThrow(code("BAD_FIELD"));
    }
    expect(() => server.publish("a", "x".repeat(1_048_577))).toThrow(code("TOO_LARGE"));
    expect(() => server.subscribe("a..b")).toThrow(code("BAD_SUBJECT"));
    expect(() => server.subscribe("a", { queue: "b c" })).toThrow(code("BAD_QUEUE"));
    for (const max of [0, -1, 1.5, Number.NaN, "2" as unknown as number]) {
      expect(() => server.subscribe("a", { max })).toThrow(code("BAD_NUMBER"));
    }
    expect(server.stats.subscriptions).toBe(1);
    expect(await client.receive()).toBe("");
  });

  it("copies the payload that it is given", async () => {
    const subscription = server.subscribe("foo", { max: 1 });
    const payload = Uint8Array.of(1, 2, 3);
    server.publish("foo", payload);
    payload.fill(0);
    for await (const message of subscription) expect(message.payload).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("gets a callback's error, and loses no other message", async () => {
    const error = new Error("mine");
    server.subscribe("foo", {
      callback: () => {
        throw error;
      },
    });
    const subscription = server.subscribe("foo", { max: 1 });
    server.publish("foo");
    expect(failures).toEqual([error]);
    expect(subscription.received).toBe(1);
  });

  it("gets the rejection of an async callback", async () => {
    const error = new Error("mine");
    server.subscribe("foo", { callback: () => Promise.reject(error) });
    server.publish("foo");
    await new Promise((resolve) => setImmediate(resolve));
    expect(failures).toEqual([error]);
    await start({ failed: undefined });
    server.subscribe("foo", { callback: () => Promise.reject(error) });
    server.publish("foo");
    expect(await nextUncaught()).toBe(error);
  });

  it("makes errors uncaught without the failed hook", async () => {
    const [once, again] = [new Error("once"), new Error("again")];
    const hooks = { opened: (): never => raise(once) };
    for (const [failed, expected] of [[undefined, once] as const, [(): never => raise(again), again] as const]) {
      await start({ ...hooks, failed });
      const [uncaught, client] = await Promise.all([nextUncaught(), connect()]);
      expect(uncaught).toBe(expected);
      expect(await client.exchange("PING\r\n")).toBe("PONG\r\n");
    }
  });

  it("gets the reason why a connection ended", async () => {
    const [stranger, leaver] = [await connect(), await connect()];
    await stranger.exchange("OOPS");
    leaver.transport.close(1000);
    await leaver.receive();
    expect(ends).toEqual([
      expect.stringMatching(/^1 protocol: .*UNKNOWN_VERB|^1 protocol: /),
      "2 lost: the connection ended",
    ]);
  });

  it("passes an authorizer the listener, and no address of a pipe", async () => {
    const origins: ClientOrigin[] = [];
    await start({
      authorize: (_, __, origin) => {
        origins.push(origin);
        return {};
      },
    });
    const second = await server.listen(net.listen);
    for (const { port } of [server, second])
      await new PipeClient(net.dial, port).exchange('CONNECT {"verbose":false}\r\nPING\r\n');
    expect(origins.map(({ listener, address, certificate }) => [listener, address, certificate])).toEqual([
      [server.url, undefined, undefined],
      [second.url, undefined, undefined],
    ]);
  });

  it("gets an authorizer's error; the client is denied", async () => {
    const error = new Error("the directory is down");
    await start({
      authorize: () => {
        throw error;
      },
    });
    const client = new PipeClient(net.dial, server.port);
    expect(await client.exchange("CONNECT {}\r\n")).toMatch(/-ERR 'Authorization Violation'\r\n$/);
    expect(failures).toEqual([error]);
    expect(ends).toEqual(["1 auth: wrong credentials"]);
  });
});

describe("an embedded server", () => {
  it("reads nothing of a client while its authorizer runs", async () => {
    let admit = (): void => {};
    await start({
      authorize: () =>
        new Promise((resolve) => {
          admit = () => resolve({});
        }),
    });
    const received = server.subscribe("foo");
    const isReady = await new Promise<boolean>((resolve) => {
      const client = net.dial(
        { host: "", port: server.port },
        {
          async open() {
            client.write(new TextEncoder().encode(`${quiet}PUB foo 1\r\na\r\n`), false);
            await new Promise(setImmediate);
            const more = new TextEncoder().encode(`PUB foo 50000\r\n${"x".repeat(50_000)}\r\n`);
            for (let i = 0; i < 20; i++) client.write(more, false);
            await new Promise(setImmediate);
            resolve(client.write(more, false));
          },
          data() {},
          written() {},
          ready() {},
          close() {},
        },
      );
    });
    expect([isReady, server.stats.published]).toEqual([false, 0]);
    admit();
    for (let count = 0; count < 22; count++) await received.next();
  });

  it("rejects calls after close", async () => {
    const closed = expect.objectContaining({ code: "CLOSED", message: "CLOSED: the server is closed" });
    let question: Message | undefined;
    server.subscribe("q", {
      callback: (message) => {
        question = message;
      },
    });
    const asked = expect(server.request("q")).rejects.toThrow(closed);
    await server.close();
    await asked;
    expect(() => server.publish("foo")).toThrow(closed);
    expect(() => server.subscribe("foo")).toThrow(closed);
    await expect(server.request("foo")).rejects.toThrow(closed);
    await expect(server.listen(net.listen)).rejects.toThrow(closed);
    expect(question?.respond("too late")).toBe(false);
    expect(failures).toEqual([]);
  });

  it("closes a listener that opens during close", async () => {
    const other = pipe();
    let open = (): void => {};
    const opening = server.listen(async (at, accept) => {
      const listener = await other.listen(at, accept);
      await new Promise<void>((resolve) => {
        open = resolve;
      });
      return listener;
    });
    await new Promise((resolve) => setImmediate(resolve));
    await server.close();
    const early = new PipeClient(other.dial, 1);
    expect(await early.receive()).toBe("");
    open();
    await expect(opening).rejects.toThrow("the server is closed");
    const late = new PipeClient(other.dial, 1);
    await late.receive();
    expect([early.isClosed, late.isClosed, server.stats.connections]).toEqual([true, true, 0]);
    await other.listen({ host: "", port: 1 }, () => raise(new Error("nobody dials")));
  });

  it("rejects invalid options before it listens", async () => {
    const wrong = (message: string): unknown => expect.objectContaining({ code: "BAD_FIELD", message });
    const nowhere = (): never => raise(new Error("it listened"));
    const attempt = (...options: unknown[]): Promise<Server> => serveWith(nowhere, ...(options as [ServerOptions]));
    await expect(attempt(4222)).rejects.toThrow(wrong("the options must be an object, not a number"));
    await expect(attempt(null)).rejects.toThrow(wrong("the options must be an object, not null"));
    await expect(attempt({ port: "abc" })).rejects.toThrow(
      wrong('port must be a whole number of at most 65535, not "abc"'),
    );
    await expect(attempt({ host: 5 })).rejects.toThrow(wrong("host must be a string, not 5"));
    await expect(attempt({}, { record: true })).rejects.toThrow(
      wrong("too many arguments; write serveWith(listen, { host, port, record })"),
    );
    await expect(attempt({ recrod: true })).rejects.toThrow(wrong('unknown option "recrod"; did you mean "record"?'));
    await expect(attempt({ authRequired: true })).rejects.toThrow(/^unknown option "authRequired"/);
    await expect(attempt({ maxPayload: 1.5 })).rejects.toThrow(
      wrong("maxPayload must be a whole number of at most 999999999, not 1.5"),
    );
    for (const name of ["authorize", "opened", "closed", "failed"]) {
      await expect(attempt({ [name]: "x" })).rejects.toThrow(wrong(`${name} must be a function, not a string`));
    }
    await expect(server.listen(nowhere, { hots: "::1" } as object)).rejects.toThrow(
      wrong('unknown option "hots" of listen; did you mean "host"?'),
    );
    await expect(server.listen(nowhere, { port: -1 })).rejects.toThrow(
      wrong("port must be a whole number of at most 65535, not -1"),
    );
  });

  it("advertises other servers by their url", async () => {
    server.advertise(["nats://a:1", "tls://b:2", "ws://c:3", "wss://[::1]:4", "d:5"]);
    expect(await new PipeClient(net.dial, server.port).receive()).toContain('"connect_urls":["a:1","b:2","d:5"]');
  });

  it("listens on several addresses, and closes them all", async () => {
    const other = pipe();
    const { port } = await server.listen(other.listen, { port: 7 });
    expect(port).toBe(7);
    const far = new PipeClient(other.dial, port);
    await far.exchange(`${quiet}SUB foo 1\r\n`);
    const near = await connect("PUB foo 2\r\nhi\r\n");
    expect(await far.receive()).toBe("MSG foo 1 2\r\nhi\r\n");
    await server.close();
    expect([near.isClosed, far.isClosed]).toEqual([true, true]);
    const late = new PipeClient(other.dial, port);
    await late.receive();
    expect(late.isClosed).toBe(true);
  });

  it("runs beside many others in one program", async () => {
    const servers = await Promise.all(Array.from({ length: 100 }, () => serveWith(net.listen)));
    expect(new Set(servers.map(({ port }) => port)).size).toBe(100);
    await Promise.all(servers.map((one) => one.close()));
  });
});
