// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ConnectionError } from "@natswire/node";
import { expect, it } from "vitest";
import { snippetsIn, withoutHead } from "../../repo/snippets.mjs";
import { serve } from "../transport/listen.mjs";
import { connect } from "../transport/tcp.mjs";
import { run } from "./run.ts";

const folder = fileURLToPath(new URL("../transport/", import.meta.url));
const page = readFileSync(new URL("../../../docs/transports.md", import.meta.url), "utf8");

it("quotes the programs whole in docs/transports.md", () => {
  const programs = ["streams.mjs", "tcp.mjs", "listen.mjs"].map((name) => readFileSync(join(folder, name), "utf8"));
  expect(programs.map(withoutHead)).toEqual(snippetsIn(page, "js"));
});

it("prints the guide's output in streams.mjs", async () => {
  const { printed } = await run("streams.mjs", [], folder);
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
