// SPDX-License-Identifier: Apache-2.0
// A fake JetStream stream with one consumer, for the official client: node stream.mjs
import { createServer } from "node:net";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { clientFrames, encode, matches } from "@natswire/codec";
import * as js from "@natswire/codec/jetstream";
import { frames } from "@natswire/codec/streams";

const info = { server_id: "fake", version: "2.12.0", proto: 1, headers: true, jetstream: true };
const delivery = { stream: "orders", consumer: "desk", deliveries: 1n, timestamp: 1_796_052_773_704_331_455n };
const consumerInfo = { stream_name: "orders", name: "desk", config: { ack_policy: "explicit" } };
/** @type {{ subject: string, payload: Uint8Array }[]} */
const stored = [];
let delivered = 0;

/** @param {import("node:net").Socket} socket */
async function answer(socket) {
  /** @type {Map<string, number>} */
  const sids = new Map();
  /** Sends a message to the subscription that an inbox belongs to. @type {(inbox: string | undefined, more: object) => void} */
  const send = (inbox = "", more) => {
    const [, sid] = [...sids].find(([pattern]) => matches(pattern, inbox)) ?? [];
    if (sid !== undefined) socket.write(encode({ op: "msg", subject: inbox, sid, ...more }));
  };
  socket.write(encode({ op: "info", info }));
  for await (const frame of frames(socket, clientFrames)) {
    if (frame.op === "ping") socket.write(encode({ op: "pong" }));
    if (frame.op === "sub") sids.set(frame.subject, Number(frame.sid));
    if (frame.op !== "pub") continue;
    const { subject, reply, payload } = frame;
    const request = js.parseApiSubject(subject);
    const acked = js.parseAckSubject(subject);
    if (request?.api === "CONSUMER.INFO") {
      send(reply, { payload: new TextEncoder().encode(JSON.stringify(consumerInfo)) });
    } else if (request?.api === "CONSUMER.MSG.NEXT") {
      const batch = js.parsePull(payload)?.batch ?? 0;
      for (const message of stored.slice(delivered, delivered + batch)) {
        const sequence = BigInt(++delivered);
        const pending = BigInt(stored.length - delivered);
        send(reply, {
          ...message, // with the subject that it was published to
          reply: js.ackSubject({ ...delivery, streamSequence: sequence, consumerSequence: sequence, pending }),
        });
      }
    } else if (acked !== undefined) {
      console.log("received", js.parseAck(payload), "of message", acked.streamSequence);
    } else if (subject.startsWith("orders.")) {
      stored.push({ subject, payload: payload.slice() });
      const ack = { stream: "orders", sequence: BigInt(stored.length), duplicate: false };
      send(reply, { payload: js.pubAck(ack) });
    }
  }
}

const fake = createServer((socket) => void answer(socket).catch((error) => socket.destroy(error)));
await new Promise((listening) => fake.listen(0, "127.0.0.1", () => listening(undefined)));
const { port } = /** @type {import("node:net").AddressInfo} */ (fake.address());

// The code under test.
const client = await connect({ port });
const context = jetstream(client);
console.log("stored as", (await context.publish("orders.new", "apple")).seq);
const consumer = await context.consumers.get("orders", "desk");
const message = await consumer.next();
console.log(message?.subject, message?.string());
message?.nak(5000);
await client.drain();
fake.close();
