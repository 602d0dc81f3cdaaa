// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from "vitest";
import { pipe, type Server, type ServerConnection, type ServerOptions, serveWith, VirtualClock } from "../src/index.ts";
import { PipeClient } from "./pipe-client.ts";

const quiet = 'CONNECT {"verbose":false}\r\n';

let clock: VirtualClock;
let server: Server;
let client: PipeClient;
let connection: ServerConnection;

async function start(options: ServerOptions = {}): Promise<void> {
  clock = new VirtualClock();
  const { dial, listen } = pipe();
  server = await serveWith(listen, { clock, record: true, ...options });
  client = new PipeClient(dial, server.port);
  await client.receive();
  connection = server.connections[0] as ServerConnection;
}

beforeEach(() => start());

describe("a faulty frame", () => {
  it("is dropped as often as requested", async () => {
    connection.drop("msg", 2);
    const text = "PUB foo 1\r\na\r\nPUB foo 1\r\nb\r\nPUB foo 1\r\nc\r\nPUB foo 1\r\nd\r\nPING\r\n";
    expect(await client.exchange(`${quiet}SUB foo 1\r\n${text}`)).toBe(
      "MSG foo 1 1\r\nc\r\nMSG foo 1 1\r\nd\r\nPONG\r\n",
    );
  });

  it("is selected by a function", async () => {
    connection.drop((frame) => frame.op === "msg" && frame.subject === "foo.secret");
    const text = "PUB foo.secret 1\r\na\r\nPUB foo.open abc 1\r\nb\r\n";
    expect(await client.exchange(`${quiet}SUB foo.* abc\r\n${text}`)).toBe("MSG foo.open abc abc 1\r\nb\r\n");
  });

  it("must be of a kind that a server sends", () => {
    for (const which of ["msgg", "sub", undefined, 5] as unknown as "msg"[]) {
      const message = `a server does not send ${which}; it sends info, msg, ok, err, ping, pong`;
      const wrong = expect.objectContaining({ code: "BAD_FIELD", message });
      expect(() => connection.drop(which)).toThrow(wrong);
      expect(() => connection.hold(which)).toThrow(wrong);
    }
  });

  it("is held back while others pass, until it is released", async () => {
    const release = connection.hold("pong");
    expect(await client.exchange(`${quiet}SUB foo 1\r\nPING\r\nPUB foo 2\r\nhi\r\n`)).toBe("MSG foo 1 2\r\nhi\r\n");
    release();
    release();
    expect(await client.receive()).toBe("PONG\r\n");
    expect(await client.exchange("PING\r\n")).toBe("PONG\r\n");
  });

  it("may be the first INFO", async () => {
    let release = (): void => {};
    await start({ opened: (opened) => (release = opened.hold("info")) });
    client.received = "";
    expect(await client.exchange("PING\r\n")).toBe("PONG\r\n");
    release();
    expect(await client.receive()).toMatch(/^INFO \{/);
  });

  it("arrives late and in order (delay)", async () => {
    connection.delay(100);
    await client.exchange(`${quiet}PING\r\n`);
    clock.pass(50);
    connection.delay(0);
    expect(await client.exchange("SUB foo 1\r\nPUB foo 0\r\n\r\n")).toBe("");
    clock.pass(49);
    expect(await client.receive()).toBe("");
    clock.pass(1);
    expect(await client.receive()).toBe("PONG\r\nMSG foo 1 0\r\n\r\n");
    expect(await client.exchange("PING\r\n")).toBe("PONG\r\n");
  });

  it("arrives in pieces, even in very many (split)", async () => {
    connection.split(3);
    client.chunks.length = 0;
    await client.exchange(`${quiet}PING\r\n`);
    expect(client.chunks).toEqual(["PON", "G\r\n"]);
    connection.split(1);
    const payload = "x".repeat(20_000);
    expect(await client.exchange(`SUB foo 1\r\nPUB foo 20000\r\n${payload}\r\n`)).toBe(
      `MSG foo 1 20000\r\n${payload}\r\n`,
    );
    expect(client.chunks.length).toBeGreaterThan(20_000);
  });
});

describe("a connection under test", () => {
  it("receives injected bytes", async () => {
    connection.inject("GARBAGE");
    connection.inject(Uint8Array.of(0, 255));
    connection.delay(10);
    const mine = Buffer.from("kept");
    connection.inject(mine);
    mine.fill(0);
    connection.delay(0);
    clock.pass(10);
    expect(await client.receive()).toBe("GARBAGE\x00\xffkept");
    expect(await client.exchange("PING\r\n")).toBe("PONG\r\n");
  });

  it("receives -ERR, and closes if nats-server would", async () => {
    connection.error('Permissions Violation for Publish to "foo"');
    expect(await client.receive()).toBe("-ERR 'Permissions Violation for Publish to \"foo\"'\r\n");
    expect(client.isClosed).toBe(false);
    connection.delay(10);
    connection.error("Stale Connection");
    expect(await client.receive()).toBe("");
    expect(client.isClosed).toBe(false);
    clock.pass(10);
    expect(await client.receive()).toBe("-ERR 'Stale Connection'\r\n");
    expect(client.isClosed).toBe(true);
    expect(() => connection.error("a\r\nPING")).toThrow(expect.objectContaining({ code: "BAD_FIELD" }));
  });

  it("ends at once (kill)", async () => {
    await client.exchange(`${quiet}SUB foo 1\r\n`);
    connection.hold("msg");
    connection.kill();
    expect(server.publish("foo")).toBe(0);
    await client.receive();
    expect(client.isClosed).toBe(true);
    expect(server.connections).toEqual([]);
    expect(connection.info).toBe(undefined);
  });

  it("is not read while reading is stopped", async () => {
    connection.stopReading();
    expect(await client.exchange(`${quiet}PING\r\n`)).toBe("");
    connection.startReading();
    expect(await client.receive()).toBe("PONG\r\n");
  });

  it("becomes stale if it is not read", async () => {
    await client.exchange(quiet);
    connection.stopReading();
    await client.exchange("PING\r\n");
    clock.pass(400_000);
    expect(await client.receive()).toBe("PING\r\nPING\r\n-ERR 'Stale Connection'\r\n");
    expect(client.isClosed).toBe(true);
  });

  it("shows its info", async () => {
    await client.exchange(
      'CONNECT {"name":"ann","pass":"secret","verbose":false}\r\nSUB foo.* q 1\r\nUNSUB 1 5\r\nPUB foo.a 0\r\n\r\n',
    );
    expect(connection.info).toMatchObject({
      id: connection.id,
      connected: true,
      options: { name: "ann" },
      subscriptions: [{ subject: "foo.*", queue: "q", sid: "1", delivered: 1, max: 5 }],
      published: 1,
      delivered: 1,
      pending: 0,
      pingsOut: 0,
    });
    expect(JSON.stringify(connection.info)).not.toContain("secret");
  });
});

describe("a server without a transcript", () => {
  it("names the option that records one", async () => {
    await start({ record: false });
    expect(() => server.transcript).toThrow("record: true");
  });
});
