// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type Server, serve } from "@natswire/node";

/** What every program demonstrates, in this order. */
export const capabilities = [
  "connect",
  "publish",
  "subscribe",
  "wildcards",
  "queue groups",
  "request",
  "no responders",
  "headers",
  "reconnect",
  "drain",
] as const;

/** The result of a program. */
export interface Outcome {
  /** The client's version, from its CONNECT. */
  readonly version: string;
  /** What it demonstrated, in order. */
  readonly shown: readonly string[];
  /** What it printed if it failed; `undefined` if all is well. */
  readonly fault: string | undefined;
}

// Milliseconds for one program.
const TIMEOUT = 60_000;

/**
 * Runs a program against an embedded server. The server subscribes to "published" and answers on "echo". If the program
 * prints `restart`, a new server replaces it on the same port and publishes to "news".
 */
export async function run([program = "", ...args]: readonly string[]): Promise<Outcome> {
  const received: string[] = [];
  let server = await start(0, received);
  let version = "";
  const shown: string[] = [];
  const child = spawn(program, [...args, server.url], { timeout: TIMEOUT, killSignal: "SIGKILL" });
  const closed = once(child, "close") as Promise<[code: number | null]>;
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "ok connect") version = server.connections[0]?.info?.options.version ?? "";
    // Not every client's flush waits for the server.
    if (line === "ok publish" && !(await until(() => received.length > 0)))
      errors += 'expected a message on "published"\n';
    else if (line.startsWith("ok ")) shown.push(line.slice(3));
    if (line === "restart") server = await replace(server, received);
  }
  const [code] = await closed;
  await server.close();
  const isWhole = code === 0 && shown.join() === capabilities.join();
  const end = code === null ? `timed out after ${TIMEOUT / 1000} s` : `exit code ${code}`;
  return { version, shown, fault: isWhole ? undefined : errors.trim() || end };
}

async function start(port: number, received: string[]): Promise<Server> {
  const server = await serve({ port });
  server.subscribe("published", { callback: (message) => received.push(message.text()) });
  server.subscribe("echo", {
    callback: (message) => message.respond(message.payload, message.headers && { headers: message.headers }),
  });
  return server;
}

/** Starts a new server on the port of an old one, and publishes to it until the client has resubscribed. */
async function replace(old: Server, received: string[]): Promise<Server> {
  await old.close();
  const server = await start(old.port, received);
  void until(() => server.publish("news", "from the new server") > 0);
  return server;
}

async function until(is: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 500; tries++) {
    if (is()) return true;
    await sleep(20);
  }
  return false;
}
