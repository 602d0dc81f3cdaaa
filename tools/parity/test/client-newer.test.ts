// SPDX-License-Identifier: Apache-2.0
import { type Connection, type ConnectOptions, connect, logFrames, serve } from "@natswire/node";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { makeCertificates } from "../../testkit/certificates.ts";
import { closing } from "../../testkit/closing.ts";
import { startNatsServer, tlsConfig } from "../../testkit/nats-server.ts";
import { since } from "../../testkit/since.ts";

describe("a client of a newer nats-server", () => {
  const certificates = makeCertificates();
  afterAll(() => certificates.remove());

  async function server(config: string): Promise<number> {
    const started = await startNatsServer(config);
    onTestFinished(() => started.stop());
    return started.port;
  }

  async function client(port: number, handshakeFirst: boolean, more?: ConnectOptions): Promise<Connection> {
    const tls = { ca: certificates.ca.cert, handshakeFirst };
    return closing(await connect({ servers: `nats://127.0.0.1:${port}`, tls, ...more }));
  }

  it("starts TLS before INFO with the embedded server", async () => {
    const { cert, key } = certificates.server;
    const ours = closing(await serve({ tls: { cert, key, when: "first" } }));
    await (await client(ours.port, true)).flush();
  });

  since("2.10.4", "starts TLS before INFO (handshake_first: true)", async () => {
    const port = await server(tlsConfig(certificates.server, "handshake_first: true"));
    const ops: string[] = [];
    const one = await client(port, true, { debug: logFrames(({ frame }) => void ops.push(frame.op)) });
    await one.flush();
    expect(ops[0]).toBe("info");
    expect(one.info).toMatchObject({ tls_required: true });
    // A client that waits for INFO times out.
    await expect(client(port, false, { timeout: 300 })).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  since("2.10.4", "starts TLS before or after INFO (handshake_first: auto)", async () => {
    const port = await server(tlsConfig(certificates.server, "handshake_first: auto"));
    for (const first of [true, false]) await (await client(port, first)).flush();
  });

  since("2.12.0", "accepts an INFO after the first PONG that changes nothing", async () => {
    const port = await server("");
    const ops: string[] = [];
    const statuses: string[] = [];
    const one = closing(
      await connect({
        servers: `nats://127.0.0.1:${port}`,
        debug: logFrames(({ frame, from }) => void (from === "server" && ops.push(frame.op))),
      }),
    );
    one.onStatus(({ type }) => void statuses.push(type));
    await one.flush();
    expect(ops).toEqual(["info", "pong", "info", "pong"]);
    expect(one.info).toMatchObject({ connect_info: true, max_payload: 1_048_576 });
    expect(statuses).toEqual([]);
  });
});
