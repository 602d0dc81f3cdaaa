// SPDX-License-Identifier: Apache-2.0
// A test double of a server, for code that sends one request: node double.mjs
import { createServer } from "node:net";
import { connect } from "@nats-io/transport-node";
import { clientFrames, encode, matches } from "@natswire/codec";
import { frames } from "@natswire/codec/streams";

const info = { server_id: "double", version: "2.10.0", proto: 1, headers: true, max_payload: 1_048_576 };
/** @type {string[]} */
const received = [];

/** @param {import("node:net").Socket} socket */
async function answer(socket) {
  /** @type {Map<string, number>} */
  const sids = new Map();
  socket.write(encode({ op: "info", info }));
  for await (const frame of frames(socket, clientFrames)) {
    received.push(frame.op === "pub" ? `pub ${frame.subject}` : frame.op);
    if (frame.op === "ping") socket.write(encode({ op: "pong" }));
    if (frame.op === "sub") sids.set(frame.subject, Number(frame.sid));
    if (frame.op === "pub" && frame.reply !== undefined) {
      const { reply: subject } = frame;
      const [, sid] = [...sids].find(([pattern]) => matches(pattern, subject)) ?? [];
      if (sid === undefined) continue; // no subscriber
      const payload = new TextEncoder().encode(frame.subject === "stock.apple" ? "yes" : "no");
      socket.write(encode({ op: "msg", subject, sid, payload }));
    }
  }
}

const double = createServer((socket) => void answer(socket).catch((error) => socket.destroy(error)));
await new Promise((listening) => double.listen(0, "127.0.0.1", () => listening(undefined)));
const { port } = /** @type {import("node:net").AddressInfo} */ (double.address());

// The code under test.
const client = await connect({ port });
console.log((await client.request("stock.apple")).string());
await client.close();

console.log(received.filter((line) => line.startsWith("pub")));
double.close();
