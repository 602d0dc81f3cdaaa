// SPDX-License-Identifier: Apache-2.0
import { type Connection, type Server, tokenAuthenticator, tokenAuthorizer } from "@natswire/node";
import { serve, serveCluster } from "@natswire/node/websocket";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { closing } from "../../../tools/testkit/closing.ts";
import { keepPayloads } from "../../../tools/testkit/kept-payloads.ts";
import { type RealServer, startNatsServer, tlsConfig } from "../../../tools/testkit/nats-server.ts";
import { ConnectionError, type ConnectOptions, connect, UsageError } from "../src/index.ts";

const factory = (url: string): WebSocket => new WebSocket(url);
const config = "websocket { host: 127.0.0.1, port: -1, no_tls: true }";

let embedded: Server;
let real: RealServer;
beforeAll(async () => {
  embedded = await serve();
  real = await startNatsServer(config);
});
afterAll(() => Promise.all([embedded.close(), real.stop()]));

afterEach(() => void vi.unstubAllGlobals());

async function connected(servers: string, options: Partial<ConnectOptions> = {}): Promise<Connection> {
  return closing(await connect({ servers, factory, ...options }));
}

describe.each(["the embedded server", "a real nats-server"])("a WebSocket client of %s", (name) => {
  const isReal = name === "a real nats-server";
  const url = (): string => (isReal ? `ws://127.0.0.1:${real.webSocketPort}` : embedded.url);

  it("publishes, subscribes, sends and answers requests", async () => {
    const client = await connected(url());
    const messages = client.subscribe("foo.*", { max: 3 });
    for (const payload of ["a", "", "é"]) client.publish("foo.bar", payload);
    const seen: string[] = [];
    for await (const message of messages) seen.push(message.text());
    expect(seen).toEqual(["a", "", "é"]);
    client.subscribe("who", { callback: (message) => void message.respond("you") });
    expect((await client.request("who")).text()).toBe("you");
    await expect(client.request("nobody")).rejects.toMatchObject({ code: "NO_RESPONDERS" });
    await client.drain();
    expect(await client.closed).toBeUndefined();
  });

  it("carries payloads of a megabyte, with backpressure", async () => {
    const client = await connected(url(), { maxPending: 3_000_000 });
    const sizes: number[] = [];
    client.subscribe("big", {
      callback: ({ payload }) => void sizes.push(payload.every((byte) => byte === payload[0]) ? payload.length : -1),
    });
    await client.flush();
    for (let i = 0; i < 12; i++) {
      client.publish("big", new Uint8Array(1_000_000 + i).fill(i));
      await client.ready();
    }
    await client.flush();
    expect(sizes).toEqual(Array.from({ length: 12 }, (_, i) => 1_000_000 + i));
  });

  it("keeps the payloads of 10,000 messages unchanged", async () => {
    const client = await connected(url());
    const { received, published } = await keepPayloads(client);
    expect(received).toEqual(published);
  });

  it("reconnects with its subscriptions", async () => {
    const sockets: WebSocket[] = [];
    const client = await connected(url(), {
      reconnectDelay: () => 0,
      factory(to) {
        sockets.push(factory(to));
        return sockets.at(-1)!;
      },
    });
    const messages = client.subscribe("foo", { max: 1 });
    await client.flush();
    const back = new Promise<void>((resolve) => client.onStatus(({ type }) => type === "reconnect" && resolve()));
    sockets[0]?.terminate();
    await back;
    client.publish("foo", "again");
    for await (const message of messages) expect(message.text()).toBe("again");
    expect(sockets.length).toBe(2);
  });

  it("resumes reading with what came meanwhile", async () => {
    const [client, other] = [await connected(url()), await connected(url())];
    const slow = client.subscribe("foo", { max: 200, maxMessages: 2, overflow: "pause" });
    await client.flush();
    for (let i = 0; i < 200; i++) other.publish("foo", `${i} ${"x".repeat(10_000)}`);
    await other.flush();
    const seen: number[] = [];
    for await (const message of slow) {
      if (seen.length % 50 === 0) await new Promise(setImmediate);
      seen.push(Number.parseInt(message.text(), 10));
    }
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it("reports a server that has gone", async () => {
    const server = isReal ? await startNatsServer(config) : await serve();
    const servers = "url" in server ? server.url : `ws://127.0.0.1:${server.webSocketPort}`;
    const client = await connected(servers, { reconnect: false });
    await (isReal ? (server as RealServer).stop() : (server as Server).close());
    expect(await client.closed).toBeInstanceOf(ConnectionError);
    await expect(connect({ servers, factory })).rejects.toMatchObject({ code: "REFUSED" });
  });
});

describe("a WebSocket client", () => {
  it("takes credentials from a URL or from options", async () => {
    const server = closing(await serve({ authorize: tokenAuthorizer("s3cret") }));
    await connected(server.url.replace("//", "//s3cret@"));
    await connected(server.url, { authenticator: tokenAuthenticator("s3cret") });
    await expect(connect({ servers: server.url, factory, token: "wrong" })).rejects.toMatchObject({ code: "AUTH" });
  });

  it("uses wss, and passes the whole URL to its factory", async () => {
    const certificates = makeCertificates();
    const { cert, key } = certificates.server;
    const server = closing(await serve({ tls: { cert, key } }));
    const urls: string[] = [];
    const secure = (url: string): WebSocket => {
      urls.push(url);
      return new WebSocket(url, { ca: certificates.ca.cert, headers: { cookie: "a=b" } });
    };
    const client = await connected(`${server.url}/way/in?a=b`, { factory: secure });
    await client.flush();
    expect(urls).toEqual([`wss://127.0.0.1:${server.port}/way/in?a=b`]);
    await expect(connect({ servers: server.url, factory })).rejects.toMatchObject({ code: "REFUSED" });
    certificates.remove();
  });

  it("connects without TLS if only TCP clients must use it", async () => {
    const certificates = makeCertificates();
    const server = await startNatsServer(`${config}\n${tlsConfig(certificates.server)}`);
    const servers = `ws://127.0.0.1:${server.webSocketPort}`;
    const client = await connected(servers);
    expect(client.info?.tls_required).toBe(true);
    await client.flush();
    await client.close();
    const elsewhere = { servers: "ws://nats.example", factory: () => factory(servers), token: "s3cret" };
    await expect(connect(elsewhere)).rejects.toThrow(
      "credentials are not sent over plain text to another machine: use tls:// or wss://",
    );
    await server.stop();
    certificates.remove();
  });

  it("uses an open WebSocket for one connection", async () => {
    const socket = new WebSocket(embedded.url);
    const client = await connected("ws://ready.example", { factory: () => socket, reconnect: false });
    await client.flush();
    socket.terminate();
    expect(await client.closed).toMatchObject({ code: "LOST" });
  });

  it("uses the runtime's WebSocket, or asks for a factory", async () => {
    vi.stubGlobal("WebSocket", undefined);
    const missing = connect({ servers: embedded.url });
    await expect(missing).rejects.toBeInstanceOf(UsageError);
    await expect(missing).rejects.toThrow(/^this runtime has no WebSocket.*pass a factory/);
    vi.stubGlobal("WebSocket", WebSocket);
    for (const given of [{ servers: embedded.url }, embedded.url, new URL(embedded.url)])
      await closing(await connect(given)).flush();
  });

  it("rejects a URL that is not ws:// or wss://", async () => {
    await expect(connect({ servers: "nats://127.0.0.1:4222", factory })).rejects.toThrow(
      "needs a URL that begins with ws:// or wss://",
    );
  });
});

it("connect requires servers", async () => {
  for (const given of [undefined, {}]) {
    await expect(connect(given as never)).rejects.toMatchObject({
      code: "BAD_FIELD",
      message: expect.stringMatching("servers"),
    });
  }
  await expect(connected("127.0.0.1:1")).rejects.toThrow(
    "@natswire/websocket needs a URL that begins with ws:// or wss://",
  );
});

describe("a WebSocket client of a cluster", () => {
  it("moves to another server if its own is killed", async () => {
    const cluster = closing(await serveCluster(3, { record: true }));
    const addresses = cluster.servers.map(({ port }) => `127.0.0.1:${port}`);
    expect(cluster.servers.map(({ url }) => url)).toEqual(addresses.map((address) => `ws://${address}`));
    const moving = await connected(cluster.url, { reconnectTimeWait: 1 });
    const staying = await connected(cluster.servers[1]!.url);
    expect([moving.info?.connect_urls, staying.info?.connect_urls]).toEqual([addresses, addresses]);
    const received = moving.subscribe("orders");
    await moving.flush();
    await cluster.servers[0]!.kill();
    await cluster.transcript.expect({ op: "closed" });
    await cluster.transcript.expect({ op: "sub", subject: "orders" });
    staying.publish("orders", "1");
    expect((await received.next()).text()).toBe("1");
    for (const { info } of [moving, staying]) expect(info?.connect_urls).toEqual(addresses.slice(1));
  });
});
