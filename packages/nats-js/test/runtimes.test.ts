// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RealServer, startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { endPrograms, Program } from "../../../tools/testkit/program.ts";

let server: RealServer;
beforeAll(async () => {
  server = await startJetStreamServer();
});
afterAll(async () => {
  endPrograms();
  await server.stop();
});

it.concurrent.each(["bun", "deno"] as const)("consumes and watches on %s", async (name) => {
  const argument = { url: `nats://127.0.0.1:${server.port}`, name };
  const program = Program.onSources(name, new URL(`programs/${name}.ts`, import.meta.url), argument);
  const seen = [...Array.from({ length: 100 }, (_, i) => String(i)), "1"];
  expect(await program.next()).toEqual({ seen, error: "NoResponders: no responders: 'nobody'" });
  expect(await program.ended).toBe(0);
});
