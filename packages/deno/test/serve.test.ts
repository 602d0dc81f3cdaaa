// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Connection, type ConnectOptions, connect, type ServeOptions } from "@natswire/node";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { expectMonitored } from "../../../tools/testkit/monitored.ts";
import { endPrograms, Program } from "../../../tools/testkit/program.ts";
import { RawClient } from "../../../tools/testkit/raw-client.ts";

const quiet = 'CONNECT {"verbose":false}\r\n';
const MEBIBYTE = 1_048_576;
const SERVE = new URL("programs/serve.ts", import.meta.url);

let program: Program;
let at: { readonly url: string; readonly port: number };
const sockets: RawClient[] = [];
const clients: Connection[] = [];

const certificates = makeCertificates();
afterAll(() => certificates.remove());

afterEach(async () => {
  for (const { tcp } of sockets.splice(0)) tcp.destroy();
  await Promise.all(clients.splice(0).map((client) => client.close()));
  endPrograms();
});

/** Starts a server, with a certificate if `tls` is given. */
async function start(tls?: object, options: ServeOptions = {}): Promise<unknown> {
  const { cert, key } = certificates.server;
  program = Program.onSources("deno", SERVE, { ...(tls && { tls: { cert, key, ...tls } }), ...options });
  const said = await program.next();
  at = said as typeof at;
  return said;
}

function dial(): RawClient {
  const client = new RawClient(at.port);
  sockets.push(client);
  return client;
}

async function connected(options: ConnectOptions = {}): Promise<Connection> {
  const client = await connect({ servers: at.url, ...options });
  clients.push(client);
  return client;
}

async function stats(): Promise<unknown> {
  program.send("stats");
  return program.next();
}

/** It closes, and nothing is left of it. */
async function closes(): Promise<void> {
  program.endInput();
  expect(await program.next()).toBe("closed");
  expect(await program.ended).toBe(0);
}

describe("a server in Deno", () => {
  it("is monitored over HTTP, until it closes", async () => {
    const { monitor } = (await start(undefined, { monitored: true } as ServeOptions)) as { monitor: string };
    const client = await connected({ name: "app" });
    await expectMonitored(monitor, at.port);
    await client.close();
    await closes();
    await expect(fetch(`${monitor}/healthz`)).rejects.toThrow();
  });

  it("reads all that follows CONNECT while an authorizer runs", async () => {
    await start(undefined, { slow: true } as ServeOptions);
    const subscriber = dial();
    subscriber.send(`${quiet}SUB foo 1\r\nPING\r\n`);
    await subscriber.until("PONG\r\n");
    for (const count of [1, 500]) {
      const many = `PUB foo 1000\r\n${"x".repeat(1000)}\r\n`.repeat(count);
      dial().socket.end(`${quiet}${many}PUB foo 3\r\nend\r\n`);
      const text = await subscriber.until("MSG foo 1 3\r\nend\r\n");
      expect(text.split("MSG foo 1 1000\r\n").length - 1).toBe(count);
    }
    await closes();
  });

  it("sends INFO, answers, and carries messages, byte by byte as well", async () => {
    await start();
    expect(at.url).toBe(`nats://127.0.0.1:${at.port}`);
    const client = dial();
    expect(await client.info()).toMatchObject({ port: at.port, client_ip: "127.0.0.1" });
    client.socket.setNoDelay();
    for (const byte of `${quiet}SUB foo 1\r\nPUB foo 5\r\nhello\r\nPING\r\n`) {
      client.send(byte);
      await new Promise(setImmediate);
    }
    expect(await client.until("PONG\r\n")).toBe("MSG foo 1 5\r\nhello\r\nPONG\r\n");
  });

  it("keeps order and content of messages of many sizes", async () => {
    await start(undefined, { maxPending: 4 * MEBIBYTE });
    const [publisher, subscriber] = [await connected(), await connected()];
    const came: Uint8Array[] = [];
    const subscription = subscriber.subscribe("foo", { callback: ({ payload }) => void came.push(payload) });
    await subscription.ready();
    const sent = Array.from({ length: 100 }, (_, i) => new Uint8Array([0, 5, 300, 9000, MEBIBYTE][i % 5]!).fill(i));
    for (const payload of sent) {
      publisher.publish("foo", payload);
      // Never more than one is under way.
      await publisher.flush();
      await subscriber.flush();
    }
    expect(came.length).toBe(sent.length);
    expect(came.every((payload, i) => Buffer.compare(payload, sent[i]!) === 0)).toBe(true);
  });

  it("survives clients that reset, half close, or end in mid-frame", async () => {
    await start();
    const [reset, cut, half, good] = [dial(), dial(), dial(), dial()];
    await Promise.all([reset, cut, half, good].map((client) => client.info()));
    reset.send("PUB foo 100\r\nhalf");
    reset.tcp.resetAndDestroy();
    cut.send("PUB foo 100\r\nhalf");
    cut.tcp.destroy();
    half.socket.end(`${quiet}SUB foo 1\r\n${`PUB foo 60000\r\n${"x".repeat(60_000)}\r\n`.repeat(120)}PING\r\n`);
    await half.until("PONG\r\n");
    await Promise.all([reset.closed, cut.closed, half.closed]);
    good.send(`${quiet}PING\r\n`);
    await good.until("PONG\r\n");
    expect(await stats()).toMatchObject({ connections: 1 });
  });

  it("closes after sending what is queued, and the program ends", async () => {
    await start();
    const [slow, busy] = [dial(), dial()];
    slow.send(`${quiet}SUB foo 1\r\nPING\r\n`);
    await slow.until("PONG\r\n");
    slow.socket.pause();
    busy.send(`${quiet}${`PUB foo 60000\r\n${"x".repeat(60_000)}\r\n`.repeat(120)}PING\r\n`);
    await busy.until("PONG\r\n");
    program.endInput();
    slow.socket.resume();
    expect(await program.next()).toBe("closed");
    expect(await program.ended).toBe(0);
    await Promise.all([slow.closed, busy.closed]);
    expect(slow.received.match(/MSG foo 1 60000\r\n/g)?.length).toBe(120);
    await expect(once(connectTcp(at.port, "127.0.0.1"), "connect")).rejects.toThrow("ECONNREFUSED");
  });

  it("rejects a port in use", async () => {
    await start();
    const second = Program.onSources("deno", SERVE, { port: at.port });
    expect(await second.next()).toEqual({
      name: "Error",
      message: `cannot listen on 127.0.0.1:${at.port}: the port is in use (EADDRINUSE): choose another one, or 0 for a free port`,
      code: "EADDRINUSE",
      cause: "AddrInUse",
      isUsage: false,
    });
  });
});

describe("a server in Deno with TLS", () => {
  it("uses TLS from the first byte, and survives failed handshakes", async () => {
    await start({ when: "first" });
    expect(at.url).toBe(`tls://127.0.0.1:${at.port}`);
    const tls = { ca: certificates.ca.cert, handshakeFirst: true };
    const good = await connected({ tls });
    const [garbled, reset, half] = [dial(), dial(), dial()];
    // The test does not wait for this connection.
    await once(dial().socket, "connect");
    garbled.send("PING\r\n".repeat(100));
    reset.send("\x16\x03");
    reset.tcp.resetAndDestroy();
    half.socket.end("\x16\x03");
    await Promise.all([garbled, reset, half].map(({ closed }) => closed));
    const distrustful = connectTls(at.port, "127.0.0.1");
    await expect(once(distrustful, "secureConnect")).rejects.toThrow("unable to verify");
    const late = await connected({ tls });
    const subscription = late.subscribe("foo", { max: 1 });
    await subscription.ready();
    good.publish("foo", new Uint8Array(MEBIBYTE).fill(7));
    for await (const { payload } of subscription) {
      expect(payload.length).toBe(MEBIBYTE);
      expect(payload.every((byte) => byte === 7)).toBe(true);
    }
    expect(late.info).toMatchObject({ tls_required: true });
    expect(await stats()).toMatchObject({ connections: 2 });
    program.send("failures");
    const failures = (await program.next()) as string[];
    expect(failures.length).toBeGreaterThanOrEqual(4);
    for (const failure of failures) expect(failure).toMatch(/^127\.0\.0\.1 TLS handshake failed: \w/);
  });

  it.each([
    [{ cert: "none" }, "No certificates found in certificate data"],
    [{ key: "none" }, "No keys found in key data"],
    [{ key: certificates.client.key }, "keys may not be consistent: KeyMismatch"],
  ])("rejects an invalid certificate or key: %#", async (tls, text) => {
    expect(await start({ when: "first", ...tls })).toEqual({
      name: "UsageError",
      message: `tls.cert and tls.key must be a certificate and its private key in PEM: ${text}`,
      code: "BAD_FIELD",
      cause: expect.any(String),
      isUsage: true,
    });
  });

  it("names the host that cannot be looked up", async () => {
    expect(await start({ when: "first" }, { host: "nowhere.invalid" })).toMatchObject({
      name: "Error",
      message: expect.stringMatching(/^cannot listen on nowhere\.invalid:0: failed to lookup/),
    });
  });

  it("rejects a handshake that takes too long", async () => {
    await start({ when: "first", handshakeTimeout: 50 });
    const slow = dial();
    await once(slow.socket, "connect");
    await new Promise((resolve) => setTimeout(resolve, 200));
    await slow.startTls({ ca: certificates.ca.cert });
    await slow.closed;
    expect(slow.received).toBe("");
    program.send("failures");
    expect(await program.next()).toEqual(["127.0.0.1 TLS handshake failed: it took longer than 50 ms"]);
  });

  it("closes during handshakes, and the program ends", async () => {
    await start({ when: "first", handshakeTimeout: 600_000 });
    const silent = dial();
    await connected({ tls: { ca: certificates.ca.cert, handshakeFirst: true } });
    await closes();
    await silent.closed;
  });

  it.each([
    ["left out", {}, 'tls.when must be "first"'],
    ["required", { when: "required" }, 'tls.when must be "first"'],
    ["available", { when: "available" }, 'tls.when must be "first"'],
    ["first, with certificates of clients", { when: "first", requestCert: true }, "requestCert"],
  ])("rejects tls.when that is %s", async (_, tls, advice) => {
    const said = await start(tls);
    const message = expect.stringContaining(advice);
    expect(said).toEqual({ name: "UsageError", message, code: "BAD_FIELD", isUsage: true });
  });
});
