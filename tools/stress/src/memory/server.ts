// SPDX-License-Identifier: Apache-2.0
// The memory of a server with a thousand clients that are idle, or were busy and are idle again.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Server, serve } from "@natswire/node";
import { ServerCore } from "@natswire/server";
import { latin1 } from "../../../testkit/latin1.ts";
import { outputsOf, segmentsOf } from "../../../testkit/machine.ts";
import { RawClient } from "../../../testkit/raw-client.ts";
import type { Case } from "./main.ts";

const CLIENTS = 1000;
const MINUTES = 60_000;
// A placeholder for each client in turn: a thousand texts at once would not fit into the heap.
const ANY = 0;
const random = (into: Uint8Array): void => void crypto.getRandomValues(into);
const firstLines = (client: number): string =>
  `CONNECT {"verbose":false,"headers":true,"lang":"test","name":"idle"}\r\nSUB idle.${client}.* 1\r\nPING\r\n`;
const message = (client: number, size: number): string => `PUB idle.${client}.a ${size}\r\n${"x".repeat(size)}\r\n`;

/** What each client sends before it is idle, in pieces. */
const work: Readonly<Record<string, (client: number) => string[]>> = {
  "cut in two": (client) =>
    Array.from({ length: 20 }, () => [message(client, 1000).slice(0, 500), message(client, 1000).slice(500)]).flat(),
  "many at once": (client) => [message(client, 1000).repeat(100)],
  "large ones": (client) => [message(client, 100_000).slice(0, 70_000), message(client, 100_000).slice(70_000)],
  "a line at a time": (client) => [
    ...message(client, 3000).split(/(?<=\r\n)/),
    ...message(client, 9000).split(/(?<=\r)/),
  ],
};

export const serverCases: Readonly<Record<string, Case>> = {
  "1,000 idle connections of a server": (measure) => {
    const core = idle();
    measure();
    return core;
  },
  "1,000 idle connections of a server that were busy": (measure) => {
    const core = idle();
    for (const pieces of Object.values(work)) {
      for (const piece of pieces(ANY)) {
        // All send before any of them has read.
        for (let peer = 1; peer <= CLIENTS; peer++) {
          core.received(peer, latin1(piece.replaceAll(`idle.${ANY}.`, `idle.${peer}.`)), 0);
        }
        settle(core);
      }
    }
    // The clients answer two PINGs.
    for (let now = 2 * MINUTES; now <= 4 * MINUTES; now += 2 * MINUTES) {
      core.elapsed(now);
      settle(core);
      for (let peer = 1; peer <= CLIENTS; peer++) core.received(peer, latin1("PONG\r\n"), now);
    }
    settle(core);
    measure();
    return core;
  },
  "200,000 subjects, each published to once": (measure) => {
    const core = new ServerCore({ random });
    const peer = core.opened(0);
    core.received(peer, latin1('CONNECT {"verbose":false}\r\nSUB > 1\r\nSUB > q 2\r\nPING\r\n'), 0);
    for (let i = 0; i < 200_000; i++) {
      core.received(peer, latin1(`PUB subject.${i} 0\r\n\r\n`), 0);
      settle(core);
    }
    measure();
    return core;
  },
  "1,000 idle connections over sockets": (measure) => overSockets(false, measure),
  "1,000 idle connections over sockets that were busy": (measure) => overSockets(true, measure),
};

function idle(): ServerCore {
  const core = new ServerCore({ random });
  for (let i = 0; i < CLIENTS; i++) {
    const peer = core.opened(0);
    core.received(peer, latin1(firstLines(peer)), 0);
    settle(core);
  }
  return core;
}

/** Every client reads everything. */
function settle(core: ServerCore): void {
  const out: (readonly [peer: number, bytes: number])[] = [];
  for (const peer of core.writable) {
    for (const { length } of segmentsOf(() => core.transmit(peer))) out.push([peer, length]);
  }
  for (const [peer, bytes] of out) core.released(peer, bytes);
  for (const _ of outputsOf(core));
}

/** Runs the clients in a process of their own. */
async function overSockets(areBusy: boolean, measure: () => void): Promise<Server> {
  const server = await serve();
  const clients = fork(fileURLToPath(new URL("memory.js", import.meta.url)), ["clients", String(server.port)], {
    // The small heap is for the server only.
    execArgv: [],
  });
  await receive(clients, "idle");
  if (areBusy) {
    clients.send("work");
    await receive(clients, "idle");
  }
  // Buffers that were passed to sockets need two collections.
  await new Promise((resolve) => setTimeout(resolve, 200));
  global.gc!();
  if (server.stats.connections !== CLIENTS) throw new Error(`${server.stats.connections} connections`);
  measure();
  clients.kill();
  await once(clients, "exit");
  await server.close();
  return server;
}

async function receive(child: ChildProcess, expected: string): Promise<void> {
  const exited = once(child, "exit").then(() => ["that they have exited"]);
  const [message] = await Promise.race([once(child, "message"), exited]);
  if (message !== expected) throw new Error(`the clients report ${message}, not ${expected}`);
}

/** Runs the clients. Called in a process of their own. */
export async function runClients(port: number): Promise<void> {
  const clients: RawClient[] = [];
  while (clients.length < CLIENTS) {
    // No more at once than fit into the backlog of a listening socket.
    const some = Array.from({ length: 100 }, () => new RawClient(port));
    await Promise.all(some.map((client, i) => exchange(client, firstLines(clients.length + i + 1))));
    clients.push(...some);
  }
  process.send!("idle");
  await once(process, "message");
  for (const pieces of Object.values(work)) {
    await Promise.all(
      clients.map(async (client, i) => {
        for (const piece of pieces(i + 1)) {
          client.send(piece);
          await new Promise(setImmediate);
        }
        await exchange(client, "PING\r\n");
      }),
    );
  }
  for (const client of clients) await exchange(client, "PING\r\n");
  process.send!("idle");
  // Runs until it is killed.
  await once(process, "message");
}

/** Sends a text that ends with a PING, and waits for the PONG. */
async function exchange(client: RawClient, text: string): Promise<void> {
  client.send(text);
  await client.until("PONG\r\n");
}
