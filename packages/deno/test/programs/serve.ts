// SPDX-License-Identifier: Apache-2.0
// serve.ts OPTIONS: runs a server. It prints its URL and port, or the error. It answers each line with its stats, and
// closes at the end of its input. It answers `failures` with the TLS handshakes that failed. With `slow`, it accepts each client after 100 ms. With `monitored`, it also prints the URL of
// its monitor.
import process from "node:process";
import { createInterface } from "node:readline";
import { serve, serveMonitor, UsageError } from "@natswire/deno";

const { slow, monitored, ...options } = JSON.parse(process.argv[2]!);
const authorize = slow && (() => new Promise((resolve) => setTimeout(() => resolve({}), 100)));
try {
  const failures: string[] = [];
  const handshakeFailed = ({ address = "" }, { message }: Error): void => void failures.push(`${address} ${message}`);
  const server = await serve({ ...options, authorize, handshakeFailed });
  say({ url: server.url, port: server.port, ...(monitored && { monitor: (await serveMonitor(server)).url }) });
  for await (const line of createInterface(process.stdin)) say(line.includes("failures") ? failures : server.stats);
  // Longer than a test may take.
  await server.close(600_000);
  say("closed");
} catch (error) {
  const { name, message, code, cause } = error as Error & { code?: string };
  say({ name, message, code, cause: (cause as Error | undefined)?.name, isUsage: error instanceof UsageError });
}

function say(what: unknown): void {
  console.log(JSON.stringify(what));
}
