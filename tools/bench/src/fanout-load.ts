// SPDX-License-Identifier: Apache-2.0
// One publisher and many subscribers on raw sockets: fanout-load.js <port> <JSON of a Fanout> <messages>. It prints how
// long all deliveries took. Neither side makes or reads messages one by one: what is measured is the server.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Fanout } from "./fanout.ts";

const CHUNK = 65_536;
// So many bytes may be under way to a subscriber, so that a server is never asked to keep more than it may.
const WINDOW = 1_048_576;

const [port = "", shape = "", count = ""] = process.argv.slice(2);
const { subscribers, size, subjects } = JSON.parse(shape) as Fanout;
const greeting = 'CONNECT {"verbose":false,"pedantic":false}\r\n';

const name = (i: number): string => `orders.europe.${String(i % subjects).padStart(4, "0")}`;
const payload = "x".repeat(size);
const one = `PUB ${name(0)} ${size}\r\n${payload}\r\n`;
const perChunk = Math.max(1, Math.floor(CHUNK / one.length));
const chunks = Math.ceil(Number(count) / perChunk);
const chunk = Buffer.from(
  Array.from({ length: perChunk }, (_, i) => `PUB ${name(i)} ${size}\r\n${payload}\r\n`).join(""),
);
// MSG has a sid of one digit more.
const heardPerChunk = chunk.length + 2 * perChunk;

/** A connection whose subscriptions are known to the server. */
async function ready(text: string): Promise<Socket> {
  const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
  socket.write(`${greeting}${text}PING\r\n`);
  let heard = "";
  while (!heard.includes("PONG\r\n")) heard += String(((await once(socket, "data")) as [Buffer])[0]);
  return socket;
}

const heard = new Array<number>(subscribers).fill(0);
let look = (): void => {};
const sockets = await Promise.all(
  heard.map(async (_, i) => {
    const socket = await ready("SUB orders.europe.* 1\r\n");
    socket.on("data", ({ length }) => {
      heard[i]! += length;
      look();
    });
    return socket;
  }),
);
const publisher = await ready("");

async function until(bytes: number): Promise<void> {
  while (Math.min(...heard) < bytes) await new Promise<void>((resolve) => (look = resolve));
}

async function run(rounds: number): Promise<number> {
  heard.fill(0);
  const began = process.hrtime.bigint();
  for (let sent = 0; sent < rounds; sent++) {
    await until(sent * heardPerChunk - WINDOW);
    if (!publisher.write(chunk)) await once(publisher, "drain");
  }
  await until(rounds * heardPerChunk);
  if (heard.some((bytes) => bytes !== rounds * heardPerChunk)) throw new Error("more was delivered than published");
  return Number(process.hrtime.bigint() - began);
}

await run(Math.ceil(chunks / 10));
const nanoseconds = await run(chunks);
console.log(JSON.stringify({ nanoseconds, deliveries: chunks * perChunk * subscribers }));
for (const socket of [...sockets, publisher]) socket.destroy();
