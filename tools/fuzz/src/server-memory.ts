// SPDX-License-Identifier: Apache-2.0
// Memory of a server for a thousand clients that are idle, or that were busy and are idle again.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { type Server, serve } from "@natswire/node";
import { ServerCore } from "@natswire/server";
import type { Case } from "./memory.ts";

const CLIENTS = 1000;
const MINUTES = 60_000;
// Stands for the number of each client: a thousand texts at once would exceed the heap.
const ANYBODY = 0;
const random = (into: Uint8Array): void => void crypto.getRandomValues(into);
const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
const introduction = (client: number): string =>
  `CONNECT {"verbose":false,"headers":true,"lang":"test","name":"idle"}\r\nSUB idle.${client}.* 1\r\nPING\r\n`;
const message = (client: number, size: number): string => `PUB idle.${client}.a ${size}\r\n${"x".repeat(size)}\r\n`;

/** What each client sends before it is idle, in pieces. */
const work: Readonly<Record<string, (client: number) => string[]>> = {
  "cut in two": (client) =>
    Array.from({ length: 100 }, () => [message(client, 1000).slice(0, 500), message(client, 1000).slice(500)]).flat(),
  "many at once": (client) => [message(client, 1000).repeat(100)],
  "large ones": (client) => [message(client, 100_000).slice(0, 70_000), message(client, 100_000).slice(70_000)],
  "a line at a time": (client) => [
    ...message(client, 3000).split(/(?<=\r\n)/),
    ...message(client, 9000).split(/(?<=\r)/),
  ],
};

export const serverCases: Readonly<Record<string, Case>> = {
  "1,000 idle connections of a server": (look) => {
    const core = idle();
    look();
    return core;
  },
  "1,000 idle connections of a server that were busy": (look) => {
    const core = idle();
    for (const pieces of Object.values(work)) {
      for (const piece of pieces(ANYBODY)) {
        // All of them receive before any of them has read.
        for (let peer = 1; peer <= CLIENTS; peer++) {
          core.received(peer, latin1(piece.replaceAll(`idle.${ANYBODY}.`, `idle.${peer}.`)), 0);
        }
        settle(core);
      }
    }
    // Long enough for two PINGs, which the clients answer.
    for (let now = 2 * MINUTES; now <= 4 * MINUTES; now += 2 * MINUTES) {
      core.elapsed(now);
      settle(core);
      for (let peer = 1; peer <= CLIENTS; peer++) core.received(peer, latin1("PONG\r\n"), now);
    }
    settle(core);
    look();
    return core;
  },
  "200,000 subjects that are published to once": (look) => {
    const core = new ServerCore({ random });
    const peer = core.opened(0);
    core.received(peer, latin1('CONNECT {"verbose":false}\r\nSUB > 1\r\nSUB > q 2\r\nPING\r\n'), 0);
    for (let i = 0; i < 200_000; i++) {
      core.received(peer, latin1(`PUB subject.${i} 0\r\n\r\n`), 0);
      settle(core);
    }
    look();
    return core;
  },
  "1,000 idle connections over sockets": (look) => overSockets(false, look),
  "1,000 idle connections over sockets that were busy": (look) => overSockets(true, look),
};

function idle(): ServerCore {
  const core = new ServerCore({ random });
  for (let i = 0; i < CLIENTS; i++) {
    const peer = core.opened(0);
    core.received(peer, latin1(introduction(peer)), 0);
    settle(core);
  }
  return core;
}

/** Lets all clients read everything. */
function settle(core: ServerCore): void {
  const out: (readonly [peer: number, bytes: number])[] = [];
  for (const peer of core.writable) {
    for (let bytes = core.transmit(peer); bytes !== undefined; bytes = core.transmit(peer)) {
      out.push([peer, bytes.length]);
    }
  }
  for (const [peer, bytes] of out) core.released(peer, bytes);
  while (core.poll() !== undefined);
}

/** Runs the clients in a process of their own. They are busy on request. */
async function overSockets(areBusy: boolean, look: () => void): Promise<Server> {
  const server = await serve();
  const clients = fork(fileURLToPath(new URL("memory.js", import.meta.url)), ["clients", String(server.port)], {
    // Only the server has the small heap.
    execArgv: [],
  });
  await said(clients, "idle");
  if (areBusy) {
    clients.send("work");
    await said(clients, "idle");
  }
  // Buffers that were passed to sockets are collected in two rounds.
  await new Promise((resolve) => setTimeout(resolve, 200));
  global.gc!();
  if (server.stats.connections !== CLIENTS) throw new Error(`${server.stats.connections} connections`);
  look();
  clients.kill();
  await once(clients, "exit");
  await server.close();
  return server;
}

async function said(child: ChildProcess, what: string): Promise<void> {
  const gone = once(child, "exit").then(() => ["that they have exited"]);
  const [message] = await Promise.race([once(child, "message"), gone]);
  if (message !== what) throw new Error(`the clients report ${message}, expected ${what}`);
}

/** Runs the process of the clients. */
export async function beClients(port: number): Promise<void> {
  const sockets: Socket[] = [];
  while (sockets.length < CLIENTS) {
    // At most as many at once as a listening socket queues.
    const few = Array.from({ length: 100 }, () => connect(port, "127.0.0.1"));
    await Promise.all(few.map((socket, i) => answered(socket, introduction(sockets.length + i + 1))));
    sockets.push(...few);
  }
  process.send!("idle");
  await once(process, "message");
  for (const pieces of Object.values(work)) {
    await Promise.all(
      sockets.map(async (socket, i) => {
        for (const piece of pieces(i + 1)) {
          socket.write(piece);
          await new Promise(setImmediate);
        }
        await answered(socket, "PING\r\n");
      }),
    );
  }
  for (const socket of sockets) await answered(socket, "PING\r\n");
  process.send!("idle");
  // Runs until it is killed.
  await once(process, "message");
}

/** Sends bytes that end in a PING, and waits for the PONG. */
function answered(socket: Socket, says: string): Promise<void> {
  return new Promise((resolve) => {
    let last = "";
    const hear = (data: Uint8Array): void => {
      last = (last + Buffer.from(data).toString("latin1")).slice(-6);
      if (last !== "PONG\r\n") return;
      socket.off("data", hear);
      resolve();
    };
    socket.on("data", hear);
    socket.write(says);
  });
}
