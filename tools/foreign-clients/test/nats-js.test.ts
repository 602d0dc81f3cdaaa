// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import {
  AuthorizationError,
  headers,
  InvalidArgumentError,
  type Msg,
  NoRespondersError,
  PermissionViolationError,
} from "@nats-io/transport-node";
import { tokenAuthorizer, userAuthorizer } from "@natswire/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closing } from "../../testkit/closing.ts";
import { type RunningServer, type ServerSetup, serverKinds, startServer } from "../../testkit/servers.ts";
import { client, nextStatus, roundTrip, take, texts } from "./nats-js.ts";

describe.each(serverKinds)("the official JavaScript client on %s", (kind) => {
  let shared: RunningServer;
  beforeAll(async () => {
    shared = await startServer(kind);
  });
  afterAll(() => shared.close());

  const start = async (setup?: ServerSetup): Promise<RunningServer> => closing(await startServer(kind, setup));

  it("connects and receives INFO", async () => {
    const nc = await client(shared.port);
    expect(nc.info).toMatchObject({ proto: 1, headers: true, max_payload: 1_048_576, port: shared.port });
    expect(nc.info?.server_id).toMatch(/^N[A-Z2-7]{55}$/);
    expect(await nc.rtt()).toBeGreaterThanOrEqual(0);
  });

  it("delivers any payload to its own subscription and another client's", async () => {
    const [ann, bob] = [await client(shared.port), await client(shared.port)];
    const payloads = [new Uint8Array(0), Uint8Array.from({ length: 256 }, (_, i) => i), new Uint8Array(1_048_576)];
    const subscriptions = [ann.subscribe("bytes"), bob.subscribe("bytes")];
    await roundTrip(bob);
    for (const payload of payloads) ann.publish("bytes", payload, { reply: "answers.here" });
    for (const subscription of subscriptions) {
      const messages = await take(subscription, payloads.length);
      expect(messages.map(({ subject, reply }) => [subject, reply])).toEqual(
        payloads.map(() => ["bytes", "answers.here"]),
      );
      for (const [i, { data }] of messages.entries()) expect(Buffer.compare(data, payloads[i]!)).toBe(0);
    }
  });

  it("receives only what its wildcards match", async () => {
    const nc = await client(shared.port);
    const patterns = ["a.*.c", "a.>", "*", ">", "*.b.*", "a.b"];
    const got: Record<string, string[]> = {};
    for (const pattern of patterns) {
      const subjects: string[] = [];
      got[pattern] = subjects;
      nc.subscribe(pattern, { callback: (_, { subject }) => void subjects.push(subject) });
    }
    const subjects = ["a", "a.b", "a.b.c", "a.b.c.d", "b.b.c"];
    for (const subject of subjects) nc.publish(subject);
    await roundTrip(nc);
    expect(got).toEqual({
      "a.*.c": ["a.b.c"],
      "a.>": ["a.b", "a.b.c", "a.b.c.d"],
      "*": ["a"],
      ">": subjects,
      "*.b.*": ["a.b.c", "b.b.c"],
      "a.b": ["a.b"],
    });
  });

  it("delivers each message once to every queue group and subscription", async () => {
    const [ann, bob, publisher] = await Promise.all([1, 2, 3].map(() => client(shared.port)));
    const got: Record<string, number[]> = { annInA: [], bobInA: [], bobInB: [], plain: [] };
    const into = (who: string) => (_: Error | null, message: Msg) => void got[who]!.push(Number(message.string()));
    ann!.subscribe("jobs", { queue: "A", callback: into("annInA") });
    bob!.subscribe("jobs", { queue: "A", callback: into("bobInA") });
    bob!.subscribe("jobs", { queue: "B", callback: into("bobInB") });
    bob!.subscribe("jobs", { callback: into("plain") });
    await roundTrip(ann!, bob!);
    const all = Array.from({ length: 200 }, (_, i) => i);
    for (const i of all) publisher!.publish("jobs", String(i));
    await roundTrip(publisher!, ann!, bob!);
    expect(got["plain"]).toEqual(all);
    expect(got["bobInB"]).toEqual(all);
    expect([...got["annInA"]!, ...got["bobInA"]!].sort((a, b) => a - b)).toEqual(all);
    expect(got["annInA"]).not.toEqual([]);
    expect(got["bobInA"]).not.toEqual([]);
  });

  it("receives a reply, on a shared inbox or one of its own (noMux)", async () => {
    const [ann, bob] = [await client(shared.port), await client(shared.port)];
    bob.subscribe("double", { callback: (_, message) => void message.respond(String(2 * Number(message.string()))) });
    await roundTrip(bob);
    expect((await ann.request("double", "21", { timeout: 5000 })).string()).toBe("42");
    expect((await ann.request("double", "4", { timeout: 5000, noMux: true })).string()).toBe("8");
  });

  it("matches 500 concurrent requests with their replies", async () => {
    const [ann, bob] = [await client(shared.port), await client(shared.port)];
    bob.subscribe("echo.*", {
      callback: (_, message) => void message.respond(`${message.subject} ${message.string()}`),
    });
    await roundTrip(bob);
    const numbers = Array.from({ length: 500 }, (_, i) => i);
    const answers = await Promise.all(numbers.map((i) => ann.request(`echo.${i}`, String(i), { timeout: 10_000 })));
    expect(texts(answers)).toEqual(numbers.map((i) => `echo.${i} ${i}`));
  });

  it("collects replies up to an empty one (strategy: sentinel)", async () => {
    const [ann, bob] = [await client(shared.port), await client(shared.port)];
    bob.subscribe("parts", {
      callback(_, message) {
        for (const part of ["one", "two", "three", ""]) message.respond(part);
      },
    });
    await roundTrip(bob);
    const parts: string[] = [];
    for await (const message of await ann.requestMany("parts", "", { strategy: "sentinel", maxWait: 5000 })) {
      parts.push(message.string());
    }
    expect(parts).toEqual(["one", "two", "three", ""]);
  });

  it("reports a missing responder at once", async () => {
    const nc = await client(shared.port);
    const refused = await nc.request("nobody.home", "", { timeout: 60_000 }).catch((error: Error) => error);
    expect((refused as Error).cause ?? refused).toBeInstanceOf(NoRespondersError);
  });

  it("sends and receives headers: several values, colons, case of names", async () => {
    const [ann, bob] = [await client(shared.port), await client(shared.port)];
    const subscription = bob.subscribe("with.headers");
    await roundTrip(bob);
    const sent = headers();
    sent.append("Trace", "a: b");
    sent.append("Trace", "second");
    sent.set("lower-Case", "é");
    sent.set("Empty", "");
    ann.publish("with.headers", "payload", { headers: sent });
    ann.publish("with.headers", "", { headers: sent });
    const messages = await take(subscription, 2);
    expect(texts(messages)).toEqual(["payload", ""]);
    for (const message of messages) expect([...message.headers!]).toEqual([...sent]);
  });

  it("unsubscribes after `max` messages, counted from the first", async () => {
    const [nc, other] = [await client(shared.port), await client(shared.port)];
    const three = other.subscribe("counted", { max: 3 });
    const got: string[] = [];
    const late = nc.subscribe("counted", {
      callback(_, message) {
        got.push(message.string());
        if (got.length === 2) late.unsubscribe(4);
      },
    });
    await roundTrip(nc, other);
    for (const text of ["1", "2", "3", "4", "5"]) nc.publish("counted", text);
    expect(texts(await take(three, 10))).toEqual(["1", "2", "3"]);
    await late.closed;
    expect(got).toEqual(["1", "2", "3", "4"]);
    await roundTrip(other);
    // The client hides messages beyond `max`, but counts them.
    expect(other.stats().inMsgs).toBe(3);
  });

  it("receives 10,000 messages in order", async () => {
    const [ann, bob] = [await client(shared.port), await client(shared.port)];
    const subscription = bob.subscribe("numbers");
    await roundTrip(bob);
    const numbers = Array.from({ length: 10_000 }, (_, i) => String(i));
    for (const number of numbers) ann.publish("numbers", number);
    expect(texts(await take(subscription, numbers.length))).toEqual(numbers);
  });

  it("does not receive its own messages (noEcho)", async () => {
    const [ann, bob] = [await client(shared.port, { noEcho: true }), await client(shared.port)];
    const [own, other] = [ann.subscribe("echoes"), bob.subscribe("echoes")];
    await roundTrip(ann, bob);
    ann.publish("echoes", "ann's");
    await roundTrip(ann);
    bob.publish("echoes", "bob's");
    expect(texts(await take(own, 1))).toEqual(["bob's"]);
    expect(texts(await take(other, 2))).toEqual(["ann's", "bob's"]);
  });

  it("publishes and subscribes (verbose, pedantic)", async () => {
    const nc = await client(shared.port, { verbose: true, pedantic: true });
    const subscription = nc.subscribe("verbose.*", { max: 2 });
    nc.publish("verbose.a", "1");
    nc.publish("verbose.b", "2");
    expect(texts(await take(subscription, 2))).toEqual(["1", "2"]);
    await roundTrip(nc);
  });

  it("drains a subscription and a connection", async () => {
    const [ann, bob] = [await client(shared.port), await client(shared.port)];
    const got = { first: 0, second: 0 };
    const first = bob.subscribe("drained", { callback: () => void got.first++ });
    bob.subscribe("drained", { callback: () => void got.second++ });
    await roundTrip(bob);
    for (let i = 0; i < 1000; i++) bob.publish("drained");
    await first.drain();
    expect(first.isClosed()).toBe(true);
    ann.publish("drained");
    await roundTrip(ann);
    for (let i = 0; i < 1000; i++) bob.publish("drained");
    await bob.drain();
    expect(bob.isClosed()).toBe(true);
    expect(got).toEqual({ first: 1000, second: 2001 });
  });

  it("reconnects after it sent more than max_payload", async () => {
    const { port } = await start({ options: { maxPayload: 1000 }, config: "max_payload: 1000" });
    const nc = await client(port);
    expect(() => nc.publish("large", new Uint8Array(1001))).toThrow(InvalidArgumentError);
    nc.info!.max_payload = 2000;
    const [error, reconnected] = [nextStatus(nc, "error"), nextStatus(nc, "reconnect")];
    nc.publish("large", new Uint8Array(1001));
    expect((await error).error.message).toMatch(/maximum payload violation/i);
    await reconnected;
    const subscription = nc.subscribe("large");
    nc.publish("large", new Uint8Array(1000));
    expect((await take(subscription, 1))[0]!.data.length).toBe(1000);
  });

  it("authenticates with a token only", async () => {
    const { port } = await start({
      options: { authorize: tokenAuthorizer("t0ken") },
      config: "authorization { token: t0ken }",
    });
    await roundTrip(await client(port, { token: "t0ken" }));
    await expect(client(port, { token: "other" })).rejects.toBeInstanceOf(AuthorizationError);
    await expect(client(port)).rejects.toBeInstanceOf(AuthorizationError);
  });

  const permissions = {
    publish: { allow: ["open.>", "_INBOX.>"], deny: ["open.not.>"] },
    subscribe: { allow: ["open.>", "_INBOX.>"] },
  };
  const known: ServerSetup = {
    options: {
      authorize: userAuthorizer([
        { user: "ann", password: "s3cret", permissions },
        { user: "bob", password: "hidden" },
      ]),
    },
    config: `authorization { users: [
      { user: ann, password: s3cret, permissions: ${JSON.stringify(permissions)} }
      { user: bob, password: hidden }
    ] }`,
  };

  it("authenticates with user and password only", async () => {
    const { port } = await start(known);
    await roundTrip(
      await client(port, { user: "ann", pass: "s3cret" }),
      await client(port, { user: "bob", pass: "hidden" }),
    );
    await expect(client(port, { user: "ann", pass: "hidden" })).rejects.toBeInstanceOf(AuthorizationError);
    await expect(client(port, { user: "eve", pass: "s3cret" })).rejects.toBeInstanceOf(AuthorizationError);
    await expect(client(port)).rejects.toBeInstanceOf(AuthorizationError);
  });

  it("reports permission violations and stays connected", async () => {
    const { port } = await start(known);
    const nc = await client(port, { user: "ann", pass: "s3cret" });
    const bob = await client(port, { user: "bob", pass: "hidden" });
    const received = bob.subscribe(">");
    await roundTrip(bob);

    const publishing = nextStatus(nc, "error");
    nc.publish("open.not.this", "no");
    expect((await publishing).error).toBeInstanceOf(PermissionViolationError);
    expect((await publishing).error).toMatchObject({ operation: "publish", subject: "open.not.this" });

    const queued = nc.subscribe("closed.*", { queue: "workers", callback: () => {} });
    const refused = await queued.closed;
    expect(refused).toBeInstanceOf(PermissionViolationError);
    expect(refused).toMatchObject({ operation: "subscription", subject: "closed.*", queue: "workers" });

    const request = await nc.request("closed.service", "", { timeout: 60_000 }).catch((error: Error) => error);
    expect((request as Error).cause ?? request).toBeInstanceOf(PermissionViolationError);

    nc.publish("open.this", "yes");
    expect((await take(received, 1)).map(({ subject }) => subject)).toEqual(["open.this"]);
  });

  it("resubscribes after its server was restarted", async () => {
    const first = await startServer(kind);
    const nc = await client(first.port);
    const [kept, dropped, counted] = [
      nc.subscribe("news.>"),
      nc.subscribe("news.>"),
      nc.subscribe("news.*", { max: 3 }),
    ];
    nc.subscribe("service", { queue: "workers", callback: (_, message) => void message.respond("still here") });
    dropped.unsubscribe();
    nc.publish("news.old", "before");
    await roundTrip(nc);
    const [lost, back] = [nextStatus(nc, "disconnect"), nextStatus(nc, "reconnect")];
    await first.close();
    await lost;
    const second = await start({ ports: first });
    await back;
    const other = await client(second.port);
    await roundTrip(nc);
    for (const text of ["one", "two", "three"]) other.publish("news.new", text);
    expect((await other.request("service", "", { timeout: 5000 })).string()).toBe("still here");
    expect(texts(await take(kept, 4))).toEqual(["before", "one", "two", "three"]);
    expect(texts(await take(counted, 10))).toEqual(["before", "one", "two"]);
    expect(dropped.getReceived()).toBe(0);
  });

  it("answers the server's PINGs and stays connected", async () => {
    const { port } = await start({
      options: { pingInterval: 50, pingMax: 2 },
      config: 'ping_interval: "50ms"\nping_max: 2',
    });
    const nc = await client(port);
    const statuses: string[] = [];
    void (async () => {
      for await (const { type } of nc.status()) statuses.push(type);
    })();
    await sleep(500);
    await roundTrip(nc);
    expect(statuses).toEqual([]);
  });

  it("reports lame duck mode", async () => {
    const server = await start({ config: 'lame_duck_grace_period: "1ms"' });
    const nc = await client(server.port);
    await roundTrip(nc);
    const duck = nextStatus(nc, "ldm");
    server.lameDuck();
    expect((await duck).server).toMatch(/127\.0\.0\.1/);
  });
});
