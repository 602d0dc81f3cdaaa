// SPDX-License-Identifier: Apache-2.0
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import { nextUncaught } from "../../../tools/testkit/uncaught.ts";
import { joinHooks } from "../src/client/join-hooks.ts";
import { type Connection, type ConnectionHooks, type Message, MsgHeaders, type Status } from "../src/index.ts";
import { connect, network } from "./network.ts";

const encoder = new TextEncoder();

/** Publishes to a loop, and returns the messages that arrive. */
async function received(client: Connection, publish: () => void, count = 1): Promise<Message[]> {
  const messages = client.subscribe("orders.*", { max: count });
  await client.flush();
  publish();
  const all: Message[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

/** Connects with hooks, and collects the errors among the statuses. */
async function connectWithErrors(hooks: ConnectionHooks): Promise<{ client: Connection; errors: Error[] }> {
  const errors: Error[] = [];
  const onStatus = (status: Status): void => {
    if (status.type === "error") errors.push(status.error);
  };
  return { client: await connect({ hooks, onStatus, asyncTraces: true }), errors };
}

describe("the hook of publish", () => {
  it("gets the message as it is sent", async () => {
    const seen: unknown[] = [];
    const client = await connect({
      hooks: {
        publish: ({ connection, subject, reply, payload, headers }, next) =>
          seen.push([connection === client, subject, reply, payload.length, [...headers], next()]),
      },
    });
    client.publish("orders.new", "äpfel");
    client.publish("orders.new", new Uint8Array(2), { reply: "answers", headers: new MsgHeaders([["A", "1"]]) });
    expect(seen).toEqual([
      [true, "orders.new", undefined, 6, [], "accepted"],
      [true, "orders.new", "answers", 2, [["A", "1"]], "accepted"],
    ]);
  });

  it("adds headers to a copy of the program's", async () => {
    const client = await connect({ hooks: { publish: ({ headers }) => headers.set("Trace", "7") } });
    const own = new MsgHeaders([["A", "1"]]);
    const block = encoder.encode("NATS/1.0\r\nB: 2\r\n\r\n");
    const messages = await received(
      client,
      () => {
        client.publish("orders.new");
        client.publish("orders.new", "", { headers: own });
        client.publish("orders.new", "", { headers: block });
      },
      3,
    );
    const trace = ["Trace", "7"];
    expect(messages.map(({ headers }) => [...(headers ?? [])])).toEqual([
      [trace],
      [["A", "1"], trace],
      [["B", "2"], trace],
    ]);
    expect([...own]).toEqual([["A", "1"]]);
  });

  it("leaves a message without headers as it is if it only reads them", async () => {
    const client = await connect({ hooks: { publish: ({ headers }) => headers.size } });
    const [message] = await received(client, () => client.publish("orders.new"));
    expect(message?.headerBlock).toBeUndefined();
  });

  it("can remove the headers", async () => {
    const client = await connect({ hooks: { publish: ({ headers }) => headers.delete("A") } });
    const headers = new MsgHeaders([["A", "1"]]);
    const [message] = await received(client, () => client.publish("orders.new", "", { headers }));
    expect(message?.headerBlock).toBeUndefined();
  });

  it("leaves a raw block as it is if it does not read the headers", async () => {
    const client = await connect({ hooks: { publish: () => {} } });
    const block = encoder.encode("NATS/1.0\r\nno header\r\n\r\n");
    const [message] = await received(client, () => client.publish("orders.new", "", { headers: block }));
    expect(message?.headerBlock).toEqual(block);
  });

  it("sends the program's headers if its own cannot be encoded", async () => {
    const { client, errors } = await connectWithErrors({ publish: ({ headers }) => headers.get("A") });
    const block = encoder.encode("NATS/1.0\r\nA: \u0000\r\n\r\n");
    const [message] = await received(client, () => client.publish("orders.new", "", { headers: block }));
    expect(message?.headerBlock).toEqual(block);
    expect(errors.map(({ message }) => message)).toEqual(['the value of header "A" contains a NUL']);
  });

  it("fails a publish if it adds headers that the server does not support", async () => {
    const client = await connect({ hooks: { publish: ({ headers }) => headers.set("Trace", "7") } });
    network.server.connections[0]?.inject('INFO {"headers":false}\r\n');
    await client.flush();
    const message = 'message for "orders.new": the server does not support headers; remove them';
    expect(() => client.publish("orders.new")).toThrow(expect.objectContaining({ code: "BAD_HEADER", message }));
  });

  it("runs around an answer, too", async () => {
    const client = await connect({ hooks: { publish: ({ headers, subject }) => headers.set("To", subject) } });
    client.subscribe("price", (message) => message.respond("12"));
    const reply = await client.request("price");
    expect(reply.headers?.get("To")).toBe(reply.subject);
  });

  it("gets the outcome of what cannot be sent", async () => {
    const outcomes: unknown[] = [];
    const hooks: ConnectionHooks = { publish: (_, next) => outcomes.push(next()) };
    for (const whileDisconnected of ["reject", "drop"] as const) {
      const client = await connect({ hooks, whileDisconnected, reconnectDelay: () => 1e6 });
      const status = client.status();
      network.server.connections[0]?.kill();
      await status.next();
      if (whileDisconnected === "drop") expect(client.publish("orders.new")).toBe(false);
      else expect(() => client.publish("orders.new")).toThrow("not connected");
    }
    expect(outcomes).toEqual(["refused", "dropped"]);
  });

  it("is not called for a payload or headers of the wrong kind", async () => {
    let calls = 0;
    const client = await connect({ hooks: { publish: () => calls++ } });
    expect(() => client.publish("orders.new", 5 as never)).toThrow("payload must be a string");
    expect(() => client.publish("orders.new", "", { headers: 5 as never })).toThrow("headers must be");
    expect(calls).toBe(0);
  });
});

describe("the hook of request", () => {
  it("gets the reply or the error, and adds headers", async () => {
    const outcomes: unknown[] = [];
    const client = await connect({
      hooks: {
        async request({ headers }, next) {
          headers.set("Trace", "7");
          outcomes.push(
            await next().then(
              (reply) => reply?.text(),
              (error) => error.code,
            ),
          );
        },
      },
    });
    client.subscribe("price", (message) => message.respond(message.headers?.get("Trace") ?? ""));
    expect((await client.request("price")).text()).toBe("7");
    await expect(client.request("nobody")).rejects.toMatchObject({ code: "NO_RESPONDERS" });
    await expect(client.request("no subject")).rejects.toMatchObject({ code: "BAD_SUBJECT" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(outcomes).toEqual(["7", "NO_RESPONDERS"]);
  });

  it("resolves after the last reply for many", async () => {
    const log: unknown[] = [];
    let end = (_: unknown): void => {};
    const ended = new Promise((resolve) => (end = resolve));
    const client = await connect({
      hooks: {
        async request({ headers }, next) {
          headers.set("Trace", "7");
          const reply = await next();
          end([...log, reply]);
        },
      },
    });
    client.subscribe("price", (message) => {
      for (const text of ["1", "2"]) message.respond(text + message.headers?.get("Trace"));
    });
    for await (const reply of client.requestMany("price", "", { maxMessages: 2 })) log.push(reply.text());
    expect(await ended).toEqual(["17", "27", undefined]);
    expect(() => client.requestMany("no subject")).toThrow("no subject");
  });

  it("is not called for wrong options", async () => {
    let calls = 0;
    const client = await connect({ hooks: { request: () => calls++ } });
    await expect(client.request("price", "", { timeOut: 5 } as never)).rejects.toThrow("unknown option");
    expect(calls).toBe(0);
  });
});

describe("the hook of deliver", () => {
  it("runs around a callback, in whose context it can run", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const client = await connect({
      hooks: {
        deliver({ connection, subscription, message }, next) {
          seen.push([connection === client, subscription === orders, message.text()]);
          return storage.run("context", next);
        },
        publish: ({ subject }) => seen.push([subject, storage.getStore()]),
      },
    });
    const orders = client.subscribe("price", async (message) => {
      await new Promise((resolve) => setImmediate(resolve));
      message.respond();
    });
    await client.request("price", "apple");
    expect(seen).toEqual([
      [true, true, "apple"],
      [expect.stringMatching(/^_INBOX/), "context"],
    ]);
  });

  it("runs when a message for a loop arrives", async () => {
    const seen: unknown[] = [];
    const client = await connect({
      hooks: { deliver: ({ message }, next) => seen.push([message.subject, next()]) },
    });
    await received(client, () => client.publish("orders.new"));
    expect(seen).toEqual([["orders.new", undefined]]);
  });

  it("runs no callback after the connection is closed", async () => {
    const seen: string[] = [];
    const client = await connect({ hooks: { deliver: ({ message }) => seen.push(message.text()) } });
    client.subscribe("orders.*", () => void client.close());
    client.publish("orders.new", "one");
    client.publish("orders.new", "two");
    await client.closed;
    expect(seen).toEqual(["one"]);
  });

  it("keeps the limit of callbacks at once (concurrency)", async () => {
    let [running, most] = [0, 0];
    const client = await connect({ hooks: { deliver: (_, next) => void next() } });
    const orders = client.subscribe("orders.*", {
      concurrency: 2,
      callback: async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
      },
    });
    for (let i = 0; i < 6; i++) client.publish("orders.new");
    await client.flush();
    await orders.drain();
    expect([running, most, orders.received]).toEqual([0, 2, 6]);
  });

  it("leaves the error of a callback as it is", async () => {
    const failed = new Error("no stock");
    const seen: unknown[] = [];
    const { client, errors } = await connectWithErrors({
      async deliver(_, next) {
        try {
          await next();
        } catch (error) {
          seen.push(error);
          throw error;
        }
      },
    });
    const calls = [
      (): never => {
        throw failed;
      },
      async (): Promise<never> => {
        throw failed;
      },
    ];
    client.subscribe("orders.*", { max: 2, callback: () => calls.shift()?.() });
    for (let i = 0; i < 2; i++) client.publish("orders.new");
    await client.flush();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([failed, failed]);
    expect(errors).toEqual([failed, failed]);
  });

  it("calls `then` of a callback's result once", async () => {
    let calls = 0;
    const then = (resolve: () => void): void => {
      calls++;
      resolve();
    };
    const lazy = new Proxy({}, { get: () => then });
    const client = await connect({ hooks: { deliver: async (_, next) => next() } });
    const orders = client.subscribe("orders.*", () => lazy);
    client.publish("orders.new");
    await client.flush();
    await orders.drain();
    expect(calls).toBe(1);
  });
});

describe("a hook that fails", () => {
  const mine = new Error("mine");
  const throws = (): never => {
    throw mine;
  };

  it.each([
    ["throws before `next`", throws],
    ["throws after `next`", (next: () => unknown) => [next(), throws()]],
    ["rejects", async () => throws()],
    ["rejects after the end", async (next: () => unknown) => [await next(), throws()]],
  ] as [string, (next: () => unknown) => unknown][])("changes nothing if it %s", async (_, fail) => {
    const hook = (_: unknown, next: () => unknown): unknown => fail(next);
    const { client, errors } = await connectWithErrors({ publish: hook, request: hook, deliver: hook });
    const got: string[] = [];
    client.subscribe("price", (message) => {
      got.push(message.text());
      message.respond("12");
    });
    expect(client.publish("price", "one")).toBe(true);
    expect((await client.request("price", "two")).text()).toBe("12");
    await new Promise((resolve) => setImmediate(resolve));
    expect(got).toEqual(["one", "two"]);
    // Of the message, the request, the answer to it, and both deliveries.
    expect(errors).toEqual([mine, mine, mine, mine, mine]);
  });

  it("cannot change subject and payload", async () => {
    const client = await connect({
      hooks: {
        publish(message, next) {
          Object.assign(message, { subject: "other", payload: new Uint8Array(9) });
          return next();
        },
      },
    });
    const received = client.subscribe("*");
    client.publish("price", "one");
    const message = await received.next();
    expect([message.subject, message.text()]).toEqual(["price", "one"]);
  });

  it("has its error reported as uncaught without a status listener", async () => {
    const client = await connect({ hooks: { publish: throws, status: () => {} } });
    const [uncaught] = await Promise.all([nextUncaught(), client.publish("orders.new")]);
    expect(uncaught).toBe(mine);
  });

  it("leaves a rejection that the program does not handle unhandled", async () => {
    const client = await connect({ hooks: { request: (_, next) => next().catch(() => {}) } });
    const unhandled = nextUncaught();
    void client.request("nobody");
    expect(await unhandled).toMatchObject({ code: "NO_RESPONDERS" });
  });
});

describe("the hook of status", () => {
  it("gets every status, from the first attempt on", async () => {
    const seen: unknown[] = [];
    const client = await connect({
      hooks: { status: ({ connection, status }) => seen.push(connection.isClosed, status.type) },
    });
    await client.close();
    expect(seen).toEqual([false, "connecting", false, "connect", true, "close"]);
  });
});

describe("the option hooks", () => {
  it.each([
    [5, "the options of hooks must be an object, not a number"],
    [null, "the options of hooks must be an object, not null"],
    [{ deliver: 5 }, "deliver must be a function, not a number"],
    [{ receive: () => {} }, 'unknown option "receive" of hooks'],
  ])("is checked: %j", async (hooks, message) => {
    await expect(connect({ hooks: hooks as never })).rejects.toThrow(message);
    expect(() => joinHooks({}, hooks as never)).toThrow(message);
  });

  it("may gain and lose a hook later", async () => {
    const hooks: { publish?: () => void } = {};
    let calls = 0;
    const client = await connect({ hooks });
    client.publish("orders.new");
    await client.flush();
    hooks.publish = () => calls++;
    client.publish("orders.new");
    await client.flush();
    delete hooks.publish;
    client.publish("orders.new");
    expect(calls).toBe(1);
  });
});

describe("joined hooks", () => {
  const logging = (log: string[], name: string): ConnectionHooks => {
    const around = (_: unknown, next: () => unknown): unknown => {
      log.push(`${name} begins`);
      const result = next();
      log.push(`${name} ends`);
      return result;
    };
    return {
      publish: around,
      request: around,
      deliver: around,
      status: ({ status }) => log.push(`${name} ${status.type}`),
    };
  };

  it("run one inside the other", async () => {
    const log: string[] = [];
    const hooks = joinHooks(logging(log, "outer"), logging(log, "inner"));
    const client = await connect({ hooks });
    const calls = ["outer begins", "inner begins", "inner ends", "outer ends"];
    expect(log.splice(0)).toEqual(["outer connecting", "inner connecting", "outer connect", "inner connect"]);
    client.publish("orders.new");
    expect(log.splice(0)).toEqual(calls);
    const request = client.request("nobody").catch(() => {});
    expect(log.splice(0)).toEqual(calls);
    await request;
    client.subscribe("orders.*", () => {});
    await client.flush();
    client.publish("orders.new");
    await client.flush();
    expect(log.splice(0)).toEqual([...calls, ...calls]);
  });

  it("are the only ones that exist", () => {
    const hooks = { publish: () => {} };
    expect(joinHooks(undefined, undefined)).toBeUndefined();
    expect(joinHooks(hooks, undefined)).toBe(hooks);
    expect(joinHooks(undefined, hooks)).toBe(hooks);
    expect(joinHooks({}, hooks)?.publish).toBe(hooks.publish);
    expect(joinHooks(hooks, {})?.publish).toBe(hooks.publish);
    expect(joinHooks({}, {})?.publish).toBeUndefined();
  });
});
