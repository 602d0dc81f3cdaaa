// SPDX-License-Identifier: Apache-2.0
import { AsyncLocalStorage } from "node:async_hooks";
import { channel, type TracingChannelSubscribers, tracingChannel } from "node:diagnostics_channel";
import { afterEach, describe, expect, it } from "vitest";
import { nextUncaught } from "../../../tools/testkit/uncaught.ts";
import { type Connection, channelHooks, type Delivery, type OutgoingMessage, type StatusChange } from "../src/index.ts";
import { connect, network } from "./network.ts";

const stops: (() => void)[] = [];

/** Subscribes to the events of a tracing channel until the end of the test. */
function subscribe<Context extends object>(
  name: "publish" | "request" | "deliver",
  subscribers: Partial<TracingChannelSubscribers<Context & { result?: unknown; error?: unknown }>>,
): void {
  const traced = tracingChannel<unknown, Context>(`natswire:${name}`);
  const all = subscribers as TracingChannelSubscribers<Context>;
  traced.subscribe(all);
  stops.push(() => traced.unsubscribe(all));
}

/** Logs the name of each event of a channel, with the result or the error. */
function log(name: "publish" | "request" | "deliver"): unknown[] {
  const events: unknown[] = [];
  const add =
    (event: string) =>
    ({ result, error }: { result?: unknown; error?: unknown }): void =>
      void events.push([event, error ?? result]);
  const subscribers = ["start", "end", "asyncStart", "asyncEnd", "error"].map((event) => [event, add(event)] as const);
  subscribe(name, Object.fromEntries(subscribers));
  return events;
}

const connectTraced = (): Promise<Connection> => connect({ hooks: channelHooks });

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

describe("the channel natswire:publish", () => {
  it("reports start and end, with the outcome", async () => {
    const events = log("publish");
    const client = await connectTraced();
    client.publish("orders.new");
    expect(() => client.publish("no subject")).toThrow("no subject");
    const error = expect.objectContaining({ code: "BAD_SUBJECT" });
    expect(events).toEqual([
      ["start", undefined],
      ["end", "accepted"],
      ["start", undefined],
      ["error", error],
      ["end", error],
    ]);
  });

  it("lets a subscriber add headers", async () => {
    subscribe<OutgoingMessage>("publish", { start: ({ headers }) => headers.set("Trace", "7") });
    const client = await connectTraced();
    const orders = client.subscribe("orders.*");
    client.publish("orders.new");
    expect((await orders.next()).headers?.get("Trace")).toBe("7");
  });

  it("can be subscribed to and left at any time", async () => {
    const client = await connectTraced();
    client.publish("orders.new");
    await client.flush();
    const events = log("publish");
    client.publish("orders.new");
    await client.flush();
    stops.pop()?.();
    client.publish("orders.new");
    expect(events.length).toBe(2);
  });

  it("never passes the error of a subscriber to the program", async () => {
    const mine = new Error("mine");
    subscribe("publish", {
      start: () => {
        throw mine;
      },
    });
    const client = await connectTraced();
    const [uncaught, isAccepted] = await Promise.all([nextUncaught(), client.publish("orders.new")]);
    expect([uncaught, isAccepted]).toEqual([mine, true]);
  });
});

describe("the channel natswire:request", () => {
  it("reports start, end, and the reply or the error", async () => {
    const client = await connectTraced();
    network.server.subscribe("price", { callback: (message) => message.respond("12") });
    const events = log("request");
    const reply = await client.request("price");
    expect(events.splice(0)).toEqual([
      ["start", undefined],
      ["end", undefined],
      ["asyncStart", reply],
      ["asyncEnd", reply],
    ]);
    const error = await client.request("nobody").catch((error) => error);
    expect(events).toEqual([
      ["start", undefined],
      ["end", undefined],
      ["error", error],
      ["asyncStart", error],
      ["asyncEnd", error],
    ]);
  });
});

describe("the channel natswire:deliver", () => {
  it("reports start, end, and the end of an async callback", async () => {
    const client = await connectTraced();
    const events = log("deliver");
    const failed = new Error("no stock");
    client.onStatus(() => {});
    const calls = [
      () => 1,
      async () => 2,
      (): never => {
        throw failed;
      },
    ];
    const orders = client.subscribe("orders.*", () => calls.shift()?.());
    for (let i = 0; i < 3; i++) {
      client.publish("orders.new");
      await client.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await orders.drain();
    const successes = [1, 2].flatMap((result) => [
      ["start", undefined],
      ["end", undefined],
      ["asyncStart", result],
      ["asyncEnd", result],
    ]);
    const failure = ["error", "asyncStart", "asyncEnd"].map((event) => [event, failed]);
    expect(events).toEqual([...successes, ["start", undefined], ["end", undefined], ...failure]);
  });

  it("runs the callback in the store that is bound to start", async () => {
    const storage = new AsyncLocalStorage<unknown>();
    const { start } = tracingChannel<unknown, Delivery>("natswire:deliver");
    start.bindStore(storage, (delivery) => (delivery as Delivery).message.text());
    stops.push(() => start.unbindStore(storage));
    const client = await connectTraced();
    const seen: unknown[] = [];
    const orders = client.subscribe("orders.*", async () => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(storage.getStore());
    });
    for (const text of ["one", "two"]) client.publish("orders.new", text);
    await client.flush();
    await orders.drain();
    expect(seen).toEqual(["one", "two"]);
  });
});

describe("the channel natswire:status", () => {
  it("reports the connection and its status", async () => {
    const seen: unknown[] = [];
    const listener = (change: unknown): void => {
      const { connection, status } = change as StatusChange;
      seen.push([connection.stats.reconnects, status.type]);
    };
    channel("natswire:status").subscribe(listener);
    stops.push(() => channel("natswire:status").unsubscribe(listener));
    await (await connectTraced()).close();
    expect(seen).toEqual([
      [0, "connecting"],
      [0, "connect"],
      [0, "close"],
    ]);
  });
});

describe("channelHooks", () => {
  it("has no hook for a channel without a subscriber", () => {
    const { publish, request, deliver } = channelHooks!;
    expect([publish, request, deliver]).toEqual([undefined, undefined, undefined]);
    const names = ["publish", "request", "deliver"] as const;
    for (const name of names) {
      // Any of the five events is enough.
      subscribe(name, { asyncEnd: () => {} });
      expect(channelHooks?.[name]).toBeTypeOf("function");
    }
  });
});
