// SPDX-License-Identifier: Apache-2.0
import { type Connection, type ConnectOptions, connect, type TranscriptEntry } from "@natswire/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Certificates, makeCertificates } from "../../testkit/certificates.ts";
import { type RealServer, startNatsServer } from "../../testkit/nats-server.ts";

// A name of this machine that stands in no certificate, and of which a client cannot know that it is this machine's.
const elsewhere = "0.0.0.0";

describe("a real nats-server and a client that speaks TLS", () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });
  afterAll(() => certificates.remove());

  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  async function server(tls: string, more = ""): Promise<RealServer> {
    const { certFile, keyFile } = certificates.server;
    const started = await startNatsServer(`tls { cert_file: "${certFile}", key_file: "${keyFile}", ${tls} }\n${more}`);
    open.push({ close: () => started.stop() });
    return started;
  }

  async function client(servers: string, options: ConnectOptions): Promise<Connection> {
    const one = await connect({ servers, ...options });
    open.push(one);
    return one;
  }

  async function canTalk(one: Connection): Promise<void> {
    const messages = one.subscribe("foo", { max: 2 });
    const said = ["hello", "x".repeat(500_000)];
    for (const payload of said) one.publish("foo", payload);
    const heard: string[] = [];
    for await (const message of messages) heard.push(message.text());
    expect(heard).toEqual(said);
  }

  it.each(["127.0.0.1", "localhost"])("agree on it behind INFO: %s is named in the certificate", async (host) => {
    const { port } = await server("");
    await canTalk(await client(`nats://${host}:${port}`, { tls: { ca: certificates.ca.cert } }));
    await canTalk(await client(`tls://${host}:${port}`, { tls: { caFile: certificates.ca.certFile } }));
  });

  it("part where nobody vouches for the certificate, and the error says so", async () => {
    const { port } = await server("");
    const refused = { code: "TLS", message: expect.stringMatching(/unable to verify|self-signed|local issuer/) };
    await expect(client(`nats://127.0.0.1:${port}`, { tls: true })).rejects.toMatchObject(refused);
    // Without being told to, as well: it is the server that asks for TLS.
    await expect(client(`nats://127.0.0.1:${port}`, {})).rejects.toMatchObject(refused);
  });

  it("part where the certificate is another's, and the error names who was asked for", async () => {
    const { port } = await server("");
    const tls = { ca: certificates.ca.cert };
    await expect(client(`nats://${elsewhere}:${port}`, { tls })).rejects.toMatchObject({
      code: "TLS",
      message: expect.stringContaining(elsewhere),
    });
  });

  it("ask for the client's certificate, take the right one, and part where there is none", async () => {
    const { ca, client: own } = certificates;
    const { port } = await server(`ca_file: "${ca.certFile}", verify: true`);
    const tls = { ca: ca.cert };
    await canTalk(await client(`nats://127.0.0.1:${port}`, { tls: { ...tls, cert: own.cert, key: own.key } }));
    const without = (more: ConnectOptions["tls"] & object) =>
      client(`nats://127.0.0.1:${port}`, { tls: { ...tls, ...more } });
    await expect(without({ maxVersion: "TLSv1.2" })).rejects.toMatchObject({
      code: "TLS",
      message: expect.stringMatching(/alert (bad certificate|handshake failure)/),
    });
    // In TLS 1.3 the client's side of the handshake is over before the server has looked.
    await expect(without({ minVersion: "TLSv1.3" })).rejects.toMatchObject({
      code: "LOST",
      message: expect.stringMatching(/alert (bad certificate|certificate required)/),
    });
  });

  it("take the client's certificate for its name and password", async () => {
    const { ca, client: own } = certificates;
    const { port } = await server(
      `ca_file: "${ca.certFile}", verify_and_map: true`,
      `authorization { users: [ { user: "CN=client", permissions: { publish: foo, subscribe: [ foo, "_INBOX.>" ] } } ] }`,
    );
    await canTalk(await client(`nats://127.0.0.1:${port}`, { tls: { ca: ca.cert, ...own } }));
  });
});

describe("credentials for a host that may not be this machine", () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await startNatsServer("authorization { user: ann, password: s3cret }");
  });
  afterAll(() => server.stop());

  it.each([
    ["in the options", { servers: "", user: "ann", pass: "s3cret" }],
    ["in the URL", { servers: "ann:s3cret@" }],
  ])("%s are not sent in plain text, unless that is allowed", async (_, { servers, ...options }) => {
    const said: TranscriptEntry[] = [];
    const to = { servers: `nats://${servers}${elsewhere}:${server.port}`, ...options };
    const refused = connect({ ...to, debug: (entry) => void said.push(entry) });
    await expect(refused).rejects.toMatchObject({ code: "TLS" });
    expect(said.map(({ frame }) => frame.op)).toEqual(["info"]);
    const allowed = await connect({ ...to, allowPlaintextCredentials: true });
    await allowed.flush();
    await allowed.close();
  });
});
