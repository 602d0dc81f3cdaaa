// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect as connectOfficial, headers, type NatsConnection, nkeys } from "@nats-io/transport-node";
import { serverFrames } from "@natswire/codec";
import { PartScanner } from "@natswire/codec/rewrite";
import { connect } from "@natswire/node";
import { afterEach, describe, expect, it } from "vitest";
import { natsServerVersion, type RealServer, startNatsServer } from "../../testkit/nats-server.ts";
import { readGuide, unquoted } from "./guide.ts";
import { env } from "./run.ts";

const folder = join(import.meta.dirname, "../rewriting");
const guide = readGuide("rewriting.md");
const MEGABYTE = 1 << 20;

const started: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0).reverse()) await stop();
});

async function server(config: string): Promise<RealServer> {
  const real = await startNatsServer(config);
  started.push(() => real.stop());
  return real;
}

interface Proxy {
  readonly port: number;
  /** The first line that it printed. */
  readonly line: string;
  readonly child: ChildProcess;
  /** Returns the next line that it prints. */
  next(): Promise<string>;
}

/** Starts a program of the guide. */
async function start(file: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Proxy> {
  const child = spawn(process.execPath, [file, ...args], { cwd: folder, env: { ...env, ...more } });
  started.push(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  child.stderr.pipe(process.stderr);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value!;
  const line = await next();
  return { port: Number(/port (\d+)/.exec(line)![1]), line, child, next };
}

async function client(port: number, user: string): Promise<NatsConnection> {
  const connection = await connectOfficial({ port, user, pass: "secret", reconnect: false });
  started.push(() => connection.close());
  return connection;
}

/** Returns all that a socket receives until it is closed. */
async function received(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  await once(socket, "close");
  return text;
}

/** Returns the most memory that a process has had, in bytes. */
function peakMemory({ pid }: ChildProcess): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;
}

it("runs each program and snippet of docs/rewriting.md", () => {
  const files = readdirSync(folder);
  expect(guide.snippets.length).toBeGreaterThan(4);
  expect(
    unquoted(
      guide,
      files.map((file) => join(folder, file)),
    ),
  ).toEqual([]);
  expect(files.filter((file) => !guide.text.includes(`node ${file}`))).toEqual([]);
});

describe("tenants.mjs", () => {
  const users = ["ann", "bob"].map((user) => `{ user: ${user}, password: secret }`).join(", ");
  const setUp = async (config = ""): Promise<[RealServer, Proxy]> => {
    const permissions = "permissions: { publish: { deny: tenants.bob.closed } }";
    const bob = `{ user: bob, password: secret, ${permissions} }`;
    const all = `${users.replace("{ user: bob, password: secret }", bob)}, { user: root, password: secret }`;
    const real = await server(`authorization { users: [${all}] }\n${config}`);
    return [real, await start("tenants.mjs", ["0", String(real.port)])];
  };

  it("separates two users of the same subjects", async () => {
    const [real, proxy] = await setUp();
    const [ann, bob] = [await client(proxy.port, "ann"), await client(proxy.port, "bob")];
    const root = await client(real.port, "root");
    const all = root.subscribe("tenants.>", { max: 2 });
    await root.flush();
    const [annSees, bobSees] = [ann.subscribe(">", { max: 1 }), bob.subscribe(">", { max: 1 })];
    await Promise.all([ann.flush(), bob.flush()]);
    ann.publish("orders.new", "of ann", { reply: "answers" });
    await ann.flush();
    bob.publish("orders.new", "of bob");
    const seen = async (messages: AsyncIterable<{ subject: string; reply?: string; string(): string }>) => {
      const lines: string[] = [];
      for await (const message of messages) lines.push(`${message.subject} ${message.reply ?? ""} ${message.string()}`);
      return lines;
    };
    expect(await seen(annSees)).toEqual(["orders.new answers of ann"]);
    expect(await seen(bobSees)).toEqual(["orders.new  of bob"]);
    expect(await seen(all)).toEqual([
      "tenants.ann.orders.new tenants.ann.answers of ann",
      "tenants.bob.orders.new  of bob",
    ]);
  });

  it("passes requests, queue groups, headers and errors", async () => {
    const [, proxy] = await setUp();
    const [ann, bob] = [await client(proxy.port, "ann"), await client(proxy.port, "bob")];
    bob.subscribe("stock.*", { callback: (_, message) => void message.respond("of bob") });
    ann.subscribe("stock.*", {
      queue: "desk",
      callback: (_, message) => void message.respond(message.headers?.get("Kind"), { headers: message.headers! }),
    });
    await Promise.all([ann.flush(), bob.flush()]);
    const given = headers();
    given.set("Kind", "fruit");
    const answer = await ann.request("stock.apple", "", { timeout: 5000, headers: given });
    expect([answer.string(), answer.headers?.get("Kind")]).toEqual(["fruit", "fruit"]);
    // There is no responder and no JetStream.
    await expect(ann.request("nobody")).rejects.toThrow("no responders");
    expect(ann.info).toMatchObject({ jetstream: false });
    // The subject of an error is the one that the client knows.
    const errors = (async () => {
      for await (const status of bob.status()) if (status.type === "error") return status.error.message;
      return undefined;
    })();
    bob.publish("closed", "");
    expect(await errors).toMatch(/violation for publish to "closed"/i);
  });

  it("passes messages of 32 MB, with bounded memory", async () => {
    const [, proxy] = await setUp("max_payload: 64MB, max_pending: 512MB");
    const ann = await client(proxy.port, "ann");
    expect(ann.info?.max_payload).toBe(64 * MEGABYTE);
    const received = ann.subscribe("pictures", { max: 4 });
    await ann.flush();
    const picture = new Uint8Array(32 * MEGABYTE).fill(0x61);
    let bytes = 0;
    const all = (async () => {
      for await (const message of received) bytes += message.data.length;
    })();
    for (let i = 0; i < 4; i++) {
      ann.publish("pictures", picture);
      await ann.flush();
    }
    await all;
    expect(bytes).toBe(128 * MEGABYTE);
    expect(peakMemory(proxy.child)).toBeLessThan(150 * MEGABYTE);
  });

  it("stops reading from the server while a client does not read", async () => {
    const [, proxy] = await setUp("max_pending: 512MB");
    const slow = createConnection(proxy.port);
    slow.write('CONNECT {"user":"ann","pass":"secret","verbose":false}\r\nSUB pictures 1\r\nPING\r\n');
    let text = "";
    while (!text.includes("PONG\r\n")) text += String((await once(slow, "data"))[0]);
    slow.pause();
    const ann = await client(proxy.port, "ann");
    for (let i = 0; i < 120; i++) {
      ann.publish("pictures", new Uint8Array(MEGABYTE));
      await ann.flush();
    }
    expect(peakMemory(proxy.child)).toBeLessThan(150 * MEGABYTE);
    const scanner = new PartScanner(serverFrames);
    let bytes = 0;
    slow.on("data", (chunk: Buffer) => {
      scanner.push(chunk);
      for (let kind = scanner.next(); kind !== 0; kind = scanner.next()) bytes += scanner.size;
      if (bytes === 120 * MEGABYTE) slow.end();
    });
    slow.resume();
    await once(slow, "close");
    expect(bytes).toBe(120 * MEGABYTE);
  });

  it.each([
    ["garbage", "GET / HTTP/1.1\r\n", "Unknown Protocol Operation"],
    ["a verb before CONNECT", "PING\r\n", "Authorization Violation"],
    ["a user that is two tokens", 'CONNECT {"user":"ann.x"}\r\n', "Authorization Violation"],
    [
      "a second CONNECT",
      'CONNECT {"user":"ann","pass":"secret"}\r\nCONNECT {"user":"bob"}\r\n',
      "Authorization Violation",
    ],
    ["a payload above max_payload", 'CONNECT {"user":"ann"}\r\nPUB a 2000000\r\n', "Maximum Payload Violation"],
    [
      "a line with no room for the prefix",
      `CONNECT {"user":"ann"}\r\nPUB ${"a".repeat(4095)} 1\r\n`,
      "maximum control line exceeded",
    ],
    ["a CR in a subject", 'CONNECT {"user":"ann"}\r\nSUB a\rtenants.bob.> 1\r\n', "Invalid Subject"],
    ["a CR in a sid", 'CONNECT {"user":"ann"}\r\nUNSUB 1\r2\r\n', "Invalid Sid"],
  ])("answers %s with an error, and closes", async (_, bytes, text) => {
    const [, proxy] = await setUp();
    const socket = createConnection(proxy.port);
    await once(socket, "data");
    socket.write(bytes);
    expect(await received(socket)).toMatch(new RegExp(`-ERR '${text}'\r\n$`));
    expect(await proxy.next()).toContain("closes a connection: ");
  });
});

describe("metrics.mjs", () => {
  it("counts messages and bytes by prefix, and passes everything on", async () => {
    const real = await server("max_payload: 8MB");
    const proxy = await start("metrics.mjs", ["0", String(real.port), "0", "orders.", "stock."]);
    const scrape = async (): Promise<string> => (await fetch(/http:\S+/.exec(proxy.line)![0])).text();
    const ann = await connect({ servers: `nats://127.0.0.1:${proxy.port}` });
    const orders = ann.subscribe("orders.>", { max: 2 });
    ann.publish("orders.new", "apple");
    ann.publish("orders.eu.new", new Uint8Array(4 * MEGABYTE));
    ann.publish("elsewhere", "1234", { headers: { a: "b" } });
    const sizes: number[] = [];
    for await (const { payload } of orders) sizes.push(payload.length);
    expect(sizes).toEqual([5, 4 * MEGABYTE]);
    await ann.flush();
    // A raw client with a sid that is not a number, and one that is no NATS client.
    const raw = createConnection(proxy.port);
    raw.write("CONNECT {}\r\nSUB stock.* x\r\nPUB stock.a 2\r\nhi\r\n");
    let text = "";
    while (!text.includes("hi\r\n")) text += String((await once(raw, "data"))[0]);
    const other = createConnection(proxy.port);
    other.write("GET / HTTP/1.1\r\n");
    expect(await received(other)).toContain("-ERR 'Unknown Protocol Operation'");
    const report = await scrape();
    for (const line of [
      "nats_connections 2",
      "nats_unreadable_streams_total 1",
      'nats_messages_total{direction="published",prefix="orders."} 2',
      `nats_bytes_total{direction="published",prefix="orders."} ${4 * MEGABYTE + 5}`,
      'nats_messages_total{direction="published",prefix="other"} 1',
      'nats_bytes_total{direction="published",prefix="other"} 22',
      'nats_messages_total{direction="delivered",prefix="orders."} 2',
      `nats_bytes_total{direction="delivered",prefix="orders."} ${4 * MEGABYTE + 5}`,
      'nats_messages_total{direction="delivered",prefix="stock."} 1',
    ])
      expect(report.split("\n")).toContain(line);
    raw.destroy();
    await ann.close();
  });
});

describe(`trusted-proxy.mjs at nats-server ${natsServerVersion()}`, () => {
  const key = nkeys.createUser();
  const SEED = new TextDecoder().decode(key.getSeed());
  const [major = 0, minor = 0] = natsServerVersion().split(".").map(Number);
  const isKnown = major > 2 || minor >= 12;
  const proxies = isKnown ? `proxies { trusted = [ { key: ${key.getPublicKey()} } ] }` : "";
  const required = isKnown ? ", proxy_required: true" : "";
  const config = `${proxies}\nauthorization { users: [{ user: ann, password: secret${required} }] }`;

  it(isKnown ? "accepts a user who must connect through it" : "refuses a server without trusted proxies", async () => {
    const real = await server(config);
    const proxy = await start("trusted-proxy.mjs", ["0", String(real.port)], { SEED });
    if (!isKnown) {
      await expect(client(proxy.port, "ann")).rejects.toThrow();
      expect(await proxy.next()).toBe("closes a connection: the server trusts no proxies");
      return;
    }
    await expect(client(real.port, "ann")).rejects.toThrow(/authorization violation/i);
    const ann = await client(proxy.port, "ann");
    ann.subscribe("a", { callback: (_, message) => void message.respond("b") });
    expect((await ann.request("a")).string()).toBe("b");
    // Another key is not trusted.
    const other = await start("trusted-proxy.mjs", ["0", String(real.port)], {
      SEED: new TextDecoder().decode(nkeys.createUser().getSeed()),
    });
    await expect(client(other.port, "ann")).rejects.toThrow(/authorization violation/i);
  });
});
