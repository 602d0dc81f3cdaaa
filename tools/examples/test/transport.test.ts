// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ConnectionError } from "@natswire/node";
import { expect, it } from "vitest";
import { serve } from "../transport/listen.mjs";
import { connect } from "../transport/tcp.mjs";

const folder = fileURLToPath(new URL("../transport/", import.meta.url));
const page = readFileSync(new URL("../../../docs/transports.md", import.meta.url), "utf8");

it("quotes the programs whole in docs/transports.md", () => {
  const snippets = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
  const programs = ["streams.mjs", "tcp.mjs", "listen.mjs"].map((name) => readFileSync(join(folder, name), "utf8"));
  expect(programs.map((program) => program.replace(/^(\/\/.*\n)+/, ""))).toEqual(snippets);
});

it("prints the guide's output in streams.mjs", () => {
  const env = { ...process.env, NODE_OPTIONS: "" };
  const printed = execFileSync(process.execPath, ["streams.mjs"], { cwd: folder, env, encoding: "utf8" });
  expect(page).toContain(`$ node streams.mjs\n${printed}\`\`\``);
});

it("serves and connects on the transports of docs/transports.md", async () => {
  const server = await serve({});
  server.subscribe("who", { callback: (message) => message.respond("me") });
  const client = await connect({ servers: server.url, reconnect: false });
  expect((await client.request("who")).text()).toBe("me");

  await server.close();
  expect(await client.closed).toBeInstanceOf(ConnectionError);
});
