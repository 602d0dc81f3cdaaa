// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { request } from "node:http";
import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { wsconnect } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { IncomingText } from "../../../tools/testkit/incoming-text.ts";
import { RawClient } from "../../../tools/testkit/raw-client.ts";
import { type Server, serve as serveTcp } from "../src/index.ts";
import { listen, type ServeOptions, serve } from "../src/websocket.ts";

const quiet = 'CONNECT {"verbose":false}\r\n';

let server: Server;
const clients: RawWebSocket[] = [];
const sockets: Socket[] = [];

const certificates = makeCertificates();
afterAll(() => certificates.remove());
beforeEach(() => start());
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

async function start(options: ServeOptions = {}): Promise<void> {
  await server?.close();
  server = await serve(options);
}

/** A WebSocket client that sends and receives text, one character a byte, and keeps the messages. */
class RawWebSocket {
  readonly messages: { readonly text: string; readonly isBinary: boolean }[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<unknown[]>;
  readonly #incoming = new IncomingText();

  constructor(url: string, protocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options);
    this.socket.on("error", () => {});
    this.socket.on("message", (data: Buffer, isBinary) => {
      this.messages.push({ text: data.toString("latin1"), isBinary });
      this.#incoming.add(data);
    });
    this.closed = new Promise((resolve) => this.socket.once("close", (...reason) => resolve(reason)));
    void this.closed.then(() => this.#incoming.close());
    clients.push(this);
  }

  get received(): string {
    return this.#incoming.text;
  }

  send(text: string, options: { readonly binary?: boolean; readonly fin?: boolean } = {}): void {
    this.socket.send(Buffer.from(text, "latin1"), { binary: true, ...options });
  }

  /** Resolves to everything up to and including `end`, and takes it. */
  until(end: string): Promise<string> {
    return this.#incoming.until(end);
  }
}

async function greeted(path = ""): Promise<RawWebSocket> {
  const client = new RawWebSocket(server.url + path);
  await client.until("\r\n");
  return client;
}

describe("a WebSocket server", () => {
  it("shows ws in its url, and sends INFO in a binary message", async () => {
    expect(server.url).toBe(`ws://127.0.0.1:${server.port}`);
    const client = new RawWebSocket(server.url);
    const greeting = await client.until("\r\n");
    expect(greeting).toMatch(/^INFO {.*}\r\n$/);
    expect(greeting).not.toContain("tls");
    expect(client.messages).toEqual([{ text: greeting, isBinary: true }]);
  });

  it("reads operations across messages, text and binary, empty ones", async () => {
    const client = await greeted();
    client.send(quiet, { binary: false });
    client.send("");
    client.send("SU");
    client.send("B foo 1\r\nPUB foo 5\r\nhe");
    client.send("l", { fin: false });
    client.send("", { fin: false });
    client.send("lo\r\nPI");
    client.send("NG\r\n", { binary: false });
    expect(await client.until("PONG\r\n")).toBe("MSG foo 1 5\r\nhello\r\nPONG\r\n");
    expect(client.messages.every(({ isBinary }) => isBinary)).toBe(true);
  });

  it("answers one message with one message", async () => {
    const client = await greeted();
    client.send(`${quiet}SUB foo 1\r\nPING\r\n`);
    await client.until("PONG\r\n");
    const before = client.messages.length;
    const payload = "x".repeat(100_000);
    client.send(`PUB foo 100000\r\n${payload}\r\n`.repeat(2));
    await client.until(`MSG foo 1 100000\r\n${payload}\r\n`.repeat(2));
    expect(client.messages.length - before).toBe(1);
  });

  it("sends more in total than may wait at once", async () => {
    await start({ maxPending: 500_000 });
    const client = await greeted();
    client.send(`${quiet}SUB foo 1\r\n`);
    for (let i = 0; i < 20; i++) {
      client.send(`PUB foo 100000\r\n${"x".repeat(100_000)}\r\nPING\r\n`);
      await client.until("PONG\r\n");
    }
    expect(server.stats.slow).toBe(0);
  });

  it("closes a client that it had stopped reading", async () => {
    const client = await greeted();
    server.connections[0]?.stopReading();
    await server.close(600_000);
    await client.closed;
  });

  it("ignores path, query and subprotocol", async () => {
    const client = await greeted("/some/path?a=b");
    client.send("PING\r\n");
    await client.until("PONG\r\n");
    const asking = new RawWebSocket(server.url, ["nats"]);
    // A client that insists finds out by itself.
    await asking.closed;
    expect(asking.socket.protocol).toBe("");
  });

  it("does not compress", async () => {
    const client = new RawWebSocket(server.url, [], { perMessageDeflate: true });
    await client.until("\r\n");
    expect(client.socket.extensions).toBe("");
  });

  it("gives payloads away in memory of their own", async () => {
    const client = await greeted();
    client.send(`${quiet}SUB > 1\r\n`);
    let expected = "";
    for (let i = 0; i < 3000; i++) {
      const payload = String(i % 10).repeat([0, 5, 300, 9000][i % 4]!);
      client.send(`PUB foo.${i} ${payload.length}\r\n${payload}\r\n`);
      expected += `MSG foo.${i} 1 ${payload.length}\r\n${payload}\r\n`;
      if (i % 50 === 0) await new Promise(setImmediate);
    }
    client.send("PING\r\n");
    expect((await client.until("PONG\r\n")) === `${expected}PONG\r\n`).toBe(true);
  });

  it("sends the error before it closes", async () => {
    const client = await greeted();
    client.send(`${quiet}OOPS`);
    await client.until("-ERR 'Unknown Protocol Operation'\r\n");
    await client.closed;
    while (server.stats.connections > 0) await new Promise(setImmediate);
  });

  it("closes a client that does not close, or keeps sending", async () => {
    const client = await greeted();
    client.socket.pause();
    client.send("OOPS");
    const chatter = setInterval(() => client.send("x"), 100);
    while (server.stats.connections > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    clearInterval(chatter);
  });

  it("accepts a message of maxMessage bytes, not a larger one", async () => {
    await start({ maxMessage: 1000 });
    const client = await greeted();
    const publish = (size: number): string => `PUB foo ${size}\r\n${"x".repeat(size)}\r\n`;
    const least = publish(100).length - 100;
    client.send(quiet);
    client.send(publish(1000 - least));
    client.send("PING\r\n");
    await client.until("PONG\r\n");
    client.send(publish(1001 - least));
    expect((await client.closed)[0]).toBe(1009);
    while (server.stats.connections > 0) await new Promise(setImmediate);
    expect(server.stats.published).toBe(1);
  });

  it("accepts a message of maxPayload, however large, by default", async () => {
    for (const maxPayload of [1_048_576, 20_000_000]) {
      await start({ maxPayload });
      const client = await greeted();
      client.send(`${quiet}SUB foo 1\r\n`);
      client.send(`PUB foo ${maxPayload}\r\n${"x".repeat(maxPayload)}\r\nPING\r\n`);
      await client.until("PONG\r\n");
      expect(server.stats.published).toBe(1);
    }
  });

  it("accepts many NATS messages in one message of 16 MiB", async () => {
    await start();
    const client = await greeted();
    client.send(`${quiet}${`PUB foo 1000\r\n${"x".repeat(1000)}\r\n`.repeat(16_300)}PING\r\n`);
    await client.until("PONG\r\n");
    expect(server.stats.published).toBe(16_300);
  });

  it("accepts larger payloads in several messages", async () => {
    await start({ maxMessage: 1000 });
    const client = await greeted();
    client.send(`${quiet}SUB foo 1\r\nPUB foo 5000\r\n`);
    for (let i = 0; i < 5; i++) client.send("x".repeat(1000));
    client.send("\r\n");
    await client.until(`MSG foo 1 5000\r\n${"x".repeat(5000)}\r\n`);
  });

  it("survives clients that reset, break the protocol, end in mid-frame", async () => {
    const [reset, broken, cut, good] = [await greeted(), await greeted(), await greeted(), await greeted()];
    raw(reset).resetAndDestroy();
    raw(broken).write(Uint8Array.of(0xff, 0xff, 0xff));
    raw(cut).write(Uint8Array.of(0x82, 0xfe, 0x10));
    raw(cut).destroy();
    await Promise.all([reset, broken, cut].map(({ closed }) => closed));
    good.send(`${quiet}PING\r\n`);
    await good.until("PONG\r\n");
    while (server.stats.connections > 1) await new Promise(setImmediate);
  });

  it("closes a slow consumer and no other client", async () => {
    await start({ maxPending: 4_000_000 });
    const [slow, busy] = [await greeted(), await greeted()];
    slow.send(`${quiet}SUB foo 1\r\nPING\r\n`);
    await slow.until("PONG\r\n");
    slow.socket.pause();
    busy.send(quiet);
    while (server.stats.slow === 0) {
      busy.send(`PUB foo 60000\r\n${"x".repeat(60_000)}\r\nPING\r\n`);
      await busy.until("PONG\r\n");
    }
    busy.send("PING\r\n");
    await busy.until("PONG\r\n");
  });

  it("accepts the official client", async () => {
    vi.stubGlobal("WebSocket", WebSocket);
    const client = await wsconnect({ servers: server.url });
    const subscription = client.subscribe("foo", { max: 1 });
    client.publish("foo", "hello");
    for await (const message of subscription) expect(message.string()).toBe("hello");
    await client.close();
    vi.unstubAllGlobals();
  });
});

/** Returns the status that answers a request for a WebSocket with these headers. */
async function statusOf(headers: readonly string[], host = ["Host: 127.0.0.1"]): Promise<number> {
  const asked = new RawClient(server.port);
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  const upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", key];
  asked.send(`${["GET / HTTP/1.1", ...host, ...upgrade, ...headers].join("\r\n")}\r\n\r\n`);
  const line = await asked.until("\r\n");
  asked.socket.destroy();
  return Number(line.split(" ")[1]);
}

describe("the HTTP request before a WebSocket", () => {
  it("is answered with 400 if it asks for no WebSocket", async () => {
    const asked = request(server.url.replace("ws:", "http:")).end();
    const [{ statusCode }] = await once(asked, "response");
    expect(statusCode).toBe(400);
    const plain = new RawClient(server.port);
    plain.send("CONNECT {}\r\nPING\r\n");
    await plain.until("HTTP/1.1 400 Bad Request\r\n");
    await plain.closed;
  });

  it.each([
    ["an origin in the list", "https://app.example", 101],
    ["an origin in the list, in capitals", "HTTPS://APP.example", 101],
    ["an origin in the list, with its port", "http://localhost:5173", 101],
    ["no origin", undefined, 101],
    ["another origin", "https://other.example", 403],
    ["another scheme", "http://app.example", 403],
    ["another port", "http://localhost:5174", 403],
    ["a longer name", "https://app.example.org", 403],
    ["the origin of a sandboxed page", "null", 403],
    ["an empty origin", "", 403],
  ])("is answered by its Origin if allowedOrigins is set: %s", async (_, origin, status) => {
    await start({ allowedOrigins: ["https://APP.example:443/", "http://localhost:5173"] });
    expect(await statusOf(origin === undefined ? [] : [`Origin: ${origin}`])).toBe(status);
  });

  it("has any Origin without allowedOrigins, none with an empty list", async () => {
    expect(await statusOf(["Origin: https://any.example"])).toBe(101);
    await start({ allowedOrigins: [] });
    expect(await statusOf(["Origin: https://any.example"])).toBe(403);
    expect(await statusOf([])).toBe(101);
  });

  it("is answered with 400 if it has no Host", async () => {
    expect(await statusOf(["Host: 127.0.0.1"], [])).toBe(101);
    expect(await statusOf([], [])).toBe(400);
  });

  it.each([["*"], ["app.example"], ["ws://app.example"], [""], [7]])(
    "needs origins in allowedOrigins, not %j",
    async (origin) => {
      const refused = serve({ allowedOrigins: [origin as string] });
      await expect(refused).rejects.toMatchObject({
        code: "BAD_FIELD",
        message: expect.stringContaining(`"${origin}"`),
      });
    },
  );

  it("times out, even for a busy client", async () => {
    await start({ handshakeTimeout: 300 });
    const [silent, trickling] = [dial(), dial()];
    trickling.write("GET / HTTP/1.1\r\n");
    const trickle = setInterval(() => trickling.write("a: b\r\n"), 50);
    await Promise.all([closed(silent), closed(trickling)]);
    clearInterval(trickle);
    const later = await greeted();
    await new Promise((resolve) => setTimeout(resolve, 400));
    later.send("PING\r\n");
    await later.until("PONG\r\n");
  });

  it("does not delay the close of the server", async () => {
    await start({ handshakeTimeout: 600_000 });
    const [silent, trickling] = [dial(), dial()];
    trickling.write("GET / HTTP/1.1\r\n");
    await Promise.all([once(silent, "connect"), once(trickling, "connect")]);
    const gone = [closed(silent), closed(trickling)];
    const client = await greeted();
    await server.close();
    await Promise.all([...gone, client.closed]);
  });
});

describe("a WebSocket over TLS", () => {
  it("carries messages, and announces TLS in INFO", async () => {
    const { cert, key } = certificates.server;
    await start({ tls: { cert, key } });
    expect(server.url).toBe(`wss://127.0.0.1:${server.port}`);
    const client = new RawWebSocket(server.url, [], { ca: certificates.ca.cert });
    expect(await client.until("\r\n")).toContain('"tls_required":true');
    client.send(`${quiet}PING\r\n`);
    await client.until("PONG\r\n");
  });

  it("rejects plain text, and a missing client certificate", async () => {
    const { cert, key } = certificates.server;
    const { ca } = certificates;
    await start({ tls: { cert, key, ca: ca.cert, requestCert: true }, handshakeTimeout: 600_000 });
    const plain = new RawWebSocket(server.url.replace("wss:", "ws:"));
    const nobody = new RawWebSocket(server.url, [], { ca: ca.cert });
    await Promise.all([plain.closed, nobody.closed]);
    const known = new RawWebSocket(server.url, [], { ...certificates.client, ca: ca.cert });
    expect(await known.until("\r\n")).toContain('"tls_verify":true');
    const half = connectTls({ port: server.port, host: "127.0.0.1", ...certificates.client, ca: ca.cert });
    await once(half, "secureConnect");
    const gone = once(half, "close");
    await server.close();
    await gone;
  });

  it("accepts the official client", async () => {
    const { cert, key } = certificates.server;
    await start({ tls: { cert, key } });
    const { ca } = certificates;
    vi.stubGlobal(
      "WebSocket",
      class extends WebSocket {
        constructor(url: string) {
          super(url, { ca: ca.cert });
        }
      },
    );
    const client = await wsconnect({ servers: server.url });
    await client.flush();
    await client.close();
    vi.unstubAllGlobals();
  });
});

it("one server accepts clients over TCP and WebSocket", async () => {
  const both = await serveTcp();
  const door = await both.listen(listen);
  expect(door.url).toBe(`ws://127.0.0.1:${door.port}`);
  const far = new RawWebSocket(door.url);
  await far.until("\r\n");
  far.send(`${quiet}SUB foo 1\r\nPING\r\n`);
  await far.until("PONG\r\n");
  const near = new RawClient(both.port);
  near.send(`${quiet}PUB foo 5\r\nhello\r\n`);
  await far.until("MSG foo 1 5\r\nhello\r\n");
  expect(both.stats).toMatchObject({ connections: 2, delivered: 1 });
  await both.close();
  await Promise.all([far.closed, near.closed]);
});

/** The TCP connection under a WebSocket. */
function raw({ socket }: RawWebSocket): Socket {
  return (socket as unknown as { _socket: Socket })._socket;
}

/** Resolves after a socket is closed, also by a reset. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once("close", resolve));
}

function dial(): Socket {
  const socket = connectSocket(server.port, "127.0.0.1");
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}
