// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { beforeAll, expect, it } from "vitest";
import type * as natswire from "../src/index.ts";

let code = "";
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "../src/index.ts")],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "natswire",
    conditions: ["@natswire/source"],
  });
  code = outputFiles[0]?.text ?? "";
});

/** Loads the package in an engine that has its language, these globals, and nothing else. */
function load(globals: object): typeof natswire {
  const { TextEncoder, TextDecoder, crypto, setTimeout, clearTimeout, queueMicrotask } = globalThis;
  const host = { TextEncoder, TextDecoder, crypto, setTimeout, clearTimeout, queueMicrotask, ...globals };
  return runInContext(`${code}; natswire`, createContext(host));
}

it("a host without performance times out requests if its clock is set back", async () => {
  let offset = 0;
  const { connectWith, pipe, serveWith } = load({ Date: { now: () => Date.now() + offset } });
  const { dial, listen } = pipe();
  const server = await serveWith(listen);
  server.subscribe("who", { callback: (message) => message.respond("me") });
  server.subscribe("silent");
  const client = await connectWith(dial, server.url);
  expect((await client.request("who")).text()).toBe("me");
  const failed = expect(client.request("silent", "", { timeout: 30 })).rejects.toMatchObject({ code: "TIMEOUT" });
  offset = -3_600_000;
  await failed;
  await client.drain();
  await server.close();
});
