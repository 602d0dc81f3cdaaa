// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { serve } from "@natswire/node";
import { serve as serveWebSockets } from "@natswire/node/websocket";
import { afterAll, expect, it } from "vitest";
import { withoutHead } from "../../repo/snippets.mjs";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { type RuntimeName, runtime } from "../../testkit/runtimes.ts";

const folder = join(import.meta.dirname, "../runtimes");

const programs: readonly (readonly [file: string, runtime: RuntimeName])[] = [
  ["node.mjs", "node"],
  ["node.mjs", "node24"],
  ["deno.mjs", "deno"],
  ["bun.mjs", "bun"],
  // Any runtime with a global WebSocket.
  ["websocket.mjs", "node24"],
  ["websocket.mjs", "deno"],
];

const printed = `bonjour, eve
hello, bob
eve was greeted in fr
bob was greeted in en
6 of 6 confirmed
`;

const embedded = await serve();
const embeddedWebSockets = await serveWebSockets();
const real = await startNatsServer("websocket { host: 127.0.0.1, port: -1, no_tls: true }");
afterAll(async () => {
  await Promise.all([embedded.close(), embeddedWebSockets.close(), real.stop()]);
});
const urls = {
  nats: [embedded.url, `nats://127.0.0.1:${real.port}`],
  ws: [embeddedWebSockets.url, `ws://127.0.0.1:${real.webSocketPort}`],
};

it("differs only in the import, and runs every program", () => {
  const files = readdirSync(folder);
  expect(new Set(files)).toEqual(new Set(programs.map(([file]) => file)));
  const texts = files.map((file) => {
    const adapter = `from "@natswire/${file.replace(".mjs", "")}";\n`;
    const text = readFileSync(join(folder, file), "utf8");
    expect(text.split(adapter), file).toHaveLength(2);
    return text.replace(adapter, 'from "…";\n');
  });
  expect(new Set(texts).size).toBe(1);
});

it("quotes node.mjs and its output in docs/runtimes.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/runtimes.md"), "utf8");
  expect(page).toContain(`\`\`\`js\n${withoutHead(readFileSync(join(folder, "node.mjs"), "utf8"))}`);
  expect(page).toContain(`$ node node.mjs nats://127.0.0.1:4222\n${printed}\`\`\``);
});

// The programs run in sequence, because they join the same queue group.
it.each(programs)("prints the same in %s on %s, on both servers", async (file, name) => {
  const [command = "", ...args] = runtime(name).command;
  const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" };
  const ended = urls[file === "websocket.mjs" ? "ws" : "nats"].map((url) =>
    promisify(execFile)(command, [...args, file, url], { cwd: folder, env }),
  );
  const output = { stdout: printed, stderr: "" };
  expect(await Promise.all(ended)).toEqual([output, output]);
});
