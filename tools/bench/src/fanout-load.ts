// SPDX-License-Identifier: Apache-2.0
// One publisher and many subscribers on raw sockets: fanout-load.js PORT FANOUT_JSON MESSAGES. Prints the time of all
// deliveries. Neither side handles messages one by one, so the server dominates the time.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Fanout } from "./fanout.ts";

const CHUNK = 65_536;
// At most this many bytes are in flight to a subscriber: less than a server's limit for a slow consumer.
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
// MSG adds a sid of one digit and a blank.
const receivedPerChunk = chunk.length + 2 * perChunk;

/** Connects and sends `text`; resolves after the server has handled it. */
async function ready(text: string): Promise<Socket> {
  const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
  socket.write(`${greeting}${text}PING\r\n`);
  let received = "";
  while (!received.includes("PONG\r\n")) received += String(((await once(socket, "data")) as [Buffer])[0]);
  return socket;
}

const received = new Array<number>(subscribers).fill(0);
let onProgress = (): void => {};
const sockets = await Promise.all(
  received.map(async (_, i) => {
    const socket = await ready("SUB orders.europe.* 1\r\n");
    socket.on("data", ({ length }) => {
      received[i]! += length;
      onProgress();
    });
    return socket;
  }),
);
const publisher = await ready("");

async function until(bytes: number): Promise<void> {
  while (Math.min(...received) < bytes) await new Promise<void>((resolve) => (onProgress = resolve));
}

async function run(rounds: number): Promise<number> {
  received.fill(0);
  const began = process.hrtime.bigint();
  for (let sent = 0; sent < rounds; sent++) {
    await until(sent * receivedPerChunk - WINDOW);
    if (!publisher.write(chunk)) await once(publisher, "drain");
  }
  await until(rounds * receivedPerChunk);
  if (received.some((bytes) => bytes !== rounds * receivedPerChunk))
    throw new Error("more was delivered than published");
  return Number(process.hrtime.bigint() - began);
}

await run(Math.ceil(chunks / 10));
const nanoseconds = await run(chunks);
console.log(JSON.stringify({ nanoseconds, deliveries: chunks * perChunk * subscribers }));
for (const socket of [...sockets, publisher]) socket.destroy();
