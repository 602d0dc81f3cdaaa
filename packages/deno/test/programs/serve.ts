// SPDX-License-Identifier: Apache-2.0
// serve.ts OPTIONS: runs a server. It prints its URL and port, or the error. It answers each line with its stats, and
// closes at the end of its input. With `slow`, it accepts each client after 100 ms. With `monitored`, it also prints the URL of
// its monitor.
import process from "node:process";
import { createInterface } from "node:readline";
import { serve, serveMonitor, UsageError } from "@natswire/deno";

const { slow, monitored, ...options } = JSON.parse(process.argv[2]!);
const authorize = slow && (() => new Promise((resolve) => setTimeout(() => resolve({}), 100)));
try {
  const server = await serve({ ...options, authorize });
  say({ url: server.url, port: server.port, ...(monitored && { monitor: (await serveMonitor(server)).url }) });
  for await (const _ of createInterface(process.stdin)) say(server.stats);
  // Longer than a test may take.
  await server.close(600_000);
  say("closed");
} catch (error) {
  const { name, message } = error as Error;
  say({ name, message, isUsage: error instanceof UsageError });
}

function say(what: unknown): void {
  console.log(JSON.stringify(what));
}
