// SPDX-License-Identifier: Apache-2.0
import { Decoder, type Msg, serverFrames } from "@natswire/codec";
import { connect, type Message } from "@natswire/node";
import { expect, it } from "vitest";
import { concat } from "../../../packages/fuzz/src/escape.ts";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { Random } from "../../testkit/random.ts";
import { hostile, isRelayed, open } from "./hostile.ts";

const PUBLISHES = 3000;
it(`nats-server relays ${PUBLISHES} hostile publishes: none fatal, all flagged`, async () => {
  const server = await startNatsServer("");
  const random = new Random(20_260_101);
  const received: Msg[] = [];
  const subscriber = await open(server.port, "SUB > 1\r\nPING\r\n");
  const decoder = new Decoder(serverFrames);
  let closed = false;
  subscriber.on("close", () => {
    closed = true;
  });
  const done = new Promise<void>((resolve, reject) => {
    subscriber.on("data", (chunk) => {
      decoder.push(chunk);
      try {
        for (const frame of decoder) {
          if (frame.op !== "msg") continue;
          if (frame.subject === "the.end") return resolve();
          received.push({ ...frame, payload: frame.payload.slice() });
        }
      } catch (error) {
        reject(error as Error);
      }
    });
  });
  try {
    const publisher = await open(server.port, "PING\r\n");
    const sent = Array.from({ length: PUBLISHES }, () => hostile(random));
    publisher.write(concat(sent.map(({ bytes }) => bytes)));
    publisher.write("PUB the.end 0\r\n\r\n");
    await done;
    publisher.destroy();
    expect(closed).toBe(false);
    const expected = sent.filter(isRelayed);
    expect(received.length).toBe(expected.length);
    for (const [i, { flaw, payload }] of received.entries()) {
      expect({ i, payload: payload.length, flaw }).toEqual({ i, payload: expected[i]!.size, flaw: expected[i]!.flaw });
    }
    expect(new Set(received.map(({ flaw }) => flaw)).size).toBe(4);
  } finally {
    subscriber.destroy();
    await server.stop();
  }
});

it(`a client receives ${PUBLISHES} hostile publishes and stays connected`, async () => {
  const server = await startNatsServer("");
  const random = new Random(20_260_102);
  const client = await connect({ servers: `nats://127.0.0.1:${server.port}`, reconnect: false });
  const told: unknown[] = [];
  client.onStatus((status) => void told.push(status));
  try {
    const called: Message[] = [];
    client.subscribe(">", { callback: (message) => void called.push(message) });
    const messages = client.subscribe(">");
    await client.flush();
    const publisher = await open(server.port, "PING\r\n");
    const sent = Array.from({ length: PUBLISHES }, () => hostile(random));
    publisher.write(concat(sent.map(({ bytes }) => bytes)));
    publisher.write("PUB the.end 0\r\n\r\n");
    const iterated: Message[] = [];
    for await (const message of messages) {
      if (message.subject === "the.end") break;
      iterated.push(message);
    }
    publisher.destroy();
    const expected = sent.filter(isRelayed).map(({ size, flaw, names }) => ({ size, flaw, names }));
    for (const received of [iterated, called.slice(0, -1)]) {
      const seen = received.map(({ payload, flaw, headers }) => {
        return { size: payload.length, flaw, names: headers && [...headers].map(([name]) => name) };
      });
      expect(seen).toEqual(expected);
    }
    await client.flush();
    expect(told).toEqual([]);
    expect(client.stats).toMatchObject({ received: 2 * (expected.length + 1), unmatched: 0, reconnects: 0 });
  } finally {
    await client.close();
    await server.stop();
  }
});
