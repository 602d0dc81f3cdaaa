// @ts-check
// SPDX-License-Identifier: Apache-2.0
// npm run pictures: runs the command natswire and draws what its terminal shows, as SVG in docs/pictures.
// Ports 4222 and 4223 must be free. Times, ports and ids are those of the session.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { connect, headers } from "@nats-io/transport-node";
import { serve } from "@natswire/node";
import { drawSvg } from "./svg.mjs";
import { readTerminal } from "./terminal.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = `${root}docs/pictures`;
const COMMAND = `${root}packages/cli/dist/main.js`;
const DEMO_COLUMNS = 80;
const TAP_COLUMNS = 96;

mkdirSync(FOLDER, { recursive: true });
await draw("demo", DEMO_COLUMNS, "demo");
await draw("demo-reconnect", DEMO_COLUMNS, "demo reconnect");
await draw("tap", TAP_COLUMNS, "tap --listen 4223 --upstream nats://localhost:4222", useTap);

/**
 * Runs the command in a terminal and draws it.
 *
 * @param {string} name
 * @param {number} columns
 * @param {string} args
 * @param {(waitFor: (pattern: RegExp) => Promise<void>) => Promise<void>} [use] what happens while it runs; then it is ended
 */
async function draw(name, columns, args, use) {
  let output = `\x1b[2m$\x1b[22m \x1b[1mnatswire ${args}\x1b[22m\n`;
  const { NO_COLOR: _, ...env } = process.env;
  const command = `stty columns ${columns}; exec "${process.execPath}" "${COMMAND}" ${args}`;
  const terminal = spawn("script", ["-qec", command, "/dev/null"], { env });
  const closed = once(terminal, "close");
  let look = () => {};
  terminal.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    output += text;
    look();
  });
  if (use !== undefined) {
    await use(async (pattern) => {
      while (!pattern.test(stripVTControlCharacters(output)))
        await new Promise((resolve) => (look = () => resolve(undefined)));
    });
    const shown = output;
    terminal.stdin.end("\x03");
    await closed;
    output = shown;
  }
  await closed;
  const svg = drawSvg(await readTerminal(output), columns, `The terminal of natswire ${args}`);
  writeFileSync(`${FOLDER}/${name}.svg`, svg);
  console.log(`docs/pictures/${name}.svg: ${(svg.length / 1024).toFixed(1)} KB`);
}

/**
 * Uses the tap as a program would: a request, a message with a header, and a lost connection.
 *
 * @param {(pattern: RegExp) => Promise<void>} waitFor
 */
async function useTap(waitFor) {
  const server = await serve({ port: 4222 });
  await waitFor(/is listening/);
  const client = await connect({ servers: "localhost:4223", reconnectTimeWait: 100, inboxPrefix: "answers" });
  const orders = client.subscribe("orders.*", { callback: (_, message) => void message.respond("taken") });
  await client.request("orders.new", "apple");
  const kind = headers();
  kind.set("Kind", "new");
  client.publish("orders.new", "pear", { headers: kind });
  await client.flush();

  const reconnected = (async () => {
    for await (const { type } of client.status()) if (type === "reconnect") return;
  })();
  server.connections[0]?.kill();
  await reconnected;
  client.publish("orders.new", "plum");
  await client.flush();
  await waitFor(/MSG orders\.new 1 4.*plum[\s\S]*PONG/);
  orders.unsubscribe();
  await client.close();
  await server.close();
}
