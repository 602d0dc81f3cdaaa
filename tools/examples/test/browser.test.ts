// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { serve as serveWebSockets } from "@natswire/node/websocket";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Browser, launchChromium } from "../../testkit/chromium.mjs";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { readGuide, unquoted } from "./guide.ts";

const folder = join(import.meta.dirname, "../browser");
const guide = readGuide("browser.md");
const packages = join(import.meta.dirname, "../../../packages");
const reports = join(import.meta.dirname, "../../../.reports");

let browser: Browser;
let http: HttpServer;
// The bundled client alone, as the global `natswire`.
let script: string;
beforeAll(async () => {
  const options = { bundle: true, minify: true, write: false } as const;
  const bundles = ["page", "hello", "login"].map(async (name) => {
    const { outputFiles } = await build({ ...options, format: "esm", entryPoints: [join(folder, `${name}.mjs`)] });
    return [`/${name}.js`, outputFiles[0]!.contents] as const;
  });
  const client = await build({
    ...options,
    format: "iife",
    globalName: "natswire",
    stdin: { contents: 'export { connect } from "@natswire/websocket"', resolveDir: folder },
  });
  script = client.outputFiles[0]!.text;
  const built = new Map<string, Uint8Array>(await Promise.all(bundles));
  http = createServer(({ url = "" }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    if (pathname === "/nats-token") return void response.end("t0ken");
    response.setHeader("content-type", extname(pathname) === ".js" ? "text/javascript" : "text/html");
    response.end(built.get(pathname) ?? readFileSync(fileAt(pathname)));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  browser = await launchChromium();
  mkdirSync(reports, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  http?.close();
});

/** Returns the file at a path of the page, with `node_modules` as after `npm install`. */
function fileAt(pathname: string): string {
  const [, ours] = /^\/node_modules\/@natswire\/(.*)/.exec(pathname) ?? [];
  if (ours !== undefined) return join(packages, ours);
  if (pathname.startsWith("/node_modules/")) return join(packages, "io", pathname);
  return join(folder, pathname === "/" ? "index.html" : pathname);
}

/** Starts a server with a WebSocket port: a free one, or `port` to restart it there. */
type Start = (port?: number) => Promise<{ port: number; stop: () => Promise<void> }>;

const embedded: Start = async (port = 0) => {
  const server = await serveWebSockets({ port });
  return { port: server.port, stop: () => server.close() };
};

const real: Start = async (port = -1) => {
  const server = await startNatsServer(`websocket { host: 127.0.0.1, port: ${port}, no_tls: true }`);
  return { port: server.webSocketPort!, stop: () => server.stop() };
};

const servers = [
  ["the embedded server", "embedded", embedded],
  ["a real nats-server", "real", real],
] as const;

it.each(servers)("publishes, receives and reconnects in Chromium at %s", async (_, name, start) => {
  const server = await start();
  const page = await browser.newPage({ viewport: { width: 800, height: 500 } });
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  const status = (text: string): Promise<void> => page.locator("#status", { hasText: text }).waitFor();
  const message = (text: string): Promise<void> => page.locator("#messages li", { hasText: text }).waitFor();
  const publish = async (payload: string): Promise<void> => {
    await page.getByLabel("payload").fill(payload);
    await page.getByRole("button", { name: "Publish" }).click();
  };

  await page.goto(`http://127.0.0.1:${(http.address() as AddressInfo).port}/?server=ws://127.0.0.1:${server.port}`);
  await status("connected");
  await page.getByRole("button", { name: "Subscribe" }).click();
  await publish("hello from a page");
  await message("chat.room: hello from a page");
  await publish("<b>é</b>");
  await message("chat.room: <b>é</b>");

  await server.stop();
  await status("reconnecting");
  await publish("sent meanwhile");
  await page.screenshot({ path: join(reports, `browser-${name}-reconnecting.png`) });

  const again = await start(server.port);
  await status("connected");
  await message("chat.room: sent meanwhile");
  await page.screenshot({ path: join(reports, `browser-${name}.png`) });
  expect(await page.locator("#messages li").count()).toBe(3);
  expect(errors).toEqual([]);
  await page.close();
  await again.stop();
});

it.each(servers)("sends 10,000 messages through Chromium's WebSocket at %s", async (_, __, start) => {
  const server = await start();
  const page = await browser.newPage();
  await page.addScriptTag({ content: script });
  const seen = await page.evaluate(async (servers) => {
    const { natswire } = globalThis as unknown as { natswire: typeof import("@natswire/websocket") };
    const client = await natswire.connect({ servers, maxPending: 3_000_000 });
    const kept: Uint8Array[] = [];
    client.subscribe("foo", { callback: ({ payload }) => void kept.push(payload) });
    client.subscribe("who", { callback: (message) => void message.respond("you") });
    const sizes = Array.from({ length: 10_000 }, (_, i) => (i % 1000 === 0 ? 1_000_000 : i % 300));
    let waits = 0;
    for (const [i, size] of sizes.entries()) {
      if (!client.publish("foo", new Uint8Array(size).fill(i))) {
        waits++;
        await client.ready();
      }
    }
    await client.flush();
    const broken = kept.findIndex(
      (payload, i) => payload.length !== sizes[i] || payload.some((byte) => byte !== i % 256),
    );
    const answer = (await client.request("who")).text();
    await client.drain();
    return { kept: kept.length, broken, answer, waited: waits > 0, error: await client.closed };
  }, `ws://127.0.0.1:${server.port}`);
  expect(seen).toEqual({ kept: 10_000, broken: -1, answer: "you", waited: true, error: undefined });
  await page.close();
  await server.stop();
});

it.each([
  ["with a bundler", "/hello.html"],
  ["without a bundler", "/import-map.html"],
  ["with fetched credentials", "/login.html"],
])("shows the guide's output in the page %s", async (_, path) => {
  const server = await serveWebSockets({
    authorize: ({ auth_token }) => (!path.includes("login") || auth_token === "t0ken" ? {} : undefined),
  });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
  const { port } = http.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}${path}?server=ws://127.0.0.1:${server.port}`);
  const [, output] = /The page shows:\n\n```text\n([^`]*)```/.exec(guide.text)!;
  await page.getByText(output!.trim()).waitFor();
  expect(errors).toEqual([]);
  await page.close();
  await server.close();
});

it("quotes only code that the tests run in docs/browser.md", () => {
  const files = readdirSync(folder).map((file) => join(folder, file));
  expect(unquoted(guide, [...files, join(import.meta.dirname, "../../../docs/server.md")])).toEqual([]);
});
