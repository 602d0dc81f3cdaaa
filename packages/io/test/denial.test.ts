// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from "vitest";
import { nextUncaught } from "../../../tools/testkit/uncaught.ts";
import { ConnectionError, type Status, userAuthorizer } from "../src/index.ts";
import { connect, network, serve } from "./network.ts";

const limited = {
  user: "ann",
  password: "s3cret",
  permissions: { publish: { deny: ["secret.>"] }, subscribe: { deny: ["secret.>", "_INBOX.>"] } },
};

async function connectAnn(more = {}): ReturnType<typeof connect> {
  network.server = await serve({ authorize: userAuthorizer([limited]) });
  return connect({ user: "ann", pass: "s3cret", ...more });
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a denied subscription", () => {
  const denied = {
    code: "PERMISSION",
    message: 'PERMISSION: the server denies subscribing to "secret.a" using queue "q"',
  };

  it("rejects ready and its loop, and resolves closed with the error", async () => {
    const client = await connectAnn();
    const statuses: Status[] = [];
    client.onStatus((status) => statuses.push(status));
    const subscription = client.subscribe("secret.a", { queue: "q" });
    const loop = (async () => {
      for await (const _ of subscription);
    })();
    const looped = expect(loop).rejects.toMatchObject(denied);
    await expect(subscription.ready()).rejects.toMatchObject(denied);
    await looped;
    const error = await subscription.closed;
    expect(error).toMatchObject(denied);
    expect(error?.denial).toEqual({ operation: "subscribe", subject: "secret.a", queue: "q" });
    expect(statuses).toMatchObject([{ type: "error", error: denied }]);
    await expect(subscription.ready()).rejects.toMatchObject(denied);
  });
});

describe("a subscription that is one too many", () => {
  const refused = {
    code: "REFUSED",
    message: 'REFUSED: the server refuses the subscription to "orders": maximum subscriptions exceeded',
    denial: { operation: "subscribe", subject: "orders", queue: undefined },
  };

  it("rejects ready, next and its loop, and resolves closed with the error", async () => {
    network.server = await serve({ maxSubscriptions: 1 });
    const client = await connect({ onStatus: () => {} });
    const prices = client.subscribe("prices");
    const orders = client.subscribe("orders");
    async function readOrders(): Promise<void> {
      for await (const _ of orders);
    }
    const looped = readOrders().catch((error) => error);
    await expect(orders.ready()).rejects.toMatchObject(refused);
    expect(await looped).toMatchObject(refused);
    expect((await looped).stack).toContain("readOrders");
    expect(await orders.closed).toMatchObject(refused);
    prices.unsubscribe();
    const later = client.subscribe("orders");
    await later.ready();
    const next = client.subscribe("orders").next();
    await expect(next).rejects.toMatchObject(refused);
    await expect(client.request("prices")).rejects.toMatchObject({ code: "REFUSED" });
  });
});

describe("a denied request", () => {
  it("rejects at once if its subject or its inbox is denied", async () => {
    const client = await connectAnn();
    client.onStatus(() => {});
    const options = { timeout: 60_000 };
    const publishing = { code: "PERMISSION", message: 'PERMISSION: the server denies publishing to "secret.a"' };
    await expect(client.request("secret.a", "", { ...options, reply: "mine" })).rejects.toMatchObject(publishing);
    network.server.subscribe("public", { callback: (message) => message.respond("ok") });
    for (const more of [{}, {}, { noMux: true }]) {
      await expect(client.request("public", "", { ...options, ...more })).rejects.toMatchObject({
        code: "PERMISSION",
        denial: { operation: "subscribe" },
      });
    }
    expect((await client.request("public", "", { ...options, reply: "mine" })).text()).toBe("ok");
  });
});

describe("a problem without a listener", () => {
  it("is printed once for each kind, and not after the program has listened", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const client = await connectAnn();
    for (const subject of ["secret.a", "secret.b"]) client.publish(subject);
    const slow = client.subscribe("foo", { maxMessages: 1 });
    for (let i = 0; i < 3; i++) client.publish("foo");
    await client.flush();
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      'natswire: PERMISSION: the server denies publishing to "secret.a" (more of this kind are not printed; see onStatus)',
      'natswire: the subscription to "foo" dropped messages: it did not keep up (more of this kind are not printed; see onStatus)',
    ]);
    slow.unsubscribe();
    const other = await connectAnn();
    other.onStatus(() => {})();
    other.publish("secret.a");
    await other.flush();
    expect(warn.mock.calls.length).toBe(2);
  });

  it("is printed beside a passive listener, which gets it too", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const client = await connectAnn();
    const seen: string[] = [];
    const stop = client.onStatus(({ type }) => seen.push(type), { passive: true });
    client.publish("secret.a");
    await client.flush();
    expect([seen, warn.mock.calls.length]).toEqual([["error"], 1]);
    stop();
    client.subscribe("foo", () => {
      throw new Error("mine");
    });
    client.onStatus(({ type }) => seen.push(type), { passive: true });
    client.publish("foo");
    const [uncaught] = await Promise.all([nextUncaught(), client.flush()]);
    expect([uncaught, seen]).toEqual([new Error("mine"), ["error"]]);
    const misspelt = { pasive: true } as object;
    expect(() => client.onStatus(() => {}, misspelt)).toThrow(
      'unknown option "pasive" of onStatus; did you mean "passive"?',
    );
  });
});

describe("an answer to a reply subject that cannot be published to", () => {
  it.each([
    ["has a flaw", "a..b"],
    ["has control bytes", "a\x01b"],
    ["is too long", "r".repeat(4090)],
  ])("returns false, reports a status, and throws nothing: it %s", async (_, reply) => {
    network.server = await serve();
    const client = await connect();
    const errors: unknown[] = [];
    client.onStatus((status) => status.type === "error" && errors.push(status.error));
    const answered: boolean[] = [];
    client.subscribe("svc", { callback: (message) => void answered.push(message.respond("x")) });
    await client.flush();
    network.server.connections[0]?.inject(`MSG svc 1 ${reply} 1\r\nx\r\nMSG svc 1 fine 1\r\nx\r\n`);
    await vi.waitFor(() => expect(answered).toEqual([false, true]));
    expect(errors).toEqual([expect.any(ConnectionError)]);
    expect(errors[0]).toMatchObject({
      code: "REFUSED",
      message: expect.stringContaining(`no answer is possible to a message on "svc"`),
    });
  });

  it("returns false and throws nothing while too many bytes wait to be sent", async () => {
    network.server = await serve();
    const client = await connect({ maxPending: 1000 });
    const errors: unknown[] = [];
    client.onStatus((status) => status.type === "error" && errors.push(status.error));
    const answered: boolean[] = [];
    client.subscribe("svc", { callback: (message) => void answered.push(message.respond("x".repeat(400))) });
    await client.flush();
    network.server.connections[0]?.inject("MSG svc 1 a 1\r\nx\r\n".repeat(5));
    await vi.waitFor(() => expect(answered).toEqual([true, true, false, false, false]));
    expect(errors[0]).toMatchObject({ code: "REFUSED", message: expect.stringContaining("maxPending is reached") });
  });
});
