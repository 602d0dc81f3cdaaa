// SPDX-License-Identifier: Apache-2.0
import { type Connection, type ConnectOptions, connect, serve } from "@natswire/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Certificates, makeCertificates } from "../../testkit/certificates.ts";
import { natsServerVersion, startNatsServer } from "../../testkit/nats-server.ts";

const version = natsServerVersion();

/** Defines a test for a nats-server of at least a version; older ones skip it. `npm run prove -- conformance` runs it. */
function since(wanted: string, title: string, test: () => Promise<void>): void {
  const isOld = version.localeCompare(wanted, "en", { numeric: true }) < 0;
  if (isOld) it.skip(`${title} (needs nats-server ${wanted}, not ${version})`, test);
  else it(title, test);
}

describe("a client of a newer nats-server", () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });
  afterAll(() => certificates.remove());

  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  async function server(config: string): Promise<number> {
    const started = await startNatsServer(config);
    open.push({ close: () => started.stop() });
    return started.port;
  }

  function tls(handshakeFirst: string): string {
    const { certFile, keyFile } = certificates.server;
    return `tls { cert_file: "${certFile}", key_file: "${keyFile}", handshake_first: ${handshakeFirst} }`;
  }

  async function client(port: number, handshakeFirst: boolean, more?: ConnectOptions): Promise<Connection> {
    const tls = { ca: certificates.ca.cert, handshakeFirst };
    const one = await connect({ servers: `nats://127.0.0.1:${port}`, tls, ...more });
    open.push(one);
    return one;
  }

  it("starts TLS before INFO with the embedded server", async () => {
    const { cert, key } = certificates.server;
    const ours = await serve({ tls: { cert, key, when: "first" } });
    open.push(ours);
    await (await client(ours.port, true)).flush();
  });

  since("2.10.4", "starts TLS before INFO (handshake_first: true)", async () => {
    const port = await server(tls("true"));
    const ops: string[] = [];
    const one = await client(port, true, { debug: ({ frame }) => void ops.push(frame.op) });
    await one.flush();
    expect(ops[0]).toBe("info");
    expect(one.info).toMatchObject({ tls_required: true });
    // A client that waits for INFO times out.
    await expect(client(port, false, { timeout: 300 })).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  since("2.10.4", "starts TLS before or after INFO (handshake_first: auto)", async () => {
    const port = await server(tls("auto"));
    for (const first of [true, false]) await (await client(port, first)).flush();
  });

  since("2.12.0", "accepts an INFO after the first PONG that changes nothing", async () => {
    const port = await server("");
    const ops: string[] = [];
    const statuses: string[] = [];
    const one = await connect({
      servers: `nats://127.0.0.1:${port}`,
      debug: ({ frame, from }) => void (from === "server" && ops.push(frame.op)),
    });
    open.push(one);
    one.onStatus(({ type }) => void statuses.push(type));
    await one.flush();
    expect(ops).toEqual(["info", "pong", "info", "pong"]);
    expect(one.info).toMatchObject({ connect_info: true, max_payload: 1_048_576 });
    expect(statuses).toEqual([]);
  });
});
