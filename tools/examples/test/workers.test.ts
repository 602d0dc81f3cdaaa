// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { connect, MsgHeaders, serve } from "@natswire/node";
import { serve as serveWebSockets } from "@natswire/node/websocket";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, it } from "vitest";
// @ts-expect-error: the package has no types; it exports a path.
import program from "workerd";
import { makeCertificates } from "../../testkit/certificates.ts";
import { freePort } from "../../testkit/free-port.ts";
import { startNatsServer } from "../../testkit/nats-server.ts";

const folder = join(import.meta.dirname, "../workers");
const certificates = makeCertificates();
const ca = certificates.ca.cert;
afterAll(() => certificates.remove());

beforeAll(async () => {
  await build({
    bundle: true,
    format: "esm",
    external: ["cloudflare:sockets"],
    entryPoints: [join(folder, "worker.mjs"), join(folder, "websocket.mjs")],
    outdir: join(folder, "dist"),
    outExtension: { ".js": ".mjs" },
  });
  // The same Worker, with our test authority as a trusted one.
  const config = readFileSync(join(folder, "worker.capnp"), "utf8");
  const trust = `trustedCertificates = [${JSON.stringify(ca)}]`;
  writeFileSync(
    join(folder, "dist/trusting.capnp"),
    config.replace("trustBrowserCas = true", trust).replace("dist/worker.mjs", "worker.mjs"),
  );
  writeFileSync(join(folder, "dist/websocket.capnp"), config.replace("dist/worker.mjs", "websocket.mjs"));
});

/** Runs the Worker in workerd, Cloudflare's runtime. */
async function startWorker(config: string, NATS_URL: string) {
  const args = ["serve", join(folder, config), "--socket-addr=http=127.0.0.1:0", "--control-fd=3"];
  const child = spawn(program as string, args, { env: { NATS_URL }, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream!.on("data", (chunk) => {
      output += chunk;
    });
  }
  const exited = once(child, "close");
  const control = await Promise.race([once(child.stdio[3] as Readable, "data"), exited.then(() => undefined)]);
  if (control === undefined) throw new Error(`workerd exited: ${output}`);
  const { port } = JSON.parse(String(control[0])) as { port: number };
  return {
    /** Sends an order; returns the response. */
    async order(body: string) {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    /** Returns its output so far. */
    printed: () => output,
    async stop() {
      child.kill();
      await exited;
    },
  };
}

/** A running server, and its number of connections. */
interface Started {
  readonly url: string;
  connections(): Promise<number>;
  stop(): Promise<void>;
}

async function startEmbedded(at: Parameters<typeof serve>[0] = {}): Promise<Started> {
  const server = await serve(at);
  return { url: server.url, connections: async () => server.connections.length, stop: () => server.close() };
}

function startWithTls(): Promise<Started> {
  const { cert, key } = certificates.server;
  return startEmbedded({ tls: { cert, key, when: "first" } });
}

async function startReal(): Promise<Started> {
  const monitor = await freePort();
  const { port, stop } = await startNatsServer(`http: "127.0.0.1:${monitor}"`);
  const connections = async (): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${monitor}/connz`);
    return ((await response.json()) as { num_connections: number }).num_connections;
  };
  return { url: `nats://127.0.0.1:${port}`, connections, stop };
}

describe.concurrent.each([
  ["the embedded server", "worker.capnp", () => startEmbedded()],
  ["the embedded server with TLS from the first byte", "dist/trusting.capnp", startWithTls],
  ["a real nats-server", "worker.capnp", startReal],
] as const)("a Worker in workerd, at %s", (_, config, start) => {
  it("publishes, subscribes and requests, and closes every connection", async ({ expect, onTestFinished }) => {
    const server = await start();
    onTestFinished(server.stop);
    const client = await connect({
      servers: server.url,
      tls: server.url.startsWith("tls:") && { ca, handshakeFirst: true },
    });
    const orders = new Map<string, string>();
    client.subscribe("orders.*.new", {
      callback(order) {
        const id = order.headers?.get("order") ?? "";
        orders.set(id, order.text());
        client.publish(`orders.${id}.accepted`, "", { headers: new MsgHeaders([["by", "ann"]]) });
      },
    });
    client.subscribe("price", {
      callback(request) {
        const headers = new MsgHeaders([["currency", `of ${request.headers?.get("order")}`]]);
        request.respond(String(orders.get(request.text())?.length), { headers });
      },
    });
    await client.flush();
    const worker = await startWorker(config, server.url);
    onTestFinished(worker.stop);

    // Several at once, one connection each. The last payload is just below the server's limit.
    const bodies = [...Array.from({ length: 10 }, (_, i) => "é".repeat(i)), "x".repeat(1_000_000)];
    const answers = await Promise.all(bodies.map((body) => worker.order(body)));
    const ids = answers.map(({ body }) => String(body["id"]));
    expect(answers).toEqual(
      bodies.map(({ length: price }, i) => ({
        status: 200,
        body: { id: ids[i], by: "ann", price, currency: `of ${ids[i]}`, confirmed: 2 },
      })),
    );
    expect(ids.map((id) => orders.get(id))).toEqual(bodies);
    await expect.poll(() => server.connections()).toBe(1);

    await client.close();
    await server.stop();
    expect(await worker.order("no server")).toEqual({ status: 503, body: { error: "REFUSED" } });
    await worker.stop();
    expect(worker.printed()).toBe("");
  });
});

it("requests over WebSocket in a Worker, whose bufferedAmount is missing", async ({ expect, onTestFinished }) => {
  const server = await serveWebSockets();
  onTestFinished(() => server.close());
  server.subscribe("price", { callback: (request) => request.respond(String(request.text().length)) });
  const worker = await startWorker("dist/websocket.capnp", server.url);
  onTestFinished(worker.stop);
  const sizes = [...Array.from({ length: 10 }, (_, i) => i), 1_000_000];
  const answers = await Promise.all(sizes.map((size) => worker.order("x".repeat(size))));
  expect(answers).toEqual(sizes.map((size) => ({ status: 200, body: { price: String(size) } })));
  await worker.stop();
  expect(worker.printed()).toBe("");
});

it("rejects an untrusted certificate in a Worker", async ({ expect, onTestFinished }) => {
  const server = await startWithTls();
  onTestFinished(server.stop);
  const worker = await startWorker("worker.capnp", server.url);
  onTestFinished(worker.stop);
  expect(await worker.order("over TLS")).toEqual({ status: 503, body: { error: "REFUSED" } });
  // workerd logs the reason; the Worker gets only the code.
  await worker.stop();
  expect(worker.printed()).toContain("invalid peer certificate");
});
