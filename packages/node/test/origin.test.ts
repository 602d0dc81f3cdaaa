// SPDX-License-Identifier: Apache-2.0
// What a listener knows of a client: INFO sends the address, and authorizers get all of it.
import { X509Certificate } from "node:crypto";
import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { RawClient } from "../../../tools/testkit/raw-client.ts";
import { type ClientOrigin, type ServeOptions, type Server, serve } from "../src/index.ts";
import { listenWith } from "../src/websocket.ts";

const hello = 'CONNECT {"verbose":false}\r\nPING\r\n';
const certificates = makeCertificates();
const { ca, client: own } = certificates;
const { cert, key } = certificates.server;
const trusted = { ca: ca.cert, cert: own.cert, key: own.key };
const mutual = { cert, key, ca: ca.cert, requestCert: true };

let server: Server;
let origins: ClientOrigin[];
const sockets: { destroy(): void }[] = [];
afterAll(() => certificates.remove());
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

async function start(options: ServeOptions = {}): Promise<void> {
  origins = [];
  server = await serve({
    ...options,
    authorize: (_, __, origin) => {
      origins.push(origin);
      return {};
    },
  });
}

async function connect(): Promise<[client: RawClient, info: Record<string, unknown>]> {
  const client = new RawClient(server.port);
  sockets.push(client.socket);
  return [client, await client.info()];
}

/** Returns the origins that the authorizer got, with the subject of the certificate. */
function seen(): unknown[] {
  return origins.map(({ address, certificate, listener }) => {
    const subject = certificate && new X509Certificate(certificate).subject;
    return [address, listener, subject];
  });
}

const subject = expect.stringContaining("CN=");

describe("the origin of a client", () => {
  it("has its address and the listener, and no certificate without TLS", async () => {
    await start();
    const [client, info] = await connect();
    client.send(hello);
    await client.until("PONG\r\n");
    expect(info["client_ip"]).toBe("127.0.0.1");
    expect(seen()).toEqual([["127.0.0.1", server.url, undefined]]);
  });

  it.each([
    ["required", "tls"],
    ["available", "nats"],
  ] as const)("has the certificate after the handshake (tls.when: %s)", async (when, scheme) => {
    await start({ tls: { ...mutual, when } });
    const [client, info] = await connect();
    await client.startTls(trusted);
    client.send(hello);
    await client.until("PONG\r\n");
    expect(info["client_ip"]).toBe("127.0.0.1");
    expect(seen()).toEqual([["127.0.0.1", `${scheme}://127.0.0.1:${server.port}`, subject]]);
  });

  it("has the certificate if TLS comes first (tls.when: first)", async () => {
    await start({ tls: { ...mutual, when: "first" } });
    const client = new RawClient(connectTls({ port: server.port, host: "127.0.0.1", ...trusted }));
    sockets.push(client.socket);
    expect(await client.info()).toMatchObject({ client_ip: "127.0.0.1" });
    client.send(hello);
    await client.until("PONG\r\n");
    expect(seen()).toEqual([["127.0.0.1", server.url, subject]]);
  });

  it("has no certificate that was not verified (rejectUnauthorized: false)", async () => {
    await start({ tls: { ...mutual, rejectUnauthorized: false } });
    const strange = makeCertificates();
    for (const shown of [{}, { cert: strange.client.cert, key: strange.client.key }, trusted]) {
      const [client] = await connect();
      await client.startTls({ ca: ca.cert, ...shown });
      client.send(hello);
      await client.until("PONG\r\n");
    }
    strange.remove();
    expect(origins.map(({ certificate }) => certificate !== undefined)).toEqual([false, false, true]);
  });

  it("has the URL of the listener that accepted it (ws, wss)", async () => {
    await start();
    const plain = await server.listen(listenWith({}));
    const secure = await server.listen(listenWith({ tls: mutual }));
    for (const { url } of [plain, secure]) {
      const socket = new WebSocket(url, trusted);
      sockets.push({ destroy: () => socket.terminate() });
      const received: string[] = [];
      await new Promise<void>((resolve) => {
        socket.on("message", (data) => {
          if (received.push(String(data)) === 1) socket.send(hello);
          if (received.join("").includes("PONG")) resolve();
        });
      });
      expect(received[0]).toContain('"client_ip":"127.0.0.1"');
    }
    expect(seen()).toEqual([
      ["127.0.0.1", plain.url, undefined],
      ["127.0.0.1", secure.url, subject],
    ]);
  });
});
