// SPDX-License-Identifier: Apache-2.0
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { endPrograms, Program } from "../../../tools/testkit/program.ts";
import { TcpProxy } from "../../../tools/testkit/tcp-proxy.ts";
import { clients } from "./clients.ts";
import type { EndsArgument } from "./programs/ends.ts";

// Next to the modules, which it imports.
const outfile = join(import.meta.dirname, "../node_modules/.ends.mjs");
beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, "programs/ends.ts")],
    conditions: ["@natswire/source"],
    external: ["@nats-io/*"],
    platform: "node",
    format: "esm",
    bundle: true,
    outfile,
  });
});
afterAll(() => {
  endPrograms();
  rmSync(outfile);
});

const names = ["pull consumer", "ordered consumer", "push consumer", "watch", "object watch", "callback", "next"];
names.push("fetch", "subscription", "status", "service");

describe.each(clients)("a process with loops of every module on %s", (client) => {
  it.concurrent.each(["drain", "close", "close while disconnected"] as const)("ends after %s", async (how) => {
    const server = await startJetStreamServer();
    const proxy = await TcpProxy.open(server.port);
    try {
      const argument: EndsArgument = { url: `nats://127.0.0.1:${proxy.port}`, client, how };
      // Killed, and `null` is its exit code, if a timer keeps it alive.
      const program = new Program("node", [outfile, JSON.stringify(argument)], 20_000);
      if (how === "close while disconnected") {
        await program.next();
        proxy.onConnection = (connection) => connection.reset();
        proxy.reset();
      }
      expect(await program.next()).toEqual(Object.fromEntries(names.map((name) => [name, "ended"])));
      // An unhandled rejection would be 1.
      expect(await program.ended).toBe(0);
    } finally {
      await proxy.close();
      await server.stop();
    }
  });
});
