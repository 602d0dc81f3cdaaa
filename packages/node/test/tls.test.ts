// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { connect as connectNats } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { RawClient } from "../../../tools/testkit/raw-client.ts";
import {
  listen,
  listenWith,
  monitor,
  type ServeOptions,
  type Server,
  type ServerTls,
  serve,
  serveMonitor,
} from "../src/index.ts";
import { listenWith as listenWebSocket, serve as serveWebSocket } from "../src/websocket.ts";

const quiet = 'CONNECT {"verbose":false}\r\n';

let server: Server;
const clients: RawClient[] = [];

const certificates = makeCertificates();
afterAll(() => certificates.remove());

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  await server.close();
});

async function start(tls: ServerTls = {}, options: ServeOptions = {}): Promise<void> {
  const { cert, key } = certificates.server;
  server = await serve({ tls: { cert, key, ...tls }, ...options });
}

function dial(): RawClient {
  const client = new RawClient(server.port);
  clients.push(client);
  return client;
}

/** The same socket, for one that writes each byte alone. */
function bytewise(socket: Socket): Duplex {
  const duplex = new Duplex({
    read: () => {},
    async write(chunk: Uint8Array, _, done) {
      for (const byte of chunk) {
        socket.write(Uint8Array.of(byte));
        await new Promise(setImmediate);
      }
      done();
    },
  });
  socket.on("data", (data) => duplex.push(data));
  return duplex;
}

/** A client that was greeted and has gone on in TLS. */
async function secured(): Promise<RawClient> {
  const client = dial();
  await client.info();
  await client.startTls({ ca: certificates.ca.cert });
  return client;
}

describe("a server that requires TLS", () => {
  it("announces TLS in its url and INFO, and starts it after INFO", async () => {
    await start();
    expect(server.url).toBe(`tls://127.0.0.1:${server.port}`);
    const client = dial();
    const info = await client.info();
    expect(info).toMatchObject({ tls_required: true });
    expect(info).not.toHaveProperty("tls_available");
    expect(info).not.toHaveProperty("tls_verify");
    await client.startTls({ ca: certificates.ca.cert });
    client.send(`${quiet}SUB foo 1\r\nPUB foo 5\r\nhello\r\nPING\r\n`);
    expect(await client.until("PONG\r\n")).toBe("MSG foo 1 5\r\nhello\r\nPONG\r\n");
  });

  it("accepts a ClientHello byte by byte", async () => {
    await start();
    const client = dial();
    await client.info();
    client.socket.setNoDelay();
    await client.startTls({ ca: certificates.ca.cert, socket: bytewise(client.socket) });
    client.send(`${quiet}PING\r\n`);
    await client.until("PONG\r\n");
  });

  it("upgrades many connections at once", async () => {
    await start();
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        const client = dial();
        const { client_id } = await client.info();
        await client.startTls({ ca: certificates.ca.cert });
        client.send(`CONNECT {"verbose":false,"name":"${client_id}"}\r\nPING\r\n`);
        await client.until("PONG\r\n");
      }),
    );
    expect(server.connections.length).toBe(40);
    for (const { id, info } of server.connections) expect(info?.options.name).toBe(String(id));
  });

  it("disconnects a client with plain text", async () => {
    await start();
    const client = dial();
    await client.info();
    client.send(`${quiet}PING\r\n`);
    await client.closed;
    expect(client.received).toBe("");
    expect(server.stats.connections).toBe(0);
  });

  it("keeps order and content of messages of many sizes", async () => {
    await start();
    const client = await secured();
    client.send(`${quiet}SUB foo 1\r\n`);
    let expected = "";
    for (let i = 0; i < 1000; i++) {
      const payload = String(i % 10).repeat([0, 5, 300, 70_000][i % 4]!);
      client.send(`PUB foo ${payload.length}\r\n${payload}\r\n`);
      expected += `MSG foo 1 ${payload.length}\r\n${payload}\r\n`;
      if (i % 50 === 0) await new Promise(setImmediate);
    }
    client.send("PING\r\n");
    while (client.received.length < expected.length + 6) await once(client.socket, "data");
    expect(client.received === `${expected}PONG\r\n`).toBe(true);
  });

  it("accepts an infinite handshakeTimeout", async () => {
    await start({ handshakeTimeout: Number.POSITIVE_INFINITY });
    const client = await secured();
    client.send(`${quiet}PING\r\n`);
    await client.until("PONG\r\n");
  });

  it("ends a slow handshake, even of a busy client", async () => {
    await start({ handshakeTimeout: 300 });
    const [silent, trickling, good] = [dial(), dial(), await secured()];
    await Promise.all([silent.info(), trickling.info()]);
    // A ClientHello of 16,000 bytes, one at a time.
    trickling.socket.write(Uint8Array.of(0x16, 3, 1, 0x3e, 0x80));
    const trickle = setInterval(() => trickling.socket.write(Uint8Array.of(1)), 50);
    await Promise.all([silent.closed, trickling.closed]);
    clearInterval(trickle);
    expect([silent.received, trickling.received]).toEqual(["", ""]);
    good.send(`${quiet}PING\r\n`);
    await good.until("PONG\r\n");
  });

  it("survives handshakes that fail", async () => {
    await start();
    const good = await secured();
    good.send(`${quiet}SUB foo 1\r\nPING\r\n`);
    await good.until("PONG\r\n");
    const [garbled, distrustful, reset, half] = [dial(), dial(), dial(), dial()];
    await Promise.all([garbled, distrustful, reset, half].map((client) => client.info()));
    garbled.send(`\x16\x03\x01\x00\x05${"x".repeat(100)}`);
    await expect(distrustful.startTls({})).rejects.toThrow("unable to verify");
    reset.send("\x16\x03");
    reset.socket.resetAndDestroy();
    half.socket.end("\x16\x03");
    await Promise.all([garbled, distrustful, reset, half].map(({ closed }) => closed));
    good.send("PUB foo 2\r\nok\r\n");
    await good.until("MSG foo 1 2\r\nok\r\n");
    while (server.stats.connections > 1) await new Promise(setImmediate);
  });

  it("sends the error before it closes, within TLS", async () => {
    await start();
    const client = await secured();
    client.send(`${quiet}OOPS${"x".repeat(100_000)}`);
    await client.until("-ERR 'Unknown Protocol Operation'\r\n");
    await client.closed;
  });

  it("holds what it sends until the handshake is done", async () => {
    await start();
    const client = dial();
    await client.info();
    server.connections[0]?.inject("+OK\r\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.received).toBe("");
    await client.startTls({ ca: certificates.ca.cert });
    await client.until("+OK\r\n");
  });

  it("starts TLS after a delayed INFO", async () => {
    await start({}, { opened: (connection) => connection.delay(100) });
    const client = await secured();
    client.send(quiet);
    for (let i = 0; i < 3; i++) {
      client.send("PING\r\n");
      await client.until("PONG\r\n");
    }
  });

  it("survives clients that reset, half close, or end in mid-frame", async () => {
    await start();
    const [reset, half, cut] = [await secured(), await secured(), await secured()];
    const [garbled, good] = [await secured(), await secured()];
    for (const one of [reset, half, cut, garbled]) one.send(`${quiet}PUB foo 100\r\nhalf`);
    good.send(`${quiet}PING\r\n`);
    await good.until("PONG\r\n");
    reset.tcp.resetAndDestroy();
    half.socket.end();
    cut.tcp.destroy();
    garbled.tcp.write("no TLS".repeat(100));
    while (server.stats.connections > 1) await new Promise(setImmediate);
    good.send("PING\r\n");
    await good.until("PONG\r\n");
  });

  it("reads nothing after the handshake while reading is stopped", async () => {
    await start({}, { opened: (connection) => connection.stopReading() });
    const client = await secured();
    client.send(`${quiet}PING\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.received).toBe("");
    server.connections[0]?.startReading();
    await client.until("PONG\r\n");
  });

  it("rejects one connection too many before TLS", async () => {
    await start({}, { maxConnections: 0 });
    const client = dial();
    await client.until("-ERR 'maximum connections exceeded'\r\n");
    await client.closed;
  });

  it("closes during handshakes", async () => {
    await start({ handshakeTimeout: 600_000 });
    const [idle, busy, good] = [dial(), dial(), await secured()];
    await Promise.all([idle.info(), busy.info()]);
    busy.send("\x16\x03");
    good.send(`${quiet}PING\r\n`);
    await good.until("PONG\r\n");
    await server.close();
    await Promise.all([idle.closed, busy.closed, good.closed]);
    expect([idle.received, busy.received]).toEqual(["", ""]);
  });

  it("closes a client that it had stopped reading", async () => {
    await start();
    const client = await secured();
    server.connections[0]?.stopReading();
    await server.close(600_000);
    await client.closed;
  });

  it("accepts the official client", async () => {
    await start();
    const client = await connectNats({ servers: server.url, tls: { ca: certificates.ca.cert } });
    const subscription = client.subscribe("foo", { max: 1 });
    client.publish("foo", "hello");
    for await (const message of subscription) expect(message.string()).toBe("hello");
    await client.close();
    await expect(connectNats({ servers: server.url, reconnect: false })).rejects.toThrow();
  });
});

describe("a server that requests client certificates", () => {
  it("announces it in INFO, and accepts trusted certificates", async () => {
    await start({ ca: certificates.ca.cert, requestCert: true });
    const client = dial();
    expect(await client.info()).toMatchObject({ tls_required: true, tls_verify: true });
    const { cert, key } = certificates.client;
    await client.startTls({ ca: certificates.ca.cert, cert, key });
    client.send(`${quiet}PING\r\n`);
    await client.until("PONG\r\n");
  });

  it("rejects a missing or untrusted certificate", async () => {
    await start({ ca: certificates.ca.cert, requestCert: true });
    const strange = makeCertificates();
    const { cert, key } = strange.client;
    for (const shown of [{}, { cert, key }]) {
      const client = dial();
      await client.info();
      // To the client it seems connected: in TLS 1.3 the server rejects a certificate after the handshake.
      await client.startTls({ ca: certificates.ca.cert, ...shown }).catch(() => {});
      client.send(`${quiet}SUB foo 1\r\nPING\r\n`);
      await client.closed;
      expect(client.received).toBe("");
    }
    expect(server.stats.subscriptions).toBe(0);
    strange.remove();
  });
});

describe("a server where TLS is available", () => {
  it("continues in TLS or plain text, as the client chooses", async () => {
    await start({ when: "available" });
    expect(server.url).toBe(`nats://127.0.0.1:${server.port}`);
    const plain = dial();
    const info = await plain.info();
    expect(info).toMatchObject({ tls_available: true });
    expect(info).not.toHaveProperty("tls_required");
    const secure = await secured();
    secure.send(`${quiet}SUB foo 1\r\nPING\r\n`);
    await secure.until("PONG\r\n");
    plain.send(`${quiet}PUB foo 5\r\nhello\r\nPING\r\n`);
    await plain.until("PONG\r\n");
    await secure.until("MSG foo 1 5\r\nhello\r\n");
  });

  it("waits for the client's choice longer than for a handshake", async () => {
    await start({ when: "available", handshakeTimeout: 50 });
    const client = dial();
    await client.info();
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.send(`${quiet}PING\r\n`);
    await client.until("PONG\r\n");
    const begun = dial();
    await begun.info();
    begun.send("\x16");
    await begun.closed;
  });
});

describe("a server where TLS comes first", () => {
  const secure = (): RawClient => {
    const client = new RawClient(connectTls({ port: server.port, host: "127.0.0.1", ca: certificates.ca.cert }));
    clients.push(client);
    return client;
  };

  it("closes a client whose TLS fails", async () => {
    await start({ when: "first" });
    const under = connectTcp(server.port, "127.0.0.1");
    const client = new RawClient(connectTls({ socket: under, ca: certificates.ca.cert }));
    await client.info();
    under.write("no TLS".repeat(100));
    while (server.stats.connections > 0) await new Promise(setImmediate);
    under.destroy();
  });

  it("sends INFO within TLS", async () => {
    await start({ when: "first" });
    expect(server.url).toBe(`tls://127.0.0.1:${server.port}`);
    const client = secure();
    expect(await client.info()).toMatchObject({ tls_required: true });
    client.send(`${quiet}PING\r\n`);
    await client.until("PONG\r\n");
  });

  it("sends nothing to a client with plain text, or a silent one", async () => {
    await start({ when: "first", handshakeTimeout: 300 });
    const [plain, silent, reset] = [dial(), dial(), dial()];
    plain.send(quiet);
    reset.send("\x16\x03");
    reset.socket.once("connect", () => reset.socket.resetAndDestroy());
    await Promise.all([plain.closed, silent.closed, reset.closed]);
    expect(plain.received).not.toContain("INFO");
    expect(silent.received).toBe("");
    expect(server.stats.connections).toBe(0);
  });

  it("closes during handshakes", async () => {
    await start({ when: "first", handshakeTimeout: 600_000 });
    const [idle, good] = [dial(), secure()];
    await good.info();
    await server.close();
    await Promise.all([idle.closed, good.closed]);
    expect(idle.received).toBe("");
  });

  it("accepts the official client", async () => {
    await start({ when: "first" });
    const tls = { ca: certificates.ca.cert, handshakeFirst: true };
    const client = await connectNats({ servers: server.url, tls });
    await client.flush();
    await client.close();
  });
});

describe("listeners of one server", () => {
  it("announce what each of them offers in INFO", async () => {
    server = await serve();
    const { cert, key } = certificates.server;
    const door = await server.listen(listenWith({ tls: { cert, key } }));
    expect(door.url).toBe(`tls://127.0.0.1:${door.port}`);
    const plain = dial();
    expect(await plain.info()).not.toHaveProperty("tls_required");
    plain.send(`${quiet}SUB foo 1\r\nPING\r\n`);
    await plain.until("PONG\r\n");
    const client = new RawClient(door.port);
    clients.push(client);
    expect(await client.info()).toMatchObject({ tls_required: true });
    await client.startTls({ ca: certificates.ca.cert });
    client.send(`${quiet}PUB foo 2\r\nhi\r\n`);
    await plain.until("MSG foo 1 2\r\nhi\r\n");
  });

  it("reject a port in use, with the address and what to do", async () => {
    server = await serve();
    const { port } = server;
    const { cert, key } = certificates.server;
    const error = {
      message: `cannot listen on 127.0.0.1:${port}: the port is in use (EADDRINUSE): choose another one, or 0 for a free port`,
      code: "EADDRINUSE",
      cause: expect.objectContaining({ syscall: "listen" }),
    };
    await expect(serve({ port, tls: { cert, key } })).rejects.toMatchObject(error);
    await expect(server.listen(listen, { port })).rejects.toMatchObject(error);
    await expect(serveWebSocket({ port })).rejects.toMatchObject(error);
    await expect(serveMonitor(server, { port })).rejects.toMatchObject(error);
  });

  it.each<[ServerTls, string]>([
    [{ cert: "none" }, "tls.cert must be a certificate in PEM: "],
    [{ cert: certificates.server.key }, "tls.cert must be a certificate in PEM: "],
    [{ key: "s3cret" }, "tls.key must be a private key in PEM, not encrypted or with its passphrase: "],
    [{ key: certificates.client.key }, "tls.key must be the key of tls.cert: "],
    [{ ciphers: "none" }, "the options of tls are not valid: "],
  ])("reject an invalid certificate or key, by the name of its option: %#", async (tls, text) => {
    server = await serve();
    const { cert, key } = certificates.server;
    const message = expect.stringContaining(text);
    const error = { name: "UsageError", code: "BAD_FIELD", message, cause: expect.any(Error) };
    await expect(serve({ tls: { cert, key, ...tls } })).rejects.toMatchObject(error);
    await expect(serveWebSocket({ tls: { cert, key, ...tls } })).rejects.toMatchObject(error);
    await expect(serve({ tls: { cert, key, ...tls } })).rejects.not.toThrow("s3cret");
  });
});

describe("a TLS handshake that fails", () => {
  const events: string[] = [];
  const options: ServeOptions = {
    handshakeFailed: ({ address, port, listener }, { message }) =>
      void events.push(`${address} ${port === undefined} ${listener === server.url} ${message}`),
    closed: (_, reason, detail) => void events.push(`${reason}: ${detail}`),
  };
  const failed = (reason: string): string => `127.0.0.1 false true TLS handshake failed: ${reason}`;
  beforeEach(() => void events.splice(0));
  const event = async (): Promise<string> => {
    while (events.length === 0) await new Promise(setImmediate);
    return events.shift()!;
  };
  const noTrust = "the client has gone, or a certificate is not trusted";
  /** Fails as a client does, and gets the port. */
  type Failing = (port: number) => Promise<unknown>;
  const failing =
    (options: object): Failing =>
    async (port) => {
      const socket = connectTls({ port, host: "127.0.0.1", ...options }).on("error", () => {});
      await new Promise((resolve) => socket.resume().once("close", resolve));
    };
  const { ca } = certificates;
  const http: Failing = (port) => once(connectTcp(port, "127.0.0.1").resume().end("GET / HTTP/1.1\r\n\r\n"), "close");
  it.each<[string, ServerTls, Failing, string]>([
    ["HTTP", {}, http, "the client does not use TLS"],
    ["a client that trusts no certificate", {}, failing({}), noTrust],
    [
      "no client certificate",
      { requestCert: true, ca: ca.cert },
      failing({ ca: ca.cert }),
      "peer did not return a certificate",
    ],
    [
      "an old version",
      { minVersion: "TLSv1.3" },
      failing({ ca: ca.cert, maxVersion: "TLSv1.2" }),
      "unsupported protocol",
    ],
    ["a timeout", { handshakeTimeout: 50 }, (port) => new RawClient(port).closed, "it took longer than 50 ms"],
  ])("is reported with address and reason, before INFO: %s", async (_, tls, fail, reason) => {
    await start({ ...tls, when: "first" }, options);
    await fail(server.port);
    expect(await event()).toBe(failed(reason));
    expect([events, server.stats.opened]).toEqual([[], 0]);
    const { cert, key } = certificates.server;
    const secure = await server.listen(listenWebSocket({ tls: { ...tls, cert, key } }));
    await fail(secure.port);
    expect(await event()).toBe(failed(reason).replace("false true", "false false"));
  });

  it.each<[string, ServerTls, (client: RawClient) => Promise<unknown>, string]>([
    ["plain text", {}, async (client) => client.send(quiet), "the client does not use TLS"],
    ["no trust", {}, (client) => client.startTls({}).catch(() => {}), noTrust],
    ["nothing", {}, async (client) => client.socket.end(), noTrust],
    ["a timeout", { handshakeTimeout: 50 }, async () => {}, "it took longer than 50 ms"],
  ])("is reported before the connection is closed, after INFO: %s", async (_, tls, fail, reason) => {
    await start(tls, options);
    monitor(server); // closed connections are kept from now on
    const client = dial();
    await client.info();
    await fail(client);
    expect(await event()).toBe(failed(reason));
    expect(await event()).toBe(`lost: TLS handshake failed: ${reason}`);
    const { connections } = monitor(server).connz({ state: "closed" });
    expect(connections.map((one) => one.reason)).toEqual(["TLS Handshake Failure"]);
  });

  it("is not reported if the server itself closes the connection", async () => {
    await start({}, options);
    const [killed, closed] = [dial(), dial()];
    await Promise.all([killed.info(), closed.info()]);
    server.connections[0]!.kill();
    await killed.closed;
    await server.close();
    expect(events.splice(0)).toEqual([expect.stringMatching(/^lost: /), expect.stringMatching(/^shutdown: /)]);
  });

  it("says that a listener was closed", async () => {
    await start({}, options);
    const { cert, key } = certificates.server;
    const listener = await server.listen(listenWith({ tls: { cert, key, when: "first" } }));
    const socket = connectTcp(listener.port, "127.0.0.1").resume();
    await once(socket, "connect");
    // The server has accepted it by the time it has accepted a later one.
    await secured();
    await listener.close();
    await once(socket, "close");
    expect(await event()).toBe(failed("the server stopped listening").replace("false true", "false false"));
  });
});
