// SPDX-License-Identifier: Apache-2.0
import { type Connection, type ConnectOptions, connect, logFrames, type TranscriptEntry } from "@natswire/node";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { makeCertificates } from "../../testkit/certificates.ts";
import { closing } from "../../testkit/closing.ts";
import { type RealServer, startNatsServer, tlsConfig } from "../../testkit/nats-server.ts";

// An address of this machine that is in no certificate and that a client does not recognize as local.
const elsewhere = "0.0.0.0";

describe("a client of a real nats-server with TLS", () => {
  const certificates = makeCertificates();
  afterAll(() => certificates.remove());

  async function server(tls: readonly string[] = [], more = ""): Promise<RealServer> {
    const started = await startNatsServer(`${tlsConfig(certificates.server, ...tls)}\n${more}`);
    onTestFinished(() => started.stop());
    return started;
  }

  async function client(servers: string, options: ConnectOptions): Promise<Connection> {
    return closing(await connect({ servers, ...options }));
  }

  async function roundTrip(one: Connection): Promise<void> {
    const messages = one.subscribe("foo", { max: 2 });
    const sent = ["hello", "x".repeat(500_000)];
    for (const payload of sent) one.publish("foo", payload);
    const received: string[] = [];
    for await (const message of messages) received.push(message.text());
    expect(received).toEqual(sent);
  }

  it.each(["127.0.0.1", "localhost"])("starts TLS after INFO if the certificate names %s", async (host) => {
    const { port } = await server();
    await roundTrip(await client(`nats://${host}:${port}`, { tls: { ca: certificates.ca.cert } }));
    await roundTrip(await client(`tls://${host}:${port}`, { tls: { caFile: certificates.ca.certFile } }));
  });

  it("rejects an untrusted certificate with a TLS error", async () => {
    const { port } = await server();
    const refused = { code: "TLS", message: expect.stringMatching(/unable to verify|self-signed|local issuer/) };
    await expect(client(`nats://127.0.0.1:${port}`, { tls: true })).rejects.toMatchObject(refused);
    // Also without the option `tls`: the server requires TLS.
    await expect(client(`nats://127.0.0.1:${port}`, {})).rejects.toMatchObject(refused);
  });

  it("rejects a certificate for another host and names the host", async () => {
    const { port } = await server();
    const tls = { ca: certificates.ca.cert };
    await expect(client(`nats://${elsewhere}:${port}`, { tls })).rejects.toMatchObject({
      code: "TLS",
      message: expect.stringContaining(elsewhere),
    });
  });

  it("sends a client certificate, and reports that one is required", async () => {
    const { ca, client: own } = certificates;
    const { port } = await server([`ca_file: "${ca.certFile}"`, "verify: true"]);
    const tls = { ca: ca.cert };
    await roundTrip(await client(`nats://127.0.0.1:${port}`, { tls: { ...tls, cert: own.cert, key: own.key } }));
    const without = (more: ConnectOptions["tls"] & object) =>
      client(`nats://127.0.0.1:${port}`, { tls: { ...tls, ...more } });
    await expect(without({ maxVersion: "TLSv1.2" })).rejects.toMatchObject({
      code: "TLS",
      message: expect.stringMatching(/alert (bad certificate|handshake failure)/),
    });
    // In TLS 1.3 the client completes the handshake before the server has verified the certificate.
    await expect(without({ minVersion: "TLSv1.3" })).rejects.toMatchObject({
      code: "TLS",
      message: expect.stringMatching(/requires a client certificate .* alert (bad certificate|certificate required)/),
    });
  });

  it("authenticates with a client certificate (verify_and_map)", async () => {
    const { ca, client: own } = certificates;
    const { port } = await server(
      [`ca_file: "${ca.certFile}"`, "verify_and_map: true"],
      `authorization { users: [ { user: "CN=client", permissions: { publish: foo, subscribe: [ foo, "_INBOX.>" ] } } ] }`,
    );
    await roundTrip(await client(`nats://127.0.0.1:${port}`, { tls: { ca: ca.cert, ...own } }));
  });
});

describe("credentials for a remote host", () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await startNatsServer("authorization { user: ann, password: s3cret }");
  });
  afterAll(() => server.stop());

  it.each([
    ["in the options", { servers: "", user: "ann", pass: "s3cret" }],
    ["in the URL", { servers: "ann:s3cret@" }],
  ])("%s are not sent in plain text unless that is allowed", async (_, { servers, ...options }) => {
    const entries: TranscriptEntry[] = [];
    const to = { servers: `nats://${servers}${elsewhere}:${server.port}`, ...options };
    const refused = connect({ ...to, debug: logFrames((entry) => void entries.push(entry)) });
    const message = expect.stringMatching(/credentials are not sent .* allowPlaintextCredentials$/);
    await expect(refused).rejects.toMatchObject({ code: "TLS", message });
    expect(entries.map(({ frame }) => frame.op)).toEqual(["info"]);
    const allowed = await connect({ ...to, allowPlaintextCredentials: true });
    await allowed.flush();
    await allowed.close();
  });
});
