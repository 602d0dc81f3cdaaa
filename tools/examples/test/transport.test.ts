// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { ConnectionError } from "@natswire/node";
import { expect, it } from "vitest";
import { serve } from "../transport/listen.mjs";
import { connect } from "../transport/tcp.mjs";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

it("quotes listen.mjs in docs/transports.md", () => {
  const snippets = [...read("../../../docs/transports.md").matchAll(/```js\n([\s\S]*?)```/g)];
  expect(snippets.length).toBe(2);
  expect(read("../transport/listen.mjs")).toContain(snippets[1]![1]);
});

it("serves and connects on the transports of docs/transports.md", async () => {
  const server = await serve({});
  server.subscribe("who", { callback: (message) => message.respond("me") });
  const client = await connect({ servers: server.url, reconnect: false });
  expect((await client.request("who")).text()).toBe("me");

  await server.close();
  expect(await client.closed).toBeInstanceOf(ConnectionError);
});
