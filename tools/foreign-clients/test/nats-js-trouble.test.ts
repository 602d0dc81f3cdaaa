// SPDX-License-Identifier: Apache-2.0
import { headers } from "@nats-io/transport-node";
import { type ServeOptions, type Server, serve } from "@natswire/node";
import { describe, expect, it } from "vitest";
import { client, closing, roundTrip, take, texts, told } from "./nats-js.ts";

describe("the official JavaScript client, where only an embedded server can be made to do it,", () => {
  const opened = async (options: ServeOptions = {}): Promise<Server> => {
    return closing(await serve(options));
  };

  it("hears of other servers, and goes there when its own is closed", async () => {
    const [first, second] = [await serve(), await opened()];
    const nc = await client(first.port);
    const subscription = nc.subscribe("news");
    await roundTrip(nc);
    const [update, back] = [told(nc, "update"), told(nc, "reconnect")];
    first.advertise([`127.0.0.1:${second.port}`]);
    expect(await update).toMatchObject({ added: [`127.0.0.1:${second.port}`] });
    await first.close();
    expect((await back).server).toBe(`127.0.0.1:${second.port}`);
    await roundTrip(nc);
    expect(second.publish("news", "from the second")).toBe(1);
    expect(texts(await take(subscription, 1))).toEqual(["from the second"]);
  });

  it("hears which servers are gone", async () => {
    const server = await opened();
    const nc = await client(server.port);
    await roundTrip(nc);
    const added = told(nc, "update");
    server.advertise([`127.0.0.1:${server.port}`, "127.0.0.1:4", "127.0.0.1:5"]);
    expect((await added).added).toEqual(expect.arrayContaining(["127.0.0.1:4", "127.0.0.1:5"]));
    const deleted = told(nc, "update");
    server.advertise([`127.0.0.1:${server.port}`, "127.0.0.1:5"]);
    expect((await deleted).deleted).toEqual(["127.0.0.1:4"]);
  });

  it("leaves a lame duck for another server and misses nothing that is published there", async () => {
    const [first, second] = [await opened(), await opened()];
    const nc = await client(first.port);
    const subscription = nc.subscribe("news");
    await roundTrip(nc);
    first.advertise([`127.0.0.1:${second.port}`]);
    const [duck, back] = [told(nc, "ldm"), told(nc, "reconnect")];
    const gone = first.lameDuck(0, 1);
    await duck;
    await gone;
    await back;
    await roundTrip(nc);
    second.publish("news", "from the second");
    expect(texts(await take(subscription, 1))).toEqual(["from the second"]);
  });

  it("is cut off where it does not take what it is sent, and comes back; others lose nothing", async () => {
    const whys: string[] = [];
    const server = await opened({ maxPending: 100_000, closed: (_, reason) => whys.push(reason) });
    const [slow, other] = [await client(server.port), await client(server.port)];
    const flood = slow.subscribe("flood");
    const calm = other.subscribe("calm");
    await roundTrip(slow, other);
    const back = told(slow, "reconnect");
    for (let i = 0; i < 20; i++) {
      server.publish("flood", new Uint8Array(10_000));
      server.publish("calm", String(i));
    }
    await back;
    await roundTrip(slow);
    expect(whys).toEqual(["slow"]);
    expect(texts(await take(calm, 20))).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
    const before = flood.getReceived();
    expect(server.publish("flood", "once more")).toBe(1);
    const messages = await take(flood, before + 1);
    expect(messages.at(-1)!.string()).toBe("once more");
  });

  it("takes its connection for stale where it hears no PONG, and makes a new one", async () => {
    const server = await opened();
    const nc = await client(server.port, { pingInterval: 30, maxPingOut: 2 });
    const subscription = nc.subscribe("news");
    await roundTrip(nc);
    const [stale, back] = [told(nc, "staleConnection"), told(nc, "reconnect")];
    server.connections[0]!.hold("pong");
    await stale;
    await back;
    await roundTrip(nc);
    expect(server.publish("news", "on the new connection")).toBe(1);
    expect(texts(await take(subscription, 1))).toEqual(["on the new connection"]);
  });

  it("makes a new connection when its own is killed", async () => {
    const server = await opened();
    const nc = await client(server.port);
    const subscription = nc.subscribe("news");
    await roundTrip(nc);
    const back = told(nc, "reconnect");
    server.connections[0]!.kill();
    await back;
    await roundTrip(nc);
    server.publish("news", "on the new connection");
    expect(texts(await take(subscription, 1))).toEqual(["on the new connection"]);
  });

  it("reads what comes in pieces of one byte, late", async () => {
    const server = await opened();
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

  it("talks to the program its server runs in: requests it answers, requests it makes", async () => {
    const server = await opened();
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
