// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { segmentsOf } from "../../../tools/testkit/machine.ts";
import { TestModule } from "../../../tools/testkit/test-module.ts";
import { type Grant, type ModuleAction, type ServerConfig, ServerCore, type ServerModule } from "../src/index.ts";
import { ServerHarness } from "./server-harness.ts";

/** Returns an action that subscribes; in every account by default. */
function on(pattern: string, id = 1, account?: string): ModuleAction {
  return { do: "subscribe", id, account, pattern };
}

/** Returns a module that answers each message to its reply subject. */
function echo(pattern: string): TestModule {
  const module = new TestModule([on(pattern)]);
  module.answer = ({ subject, reply = "nobody" }, account) => module.publish(reply, `re ${subject}`, { account });
  return module;
}

/** Starts a server with a module, and forgets what happened at the start. */
function host(module: TestModule, config: Partial<ServerConfig> = {}): ServerHarness {
  const server = new ServerHarness({ modules: [module], ...config });
  expect(module.log[0]).toBe("started");
  return server;
}

/** Connects a client, and grants it something. */
function join(server: ServerHarness, grant: Grant): number {
  const peer = server.connect();
  server.core.authorized(peer, grant, 0);
  return peer;
}

/** Has the module act: `elapsed` polls it, as the runtime does after `wake`. */
function act(server: ServerHarness, module: TestModule, ...actions: readonly ModuleAction[]): void {
  module.act(...actions);
  module.host.wake();
  server.core.elapsed(server.now);
  server.settle();
}

describe("the modules of a server", () => {
  it.each([
    ["an object", {}],
    ["a module", new TestModule()],
    ["a list with something else", [new TestModule(), null]],
    ["a list with an object", [{}]],
  ])("are refused if they are not a list of modules: %s", (_, modules) => {
    expect(() => new ServerHarness({ modules: modules as readonly ServerModule[] })).toThrow(
      /^modules must be an array of modules/,
    );
  });

  it("are started with the server they live in, before anything else", () => {
    const random = (into: Uint8Array): void => void into.fill(7);
    const module = new TestModule([on("a")]);
    const core = new ServerCore({ random, modules: [module], serverName: "here", maxPayload: 99 });
    expect(module.log).toEqual(["started"]);
    const { server_id } = core.view.info;
    expect(module.host).toMatchObject({ serverId: server_id, serverName: "here", maxPayload: 99, random, now: 0 });
  });

  it("receive messages of clients, with the publisher, and of others", () => {
    const first = new TestModule([on("a.>", 5)]);
    const second = new TestModule([on("a.*", 6)]);
    const server = new ServerHarness({ modules: [first, second], authRequired: true });
    const granted = { publish: { deny: ["no"] } };
    const peer = join(server, { account: "red", user: "ann", permissions: granted });
    server.send(peer, "PUB a.b 2\r\nhi\r\nPUB a.b.c 1\r\n1\r\nPUB b 0\r\n\r\n");
    server.core.publish({ subject: "a.p", payload: latin1("own") });
    second.publish("a.m", "mod");
    server.core.publish({ subject: "a.q", payload: latin1("") });
    expect(first.log).toEqual([
      "started",
      "5 red a.b hi",
      "5 red a.b.c 1",
      "5 $G a.p own",
      "5 $G a.q ",
      "5 $G a.m mod",
    ]);
    expect(second.log).toEqual(["started", "6 red a.b hi", "6 $G a.p own", "6 $G a.q ", "6 $G a.m mod"]);
    expect(second.publishers.slice(1)).toEqual([undefined, undefined, undefined]);
    expect(second.publishers[0]).toMatchObject({ id: peer, account: "red", user: "ann", granted });
    expect(second.publishers[0]!.server).toEqual(server.core.view.info);
  });

  it("see the id and the name of the listener of a publisher", () => {
    const module = new TestModule([on("a")]);
    const server = host(module);
    const listener = server.core.addListener({ host: "::1", port: 7 }, true);
    const peer = server.core.opened(0, undefined, undefined, listener);
    server.send(peer, "PUB a 0\r\n\r\n");
    const { server_id, server_name, port } = module.publishers[0]!.server;
    expect([server_name, port]).toEqual([server_id, 7]);
    expect(server_id).toBe(JSON.parse(server.read(peer).slice(5).split("\r\n")[0]!).server_id);
  });

  it("receive a message once for each subscription, until it ends", () => {
    const module = new TestModule([on("a", 1), on("*", 2), on("a", 3, "$G"), { do: "unsubscribe", id: 9 }]);
    const server = host(module);
    const peer = server.connect();
    server.send(peer, "PUB a 0\r\n\r\n");
    expect(module.log.sort()).toEqual(["1 $G a ", "2 $G a ", "3 $G a "]);
    act(server, module, { do: "unsubscribe", id: 1 }, { do: "unsubscribe", id: 3 });
    server.send(peer, "PUB a 0\r\n\r\n");
    expect(module.log).toEqual(["2 $G a "]);
  });

  it("receive only what their publisher may publish", () => {
    const module = new TestModule([on(">")]);
    const server = host(module, { authRequired: true });
    const peer = join(server, { permissions: { publish: { deny: ["a"] } } });
    expect(server.exchange(peer, "PUB a 0\r\n\r\n")).toContain("Permissions Violation");
    expect(module.log).toEqual([]);
  });

  it("do without what is optional", () => {
    const actions = [on("a", 1), { do: "watch", account: "$G", subject: "b" } as const];
    const small: ServerModule = { started: () => {}, received: () => {}, poll: () => actions.shift() };
    const server = new ServerHarness({ modules: [small] });
    const peer = server.connect();
    server.send(peer, "SUB b 1\r\nPUB a 0\r\n\r\n");
    server.core.lost(peer, 0);
    server.core.elapsed(0);
    expect(server.core.deadline).toBeUndefined();
  });
});

describe("what a module publishes", () => {
  it("is delivered after the message in hand, before the next frame", () => {
    const server = host(echo("ask.>"));
    const peer = server.connect();
    const sent = "SUB in 1\r\nSUB > 2\r\nPUB ask.a in 0\r\n\r\nPING\r\nPUB ask.b in 0\r\n\r\nPUB c 0\r\n\r\nPING\r\n";
    const answer = (subject: string): string =>
      `MSG ${subject} 2 in 0\r\n\r\nMSG in 2 8\r\nre ${subject}\r\nMSG in 1 8\r\nre ${subject}\r\n`;
    expect(server.exchange(peer, sent)).toBe(`${answer("ask.a")}PONG\r\n${answer("ask.b")}MSG c 2 0\r\n\r\nPONG\r\n`);
  });

  it("is the same however the bytes of a client are split", () => {
    const sent =
      "SUB in 1\r\nPUB ask in 2\r\nhi\r\nPING\r\nUNSUB 1\r\nPUB ask in 0\r\n\r\nSUB in 2\r\nPUB ask in 0\r\n\r\n";
    const whole = host(echo("ask"));
    const expected = whole.exchange(whole.connect(), sent);
    for (let at = 1; at < sent.length; at++) {
      const server = host(echo("ask"));
      const peer = server.connect();
      server.send(peer, sent.slice(0, at));
      server.send(peer, sent.slice(at));
      expect(server.read(peer)).toBe(expected);
    }
    expect(expected).toBe("MSG in 1 6\r\nre ask\r\nPONG\r\nMSG in 2 6\r\nre ask\r\n");
  });

  it("stores first, and answers a later request of the same chunk with it", () => {
    const module = new TestModule([on("put.*"), on("get.*", 2)]);
    const stored = new Map<string, string>();
    module.answer = ({ subject, reply = "", payload }) => {
      const [verb, key] = subject.split(".") as [string, string];
      if (verb === "put") stored.set(key, String.fromCharCode(...payload));
      module.publish(reply, verb === "put" ? "stored" : stored.get(key)!);
    };
    const server = host(module);
    expect(server.exchange(server.connect(), "SUB in 1\r\nPUB put.a in 1\r\nx\r\nPUB get.a in 0\r\n\r\n")).toBe(
      "MSG in 1 6\r\nstored\r\nMSG in 1 1\r\nx\r\n",
    );
  });

  it("shows its own subject to the receivers of another one", () => {
    const module = new TestModule();
    const server = host(module);
    const [peer, other] = [server.connect(), server.connect()];
    server.core.subscribe("inbox");
    server.send(peer, "SUB inbox 1\r\nSUB orders q 2\r\nSUB inbox q 3\r\n");
    server.send(other, "SUB orders 1\r\n");
    module.publish("orders", "hi", { to: "inbox", reply: "ack.1" });
    server.core.elapsed(0);
    act(server, module);
    expect(server.read(peer)).toBe("MSG orders 1 ack.1 2\r\nhi\r\nMSG orders 3 ack.1 2\r\nhi\r\n");
    expect(server.read(other)).toBe("");
    expect(server.delivered[0]!.message).toMatchObject({ subject: "orders", reply: "ack.1" });
  });

  it("is not delivered if the receiver may not receive its target", () => {
    const module = new TestModule();
    const server = host(module, { authRequired: true });
    const peer = join(server, { permissions: { subscribe: { deny: ["inbox.no"] } } });
    server.send(peer, "SUB inbox.* 1\r\n");
    module.publish("inbox.no", "seen", { to: "inbox.yes" });
    module.publish("inbox.yes", "hidden", { to: "inbox.no" });
    act(server, module);
    expect(server.read(peer)).toBe("MSG inbox.no 1 4\r\nseen\r\n");
  });

  it("stays in its account, and is dropped if that is empty", () => {
    const module = new TestModule([on("log", 1, "$G")]);
    const server = host(module, { authRequired: true });
    const [red, blue] = [join(server, { account: "red" }), join(server, { account: "blue" })];
    for (const peer of [red, blue]) server.send(peer, "SUB a 1\r\n");
    for (const account of ["red", "green", "$G"]) module.publish("a", account, { account });
    act(server, module);
    expect([server.read(red), server.read(blue)]).toEqual(["MSG a 1 3\r\nred\r\n", ""]);
  });

  it("may be more than a client may publish, and is not copied", () => {
    const module = new TestModule();
    const core = new ServerCore({ random: () => {}, modules: [module], maxPayload: 1 });
    const peer = core.opened(0);
    core.received(peer, latin1("SUB $NRG.x 1\r\n"), 0);
    const payload = new Uint8Array(100_000);
    const message = {
      op: "pub",
      subject: "$NRG.x",
      reply: undefined,
      headers: undefined,
      payload,
      flaw: undefined,
    } as const;
    module.act({ do: "publish", account: "$G", message });
    module.host.wake();
    core.elapsed(0);
    const segments = [...segmentsOf(() => core.transmit(peer))];
    expect(segments.some(({ buffer, length }) => buffer === payload.buffer && length === payload.length)).toBe(true);
  });

  it.each<[string, (server: ServerHarness, peer: number) => void]>([
    ["a message of the program", ({ core }) => core.publish({ subject: "a", payload: latin1("") })],
    ["the end of a connection", ({ core }, peer) => core.lost(peer, 0)],
    ["a connection that is closed", ({ core }, peer) => core.drop(peer, "", 0)],
    ["a shutdown", ({ core }) => core.shutdown(0)],
    ["a time", ({ core }) => core.elapsed(10)],
  ])("is sent at once after %s", (_, happens) => {
    const module = new TestModule([on("a"), { do: "watch", account: "$G", subject: "watched.c" }]);
    const server = host(module);
    const [peer, witness] = [server.connect(), server.core.subscribe("news")];
    server.send(peer, "SUB watched.c 1\r\n");
    module.deadline = 10;
    module.log;
    module.more = () => {
      if (module.inputs.length > 0) module.publish("news", module.log.join());
    };
    happens(server, peer);
    server.settle();
    expect(server.delivered.map(({ subscription }) => subscription)).toEqual([witness]);
  });

  it("is sent at once after what a client had sent before it was authorized", () => {
    const server = host(echo("ask"), { authRequired: true });
    const peer = server.connect();
    server.send(peer, "SUB in 1\r\nPUB ask in 0\r\n\r\n");
    server.core.authorized(peer, {}, 0);
    expect(server.read(peer)).toBe("MSG in 1 6\r\nre ask\r\n");
  });
});

describe("a subscription of a module", () => {
  it("counts as a receiver: no 503, and the program's message has one", () => {
    const server = host(new TestModule([on("a")]));
    const peer = server.connect(',"no_responders":true');
    expect(server.exchange(peer, "SUB in 1\r\nPUB a in 0\r\n\r\n")).toBe("");
    expect(server.exchange(peer, "PUB b in 0\r\n\r\n")).toContain("503");
    const traced = "NATS/1.0\r\nNats-Trace-Dest: t\r\nNats-Trace-Only: 1\r\n\r\n";
    expect(server.exchange(peer, `HPUB a in ${traced.length} ${traced.length}\r\n${traced}\r\n`)).toBe("");
    expect(server.core.publish({ subject: "a", payload: latin1("") })).toBe(1);
  });

  it("is not in the statistics, nor are the messages that it receives", () => {
    const server = host(echo("ask"));
    const peer = server.connect();
    server.send(peer, "SUB in 1\r\nSUB ask 2\r\nPUB ask in 5\r\nhello\r\n");
    // The message once to the client, and the answer of 6 bytes.
    const expected = { subscriptions: 2, published: 1, publishedBytes: 5, delivered: 2, deliveredBytes: 11 };
    expect(server.core.stats).toMatchObject(expected);
    expect(server.core.connection(peer)).toMatchObject({ published: 1, delivered: 2, deliveredBytes: 11 });
    expect(server.core.view.interest).toMatchObject({ inserts: 2, removes: 0 });
  });

  it("without an account is in each of them, also in those that come later", () => {
    const module = echo("ask");
    const server = host(module, { authRequired: true });
    for (const account of ["red", "blue", "red"]) {
      const peer = join(server, { account });
      expect(server.exchange(peer, "SUB in 1\r\nPUB ask in 0\r\n\r\n")).toBe("MSG in 1 6\r\nre ask\r\n");
      server.core.lost(peer, 0);
    }
    expect(module.log).toEqual(["1 red ask ", "1 blue ask ", "1 red ask "]);
    const peer = join(server, { account: "red" });
    act(server, module, { do: "unsubscribe", id: 1 });
    server.send(peer, "PUB ask 0\r\n\r\n");
    server.send(join(server, { account: "blue" }), "PUB ask 0\r\n\r\n");
    expect(module.log).toEqual([]);
  });

  it("in an account keeps it, without clients and before the first", () => {
    const module = new TestModule([on("orders", 1, "red"), on("copy", 2)]);
    module.answer = ({ subject }, account) => {
      if (subject === "orders") module.publish("copy", "c", { account });
    };
    const server = host(module, { authRequired: true });
    for (let i = 0; i < 2; i++) {
      const peer = join(server, { account: "red" });
      server.send(peer, "PUB orders 0\r\n\r\n");
      expect(module.log).toEqual(["1 red orders ", "2 red copy c"]);
      server.core.lost(peer, 0);
    }
    module.publish("orders", "", { account: "red" });
    act(server, module);
    expect(module.log).toEqual(["1 red orders ", "2 red copy c"]);
    act(server, module, { do: "unsubscribe", id: 1 });
    module.publish("copy", "", { account: "red" });
    act(server, module);
    expect(module.log).toEqual([]);
  });
});

describe("a watched subject", () => {
  const watch = (subject: string, account = "$G", queue?: string): ModuleAction => ({
    do: "watch",
    account,
    subject,
    queue,
  });
  const unwatch = (subject: string, account = "$G"): ModuleAction => ({ do: "unwatch", account, subject });

  it("is reported with its first subscription, and after its last one", () => {
    const module = new TestModule([watch("a.b"), watch("a.c"), watch("a.b", "$G", "q")]);
    const server = host(module);
    const [one, two] = [server.connect(), server.connect()];
    const steps: readonly [number, string, readonly string[]][] = [
      [one, "SUB a.b 1\r\n", ["+ $G a.b"]],
      [two, "SUB a.b 1\r\nSUB a.c 2\r\n", ["+ $G a.c"]],
      [one, "UNSUB 1\r\n", []],
      [two, "UNSUB 1\r\n", ["- $G a.b"]],
      [two, "SUB a.b q 3\r\n", ["+ $G a.b q"]],
      [one, "SUB a.b q 4\r\nSUB a.b r 5\r\n", []],
      [two, "UNSUB 3\r\n", []],
      [one, "UNSUB 4\r\n", ["- $G a.b q"]],
    ];
    for (const [peer, sent, expected] of steps) {
      server.send(peer, sent);
      expect(module.log).toEqual(expected);
    }
  });

  it("is not reported for wildcards that match it", () => {
    const module = new TestModule([watch("a.b")]);
    const server = host(module);
    server.send(server.connect(), "SUB a.* 1\r\nSUB > 2\r\n");
    expect(module.log).toEqual([]);
    expect([module.host.hasInterest("$G", "a.b"), module.host.hasSubscriber("$G", "a.b", undefined)]).toEqual([
      true,
      false,
    ]);
    expect(module.host.hasSubscriber("red", "a.b", undefined)).toBe(false);
  });

  it("is reported for the program, and after its last message (max)", () => {
    const module = new TestModule([watch("a")]);
    const server = host(module);
    const id = server.core.subscribe("a");
    server.core.unsubscribe(id, 1);
    expect([module.log, module.host.hasInterest("$G", "a")]).toEqual([["+ $G a"], true]);
    server.core.publish({ subject: "a", payload: latin1("") });
    expect([module.log, module.host.hasInterest("$G", "a")]).toEqual([["- $G a"], false]);
  });

  it("is reported at once if it has a subscription, and not after unwatch", () => {
    const module = new TestModule();
    const server = host(module);
    const peer = server.connect();
    server.send(peer, "SUB a 1\r\n");
    act(server, module, watch("a"), watch("a"));
    expect(module.log).toEqual(["+ $G a"]);
    act(server, module, unwatch("a"), unwatch("a"));
    server.send(peer, "UNSUB 1\r\n");
    expect(module.log).toEqual([]);
    act(server, module, watch("a"));
    expect(module.log).toEqual([]);
  });

  it("is reported once if its receiver is closed and then lost", () => {
    const module = new TestModule([watch("a")]);
    const server = host(module);
    const peer = server.connect();
    server.send(peer, "SUB a 1\r\n");
    server.core.drop(peer, "", 0);
    expect([module.log, module.host.hasInterest("$G", "a")]).toEqual([["+ $G a", "- $G a"], false]);
    server.core.lost(peer, 0);
    expect(module.log).toEqual([]);
  });

  it("has no interest of modules, or of clients that may not receive it", () => {
    const module = new TestModule([watch("a"), on("a"), on(">", 2)]);
    const server = host(module, { authRequired: true });
    const peer = join(server, { permissions: { subscribe: { deny: ["a"] } } });
    server.send(peer, "SUB * 1\r\nSUB a 2\r\n");
    expect([module.log, module.host.hasInterest("$G", "a")]).toEqual([[], false]);
    expect([module.host.hasInterest("$G", "b"), module.host.hasInterest("red", "b")]).toEqual([true, false]);
  });

  it("is reported to each module that watches it, until that ends", () => {
    const [one, two] = [new TestModule([watch("a")]), new TestModule([watch("a")])];
    const server = new ServerHarness({ modules: [one, two] });
    const peer = server.connect();
    server.send(peer, "SUB a 1\r\n");
    act(server, one, unwatch("a"));
    server.send(peer, "UNSUB 1\r\n");
    expect([one.log, two.log]).toEqual([
      ["started", "+ $G a"],
      ["started", "+ $G a", "- $G a"],
    ]);
  });

  it("keeps its account, until it is not watched", () => {
    const module = new TestModule([watch("a", "red"), watch("a", "red"), on("log")]);
    const server = host(module, { authRequired: true });
    for (let i = 0; i < 2; i++) {
      const peer = join(server, { account: "red" });
      server.send(peer, "SUB a 1\r\n");
      server.core.lost(peer, 0);
      expect(module.log).toEqual(["+ red a", "- red a"]);
    }
    module.publish("log", "1", { account: "red" });
    act(server, module, unwatch("a", "red"), unwatch("a", "blue"));
    module.publish("log", "2", { account: "red" });
    act(server, module);
    expect(module.log).toEqual(["1 red log 1"]);
  });
});

describe("a receiver that lags", () => {
  /** Returns a server with a client that has not read 600 of its 1,000 bytes. */
  function lag(): { module: TestModule; core: ServerCore; peer: number } {
    const module = new TestModule();
    const core = new ServerCore({ random: () => {}, modules: [module], maxPending: 1000 });
    const peer = core.opened(0);
    core.received(peer, latin1('CONNECT {"verbose":false}\r\nSUB a.* 1\r\nSUB q q 2\r\n'), 0);
    for (const segment of segmentsOf(() => core.transmit(peer))) core.released(peer, segment.length);
    expect([module.host.isLagging("$G", "a.b"), module.host.isLagging("$G", "q")]).toEqual([false, false]);
    core.publish({ subject: "a.x", payload: new Uint8Array(600) });
    expect([module.host.isLagging("$G", "a.b"), module.host.isLagging("$G", "q")]).toEqual([true, true]);
    expect([module.host.isLagging("$G", "b"), module.host.isLagging("red", "a.b")]).toEqual([false, false]);
    expect(module.log).toEqual(["started"]);
    return { module, core, peer };
  }

  it("is reported when it has read more than half", () => {
    const { module, core, peer } = lag();
    const [bytes] = [...segmentsOf(() => core.transmit(peer))].map(({ length }) => length);
    core.released(peer, 10);
    expect(module.log).toEqual([]);
    module.more = () => {
      if (module.inputs.length > 0) module.publish("a.y", module.log.join());
    };
    core.released(peer, bytes! - 10);
    // The runtime is about to write: what modules do comes in another call.
    expect(core.deadline).toBe(0);
    core.elapsed(0);
    expect(Buffer.from(core.transmit(peer)!).toString()).toBe("MSG a.y 1 7\r\nresumed\r\n");
    core.released(peer, 5);
    expect(module.log).toEqual([]);
  });

  it("is reported when it is closed, once", () => {
    const { module, core, peer } = lag();
    core.drop(peer, "", 0);
    expect([module.log, module.host.isLagging("$G", "a.b")]).toEqual([["resumed"], false]);
    core.lost(peer, 0);
    expect(module.log).toEqual([]);
  });

  it("is reported when it is gone", () => {
    const { module, core, peer } = lag();
    core.lost(peer, 0);
    expect(module.log).toEqual(["resumed"]);
  });

  it("is not the host program", () => {
    const { module, core } = lag();
    core.subscribe("b");
    expect(module.host.isLagging("$G", "b")).toBe(false);
  });

  it("holds back a module that asks, so that it is not closed", () => {
    const module = new TestModule();
    const core = new ServerCore({ random: () => {}, modules: [module], maxPending: 10_000 });
    const peer = core.opened(0);
    core.received(peer, latin1('CONNECT {"verbose":false}\r\nSUB a 1\r\n'), 0);
    let left = 1000;
    module.more = () => {
      if (left > 0 && !module.host.isLagging("$G", "a")) module.publish("a", "x".repeat(100 + 0 * left--));
    };
    module.host.wake();
    core.elapsed(0);
    let received = 0;
    for (let bytes = core.transmit(peer); bytes !== undefined; bytes = core.transmit(peer)) {
      received += bytes.length;
      expect(core.connection(peer)!.pending).toBeLessThan(6000);
      core.released(peer, bytes.length);
      core.elapsed(0);
    }
    expect([left, core.poll()]).toEqual([0, undefined]);
    expect(received).toBeGreaterThan(100_000);
  });
});

describe("the time of a module", () => {
  it("is called for at its deadline, without any connection, once", () => {
    const [early, late] = [new TestModule(), new TestModule()];
    const server = new ServerHarness({ modules: [late, early] });
    expect(server.core.deadline).toBeUndefined();
    [early.deadline, late.deadline] = [10, 30];
    expect(server.core.deadline).toBe(10);
    server.advance(40);
    expect([early.log, late.log]).toEqual([
      ["started", "elapsed 10"],
      ["started", "elapsed 30"],
    ]);
    expect(server.core.deadline).toBeUndefined();
  });

  it("is beside that of connections, the earlier one first", () => {
    const module = new TestModule();
    const server = host(module, { pingInterval: 20 });
    const peer = server.connect();
    module.deadline = 30;
    expect(server.core.deadline).toBe(20);
    server.advance(25);
    expect([server.read(peer), module.log]).toEqual(["PING\r\n", []]);
    expect(server.core.deadline).toBe(30);
    server.advance(5);
    expect(module.log).toEqual(["elapsed 30"]);
  });

  it("is that of the present input, on both clocks", () => {
    const module = new TestModule([on("a")]);
    const server = host(module);
    const read = (): number[] => [module.host.now, module.host.wall];
    expect(read()).toEqual([0, Date.UTC(2024, 0, 1)]);
    server.core.publish({ subject: "a", payload: latin1("") }, 50);
    expect(read()).toEqual([50, Date.UTC(2024, 0, 1) + 50]);
    server.core.wallClock(1000.5, 60);
    expect(read()).toEqual([60, 1000.5]);
    server.core.elapsed(70);
    expect(read()).toEqual([70, 1010.5]);
  });

  it("is now if it wants to be polled: it wakes the server", () => {
    const module = new TestModule();
    let woken = 0;
    const core = new ServerCore({ random: () => {}, modules: [module] }, () => woken++);
    core.elapsed(5);
    module.publish("a", "");
    module.host.wake();
    expect([woken, core.deadline]).toEqual([1, 5]);
    core.subscribe("a");
    core.elapsed(5);
    expect(core.poll()).toMatchObject({ do: "deliver" });
    expect([core.deadline, core.poll()]).toEqual([undefined, undefined]);
  });

  it("is now after the program subscribed to what it watches, and ended that", () => {
    const module = new TestModule([{ do: "watch", account: "$G", subject: "a" }]);
    let woken = 0;
    const core = new ServerCore({ random: () => {}, modules: [module] }, () => woken++);
    core.unsubscribe(core.subscribe("b"));
    expect([woken, core.deadline]).toEqual([0, undefined]);
    const id = core.subscribe("a");
    expect([woken, core.deadline]).toEqual([1, 0]);
    core.elapsed(0);
    core.unsubscribe(id);
    expect([woken, core.deadline]).toEqual([2, 0]);
    expect(module.log).toEqual(["started", "+ $G a", "- $G a"]);
  });
});

describe("INFO of a server with modules", () => {
  const info = { version: "2.11.0", jetstream: true, api_lvl: 1, domain: "hub" };

  it("has their fields, on each listener", () => {
    const server = new ServerHarness({ modules: [new TestModule([], info), new TestModule()] });
    const listener = server.core.addListener({ host: "::1", port: 7 }, true);
    for (const peer of [server.core.opened(0), server.core.opened(0, undefined, undefined, listener)])
      expect(JSON.parse(server.read(peer).slice(5, -2))).toMatchObject(info);
    expect(JSON.parse(JSON.stringify(new ServerHarness().core.view.info))).not.toHaveProperty("jetstream");
  });

  it("is also what $SYS.REQ.USER.INFO answers, to the program too", () => {
    const server = new ServerHarness({ modules: [new TestModule([], info)] });
    const answer = JSON.parse(
      server.exchange(server.connect(), "SUB in 1\r\nPUB $SYS.REQ.USER.INFO in 0\r\n\r\n").split("\r\n")[1]!,
    );
    expect(answer.server).toMatchObject({ ver: "2.11.0", jetstream: true, domain: "hub", flags: 1 });
    server.core.subscribe("own");
    expect(server.core.publish({ subject: "$SYS.REQ.USER.INFO", reply: "own", payload: latin1("") })).toBe(1);
    server.settle();
    expect(JSON.parse(Buffer.from(server.delivered[0]!.message.payload).toString())).toEqual({
      server: { ...answer.server },
      data: { user: "", account: "$G", account_name: "$G" },
    });
  });
});
