// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { build } from "esbuild";
import { expect, it, onTestFinished } from "vitest";
import { launchChromium } from "../../../tools/testkit/chromium.mjs";
import { startJetStreamServer } from "../../../tools/testkit/nats-server.ts";

const modules = `
  export { Kvm } from "@nats-io/kv";
  export { toNatsConnection } from "@natswire/nats-js";
  export { connect } from "@natswire/websocket";
`;

/** The modules above, as a global of the page. */
interface Bundle {
  readonly Kvm: typeof import("@nats-io/kv").Kvm;
  readonly toNatsConnection: typeof import("@natswire/nats-js").toNatsConnection;
  readonly connect: typeof import("@natswire/websocket").connect;
}

it("watches a bucket on a page, over WebSocket", async () => {
  const server = await startJetStreamServer("websocket { host: 127.0.0.1, port: -1, no_tls: true }");
  onTestFinished(() => server.stop());
  const { outputFiles } = await build({
    stdin: { contents: modules, resolveDir: join(import.meta.dirname, "..") },
    conditions: ["@natswire/source"],
    bundle: true,
    format: "iife",
    globalName: "bundle",
    write: false,
  });
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.addScriptTag({ content: outputFiles[0]!.text });
  const seen = await page.evaluate(async (servers) => {
    const { Kvm, toNatsConnection, connect } = (globalThis as unknown as { bundle: Bundle }).bundle;
    const client = await connect({ servers });
    const kv = await new Kvm(toNatsConnection(client)).create("prices");
    await kv.put("apple", "1");
    const seen: string[] = [];
    for await (const entry of await kv.watch()) {
      seen.push(`${entry.key} ${entry.string()}`);
      if (seen.length === 1) await kv.put("pear", "2");
      if (seen.length === 2) break;
    }
    await client.drain();
    return seen;
  }, `ws://127.0.0.1:${server.webSocketPort}`);
  expect(seen).toEqual(["apple 1", "pear 2"]);
});
