// SPDX-License-Identifier: Apache-2.0
import { type TracingChannelSubscribers, tracingChannel } from "node:diagnostics_channel";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { closing } from "../../../tools/testkit/closing.ts";
import { keepPayloads } from "../../../tools/testkit/kept-payloads.ts";
import {
  type Connection,
  type ConnectOptions,
  connect,
  nkeyAuthorizer,
  type ServeOptions,
  type Server,
  serve,
} from "../src/index.ts";

const certificates = makeCertificates();
afterAll(() => certificates.remove());

async function started(options: ServeOptions = {}): Promise<Server> {
  return closing(await serve(options));
}

async function connected(options: ConnectOptions): Promise<Connection> {
  return closing(await connect(options));
}

describe("a client on a Node socket", () => {
  it("publishes, subscribes, sends and answers requests", async () => {
    const server = await started();
    const client = await connected({ servers: server.url, name: "me" });
    expect(server.connections[0]?.info?.options).toMatchObject({ name: "me", lang: "natswire" });
    const messages = client.subscribe("foo.*", { max: 3 });
    for (const payload of ["a", "é", "x".repeat(100_000)]) client.publish("foo.bar", payload);
    const seen: string[] = [];
    for await (const message of messages) seen.push(message.text());
    expect(seen).toEqual(["a", "é", "x".repeat(100_000)]);
    server.subscribe("who", { callback: (message) => void message.respond("you") });
    expect((await client.request("who")).text()).toBe("you");
  });

  it("runs its hooks inside the channels of diagnostics_channel", async () => {
    const log: string[] = [];
    const traced = tracingChannel("natswire:publish");
    const subscribers = { start: () => log.push("start"), end: () => log.push("end") };
    traced.subscribe(subscribers as unknown as TracingChannelSubscribers<object>);
    const server = await started();
    const client = await connected({ servers: server.url, hooks: { publish: () => log.push("hook") } });
    client.publish("orders.new");
    traced.unsubscribe(subscribers as unknown as TracingChannelSubscribers<object>);
    client.publish("orders.new");
    expect(log).toEqual(["start", "hook", "end", "hook"]);
    await expect(connect({ servers: server.url, hooks: 5 as never })).rejects.toThrow("must be an object");
  });

  it("keeps the payloads of 10,000 messages unchanged", async () => {
    const server = await started();
    const client = await connected({ servers: server.url });
    const { received, published } = await keepPayloads(client);
    expect(received).toEqual(published);
  });

  it("connects to a unix socket", async () => {
    const server = await started();
    const folder = mkdtempSync(join(tmpdir(), "natswire-unix-"));
    const path = join(folder, "nats.sock");
    const way = createServer((near) => {
      const far = connectTcp(server.port, "127.0.0.1");
      near.pipe(far).pipe(near);
    }).listen(path);
    await once(way, "listening");
    const client = await connected({ servers: `unix:${path}` });
    const messages = client.subscribe("foo", { max: 1 });
    client.publish("foo", "by path");
    for await (const message of messages) expect(message.text()).toBe("by path");
    await client.close();
    way.close();
    rmSync(folder, { recursive: true });
  });

  it("reports why a connection failed", async () => {
    await expect(connect({ servers: "nats://127.0.0.1:1" })).rejects.toMatchObject({ code: "REFUSED" });
    await expect(connect({ servers: "ws://127.0.0.1:1" })).rejects.toMatchObject({
      name: "UsageError",
      message: "@natswire/node does not speak ws://; use @natswire/websocket",
    });
    const error = { code: "REFUSED", message: expect.stringContaining("127.0.0.1:4222: ENOENT") };
    await expect(connect({ tls: { caFile: "/does/not/exist" } })).rejects.toMatchObject(error);
  });

  it("rejects a server that it can never reach at once, in a list too", async () => {
    const servers = ["nats://127.0.0.1:1", "ws://127.0.0.1:1"];
    const mistake = "@natswire/node does not speak ws://; use @natswire/websocket";
    await expect(connect({ servers, noRandomize: true, waitOnFirstConnect: true })).rejects.toThrow(mistake);
    const server = await started();
    const client = await connected({ servers: server.url });
    expect(() => client.setServers(servers)).toThrow(mistake);
  });

  it("rejects invalid options", async () => {
    await expect(connect("nats://127.0.0.1:1")).rejects.toMatchObject({ code: "REFUSED" });
    const call: (...given: unknown[]) => Promise<unknown> = connect as never;
    await expect(call("nats://127.0.0.1:1", {})).rejects.toThrow("too many arguments; write connect({ servers, name");
    await expect(connect({ tls: null as never })).rejects.toThrow(
      "tls must be true, false, certificates or a function that returns them, not null",
    );
  });

  it("takes a URL object, a list with commas, blanks and capitals", async () => {
    const { url, port } = await started();
    for (const servers of [new URL(url), [new URL(url)], `nats://127.0.0.1:1, TCP://127.0.0.1:${port}\n`])
      expect((await connected({ servers })).info?.port).toBe(port);
    (await connected({ servers: url })).setServers(new URL(url));
    expect(closing(await connect(new URL(url))).info?.port).toBe(port);
  });

  it("asks a tls function for certificates for each connection", async () => {
    const { cert, key } = certificates.server;
    const server = await started({ tls: { cert, key } });
    const answers = [{}, { ca: certificates.ca.cert }, {}, { ca: certificates.ca.cert }];
    const tls = () => answers.shift() ?? {};
    const client = await connected({ servers: server.url, tls, waitOnFirstConnect: true });
    const status = client.status();
    server.connections[0]?.kill();
    for (let type: string | undefined; type !== "reconnect"; ) type = (await status.next()).value?.type;
    expect(answers).toEqual([]);
  });

  it("times out if the server sends nothing", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as { port: number };
    await expect(connect({ servers: `127.0.0.1:${port}`, timeout: 50 })).rejects.toMatchObject({ code: "TIMEOUT" });
    await new Promise((resolve) => silent.close(resolve));
  });

  it("reconnects after a reset, and after a restart of the server", async () => {
    let server = await started();
    const client = await connected({ servers: server.url, reconnectTimeWait: 10, maxReconnectAttempts: -1 });
    const messages = client.subscribe("foo")[Symbol.asyncIterator]();
    for (const again of ["killed", "restarted"]) {
      await client.flush();
      const { port } = server;
      if (again === "killed") server.connections[0]?.kill();
      else {
        await server.close();
        server = await started({ port });
      }
      while (server.publish("foo", again) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect((await messages.next()).value.text()).toBe(again);
    }
    expect(client.stats.reconnects).toBe(2);
  });
});

describe("backpressure on a Node socket", () => {
  const turn = (): Promise<false> => new Promise((resolve) => setImmediate(resolve, false));

  it("holds what is published until the server reads", async () => {
    const server = await started();
    const client = await connected({ servers: server.url, maxPending: 1_000_000 });
    server.connections[0]?.stopReading();
    const payload = new Uint8Array(10_000);
    let sent = 0;
    // More than the sockets hold between the two of them.
    const publish = async (): Promise<void> => {
      for (; sent < 2000; sent++) if (!client.publish("foo", payload)) await client.ready();
    };
    const published = publish();
    const isStuck = (): Promise<boolean> => client.ready({ timeout: 100 }).then(turn, () => true);
    while (sent < 2000 && !(await isStuck())) await turn();
    expect(sent).toBeLessThan(2000);
    server.connections[0]?.startReading();
    await published;
    await client.flush();
    expect(client.stats).toMatchObject({ published: 2000, confirmed: 2000, dropped: 0 });
  });

  it("stops reading for a slow loop, and loses nothing", async () => {
    const server = await started();
    const client = await connected({ servers: server.url });
    const messages = client.subscribe("foo", { max: 500, maxMessages: 10, overflow: "pause" });
    await client.flush();
    for (let i = 0; i < 500; i++) server.publish("foo", `${i} ${"x".repeat(10_000)}`);
    const seen: number[] = [];
    for await (const message of messages) {
      if (seen.length % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      // The messages of one read are delivered, and no other read follows.
      expect(messages.pending).toBeLessThan(10 + 65_536 / 10_000);
      seen.push(Number.parseInt(message.text(), 10));
    }
    expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(messages.dropped).toBe(0);
  });
});

describe("a connection that ends is reported once and made again", () => {
  it.each([
    ["reset", (socket) => socket.resetAndDestroy()],
    ["ended by halves", (socket) => socket.end()],
    ["ended in the middle of a frame", (socket) => socket.end("MSG foo 1 500\r\nhe")],
    ["destroyed behind a large frame under way", (socket) => void socket.pause().destroy()],
  ] satisfies [string, (socket: Socket) => unknown][])("%s", async (_, end) => {
    const sockets: Socket[] = [];
    const raw = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      socket.write("INFO {}\r\n");
      // It answers its PING, and nothing else.
      socket.once("data", () => socket.write("PONG\r\n"));
    }).listen(0, "127.0.0.1");
    await once(raw, "listening");
    const { port } = raw.address() as AddressInfo;
    const client = await connected({ servers: `127.0.0.1:${port}` });
    const told: string[] = [];
    const again = new Promise<void>((resolve) => {
      client.onStatus(({ type }) => {
        told.push(type);
        if (type === "reconnect") resolve();
      });
    });
    client.publish("foo", new Uint8Array(1_000_000));
    await new Promise((resolve) => setImmediate(resolve));
    end(sockets[0]!);
    await again;
    expect(told).toEqual(["disconnect", "reconnecting", "connecting", "reconnect"]);
    expect(client.stats).toMatchObject({ published: 1, unknown: 1, reconnects: 1 });
    await client.close();
    for (const socket of sockets) socket.destroy();
    raw.close();
  });
});

describe("a client with TLS", () => {
  it.each(["required", "available", "first"] as const)("connects if the server's TLS is %s", async (when) => {
    const { cert, key } = certificates.server;
    const server = await started({ tls: { cert, key, when } });
    const client = await connected({
      servers: server.url,
      tls: { ca: certificates.ca.cert, handshakeFirst: when === "first" },
    });
    const messages = client.subscribe("foo", { max: 1 });
    client.publish("foo", "x".repeat(50_000));
    for await (const message of messages) expect(message.payload.length).toBe(50_000);
    await client.flush();
  });

  it("rejects an untrusted certificate, and never uses plain text", async () => {
    const { cert, key } = certificates.server;
    const server = await started({ tls: { cert, key } });
    await expect(connect({ servers: server.url, tls: true })).rejects.toMatchObject({ code: "TLS" });
    const plain = await started();
    await expect(connect({ servers: plain.url, tls: true })).rejects.toMatchObject({ code: "TLS" });
    while (plain.connections.length > 0) await new Promise(setImmediate);
  });

  it.each([false, true])("rejects a certificate for another name; handshakeFirst: %s", async (handshakeFirst) => {
    const { cert, key } = certificates.server;
    const server = await started({ tls: { cert, key, when: handshakeFirst ? "first" : "required" } });
    // This machine by an address that is not in the certificate.
    const servers = `nats://0.0.0.0:${server.port}`;
    const tls = { ca: certificates.ca.cert, handshakeFirst };
    await expect(connect({ servers, tls })).rejects.toThrow("IP: 0.0.0.0 is not in the cert's list");
    await (await connected({ servers, tls: { ...tls, servername: "localhost" } })).flush();
    await (await connected({ servers, tls: { ...tls, checkServerIdentity: () => undefined } })).flush();
  });

  it.each([false, true])("reports an invalid client certificate; handshakeFirst: %s", async (handshakeFirst) => {
    const { cert, key } = certificates.server;
    const server = await started({ tls: { cert, key, when: handshakeFirst ? "first" : "required" } });
    const tls = { cert: "none", key: "none", handshakeFirst };
    await expect(connect({ servers: server.url, tls })).rejects.toThrow("no start line");
  });

  it("uses the defaults for undefined options", async () => {
    const { cert, key } = certificates.server;
    const server = await started({ tls: { cert, key } });
    const none = {
      ca: undefined,
      cert: undefined,
      key: undefined,
      servername: undefined,
      rejectUnauthorized: undefined,
    };
    const tls = { ...none, checkServerIdentity: undefined, caFile: certificates.ca.certFile } as object;
    await (await connected({ servers: server.url, tls })).flush();
  });

  it("sends a client certificate if it is requested", async () => {
    const { cert, key } = certificates.server;
    const ca = certificates.ca.cert;
    const server = await started({ tls: { cert, key, ca, requestCert: true, rejectUnauthorized: true } });
    await expect(connect({ servers: server.url, tls: { ca }, timeout: 3000 })).rejects.toMatchObject({
      name: "ConnectionError",
    });
    await (await connected({ servers: server.url, tls: { ca, ...certificates.client } })).flush();
  });
});

it("a client without an nkey is rejected", async () => {
  const nkey = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
  const server = await started({ authorize: nkeyAuthorizer([{ nkey }]) });
  await expect(connect({ servers: server.url })).rejects.toMatchObject({ code: "AUTH" });
});
