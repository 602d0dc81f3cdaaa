// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type Server, serve } from "@natswire/node";

/** What every program shows, in this order. */
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

/** How far a program came. */
export interface Outcome {
  /** The client's version, as it said in CONNECT. */
  readonly version: string;
  /** What it showed, in order. */
  readonly shown: readonly string[];
  /** What it said where it stopped early; `undefined` where all is well. */
  readonly fault: string | undefined;
}

const PATIENCE = 60_000;

/**
 * Runs a program against an embedded server and does the server's part of the session: it hears "published", answers
 * on "echo", and on the line `restart` makes way for another one on the same port, which has "news".
 */
export async function play([program = "", ...args]: readonly string[]): Promise<Outcome> {
  const heard: string[] = [];
  let server = await opened(0, heard);
  let version = "";
  const shown: string[] = [];
  const child = spawn(program, [...args, server.url], { timeout: PATIENCE, killSignal: "SIGKILL" });
  const gone = once(child, "close") as Promise<[code: number | null]>;
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "ok connect") version = server.connections[0]?.info?.options.version ?? "";
    // Not every client's flush waits for the server.
    if (line === "ok publish" && !(await until(() => heard.length > 0))) said += 'expected a message on "published"\n';
    else if (line.startsWith("ok ")) shown.push(line.slice(3));
    if (line === "restart") server = await replaced(server, heard);
  }
  const [code] = await gone;
  await server.close();
  const isWhole = code === 0 && shown.join() === capabilities.join();
  const end = code === null ? `it did not end in ${PATIENCE / 1000} s` : `exit ${code}`;
  return { version, shown, fault: isWhole ? undefined : said.trim() || end };
}

async function opened(port: number, heard: string[]): Promise<Server> {
  const server = await serve({ port });
  server.subscribe("published", { callback: (message) => heard.push(message.text()) });
  server.subscribe("echo", {
    callback: (message) => message.respond(message.payload, message.headers && { headers: message.headers }),
  });
  return server;
}

/** The next message is for whoever subscribes again: it is published until somebody got it. */
async function replaced(old: Server, heard: string[]): Promise<Server> {
  await old.close();
  const server = await opened(old.port, heard);
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
