// SPDX-License-Identifier: Apache-2.0
import { headers } from "@nats-io/transport-node";
import { type Server, serve } from "@natswire/node";
import { describe, expect, it } from "vitest";
import { closing } from "../../testkit/closing.ts";
import { client, nextStatus, roundTrip, take, texts } from "./nats-js.ts";

describe("the official JavaScript client on an embedded server with faults", () => {
  const start = async (...args: Parameters<typeof serve>): Promise<Server> => {
    return closing(await serve(...args));
  };

  it("discovers servers and reconnects to one when its own is closed", async () => {
    const [first, second] = [await serve(), await start()];
    const nc = await client(first.port);
    const subscription = nc.subscribe("news");
    await roundTrip(nc);
    const [update, back] = [nextStatus(nc, "update"), nextStatus(nc, "reconnect")];
    first.advertise([`127.0.0.1:${second.port}`]);
    expect(await update).toMatchObject({ added: [`127.0.0.1:${second.port}`] });
    await first.close();
    expect((await back).server).toBe(`127.0.0.1:${second.port}`);
    await roundTrip(nc);
    expect(second.publish("news", "from the second")).toBe(1);
    expect(texts(await take(subscription, 1))).toEqual(["from the second"]);
  });

  it("reports which servers are gone", async () => {
    const server = await start();
    const nc = await client(server.port);
    await roundTrip(nc);
    const added = nextStatus(nc, "update");
    server.advertise([`127.0.0.1:${server.port}`, "127.0.0.1:4", "127.0.0.1:5"]);
    expect((await added).added).toEqual(expect.arrayContaining(["127.0.0.1:4", "127.0.0.1:5"]));
    const deleted = nextStatus(nc, "update");
    server.advertise([`127.0.0.1:${server.port}`, "127.0.0.1:5"]);
    expect((await deleted).deleted).toEqual(["127.0.0.1:4"]);
  });

  it("leaves a server in lame duck mode for another one", async () => {
    const [first, second] = [await start(), await start()];
    const nc = await client(first.port);
    const subscription = nc.subscribe("news");
    await roundTrip(nc);
    first.advertise([`127.0.0.1:${second.port}`]);
    const [duck, back] = [nextStatus(nc, "ldm"), nextStatus(nc, "reconnect")];
    const gone = first.lameDuck(0, 1);
    await duck;
    await gone;
    await back;
    await roundTrip(nc);
    second.publish("news", "from the second");
    expect(texts(await take(subscription, 1))).toEqual(["from the second"]);
  });

  it("reconnects after it was closed as a slow consumer", async () => {
    const reasons: string[] = [];
    const server = await start({ maxPending: 100_000, closed: (_, reason) => reasons.push(reason) });
    const [slow, other] = [await client(server.port), await client(server.port)];
    const flood = slow.subscribe("flood");
    const kept = other.subscribe("kept");
    await roundTrip(slow, other);
    const back = nextStatus(slow, "reconnect");
    for (let i = 0; i < 20; i++) {
      server.publish("flood", new Uint8Array(10_000));
      server.publish("kept", String(i));
    }
    await back;
    await roundTrip(slow);
    expect(reasons).toEqual(["slow"]);
    expect(texts(await take(kept, 20))).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
    const before = flood.getReceived();
    expect(server.publish("flood", "once more")).toBe(1);
    const messages = await take(flood, before + 1);
    expect(messages.at(-1)!.string()).toBe("once more");
  });

  it("reconnects if the server sends no PONG", async () => {
    const server = await start();
    const nc = await client(server.port, { pingInterval: 30, maxPingOut: 2 });
    const subscription = nc.subscribe("news");
    await roundTrip(nc);
    const [stale, back] = [nextStatus(nc, "staleConnection"), nextStatus(nc, "reconnect")];
    server.connections[0]!.hold("pong");
    await stale;
    await back;
    await roundTrip(nc);
    expect(server.publish("news", "on the new connection")).toBe(1);
    expect(texts(await take(subscription, 1))).toEqual(["on the new connection"]);
  });

  it("reconnects after its connection was killed", async () => {
    const server = await start();
    const nc = await client(server.port);
    const subscription = nc.subscribe("news");
    await roundTrip(nc);
    const back = nextStatus(nc, "reconnect");
    server.connections[0]!.kill();
    await back;
    await roundTrip(nc);
    server.publish("news", "on the new connection");
    expect(texts(await take(subscription, 1))).toEqual(["on the new connection"]);
  });

  it("decodes frames that arrive one byte at a time, delayed", async () => {
    const server = await start();
    const nc = await client(server.port);
    const [connection] = server.connections;
    connection!.delay(5);
    connection!.split(1);
    const sent = headers();
    sent.set("Piece", "by piece");
    const subscription = nc.subscribe("pieces");
    nc.publish("pieces", "hello", { headers: sent });
    const [message] = await take(subscription, 1);
    expect([message!.string(), [...message!.headers!]]).toEqual(["hello", [["Piece", ["by piece"]]]]);
  });

  it("exchanges requests with the program that runs the server", async () => {
    const server = await start();
    server.subscribe("double", { callback: (message) => message.respond(String(2 * Number(message.text()))) });
    const nc = await client(server.port);
    expect((await nc.request("double", "21")).string()).toBe("42");
    const answers = server.subscribe("answers", { max: 1 });
    nc.subscribe("triple", { callback: (_, message) => void message.respond(String(3 * Number(message.string()))) });
    await roundTrip(nc);
    server.publish("triple", "14", { reply: "answers" });
    for await (const message of answers) expect(message.text()).toBe("42");
    expect(answers.received).toBe(1);
  });
});
