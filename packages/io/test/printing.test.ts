// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { runtime } from "../../../tools/testkit/runtimes.ts";
import { ConnectionError, type Message, userAuthorizer } from "../src/index.ts";
import { connect, network, serve } from "./network.ts";

/** Returns a message as a client receives it. */
async function received(payload: string | Uint8Array, block?: string): Promise<Message> {
  const client = await connect();
  const messages = client.subscribe("a.b");
  const headers = block === undefined ? undefined : new TextEncoder().encode(block);
  client.publish("a.b", payload, { headers });
  return messages.next();
}

// In one line, without commas.
const printed = `
  Message { subject: "a" headers: { Accept: [ "x" "y" ] } text: "hi\\x1b[31m" size: 7 }
  [ MsgHeaders { Kind: "new" } ]
  Subscription { subject: "a" queue: "q" sid: 1 received: 1 dropped: 0 pending: 0 }
  ServerSubscription { subject: "a" received: 1 dropped: 0 }
  Connection { name: "demo" server: "127.0.0.1:1" isConnected: true isDraining: false isClosed: false subscriptions: 1 stats: {
    published: 1 confirmed: 1 unknown: 0 dropped: 0 inFlight: 0 buffered: 0 received: 1 unmatched: 0 errors: 0 unexpectedPongs: 0
    bytesSent: … bytesReceived: … reconnects: 0 } }
  Server { url: "nats://127.0.0.1:1" connections: 1 stats: { connections: 1 opened: 1 subscriptions: 2
    published: 1 publishedBytes: 41 delivered: 2 deliveredBytes: 82 slow: 0 } }
  [ ServerConnection { id: 1 connected: true name: "demo" account: "$G" subscriptions: 1 published: 1 delivered: 1 pending: 0 } ]
  Cluster { url: "nats://127.0.0.1:2" connections: 0 servers: [
    ClusterServer { url: "nats://127.0.0.1:2" isRunning: true connections: 0 }
    ClusterServer { url: "nats://127.0.0.1:3" isRunning: false connections: 0 } ]
    stats: { connections: 0 opened: 0 subscriptions: 0 published: 0 publishedBytes: 0 delivered: 0 deliveredBytes: 0 slow: 0 } }
`
  .replace(/\s+/g, " ")
  .trim();

const json = (of: unknown): unknown => JSON.parse(JSON.stringify(of));
const bytes = Uint8Array.from({ length: 64 }, (_, i) => 255 - i);

describe("a message as JSON", () => {
  it.each<[string, string | Uint8Array, string | undefined, object]>([
    ["text", "hé", undefined, { text: "hé" }],
    ["no payload", "", undefined, { text: "" }],
    ["a byte order mark", "\ufeffa", undefined, { text: "\ufeffa" }],
    ["U+FFFD", "\ufffd", undefined, { text: "\ufffd" }],
    ["bytes", bytes, undefined, { base64: Buffer.from(bytes).toString("base64") }],
    ["an incomplete character", Uint8Array.of(0xf0, 0x9f, 0x98), undefined, { base64: "8J+Y" }],
    ["headers", "", "NATS/1.0\r\nA: 1\r\nB: 2\r\nA: 3\r\n\r\n", { text: "", headers: { A: ["1", "3"], B: "2" } }],
    ["a status", "", "NATS/1.0 503 None\r\n\r\n", { text: "", status: 503, description: "None", headers: {} }],
    ["a broken header line", "", "NATS/1.0\r\nodd\r\nA: 1\r\n\r\n", { text: "", headers: { A: "1" } }],
  ])("has subject and payload: %s", async (_, payload, block, more) => {
    const message = await received(payload, block);
    for (const shown of [json(message), message.toJSON()]) expect(shown).toStrictEqual({ subject: "a.b", ...more });
  });

  it("has its fields in a stable order, and the reply subject", async () => {
    const client = await connect();
    const messages = client.subscribe("a");
    client.publish("a", "b", { reply: "c", headers: { d: "e" } });
    const text = '{"subject":"a","reply":"c","headers":{"d":"e"},"text":"b"}';
    expect(JSON.stringify(await messages.next())).toBe(text);
    const local = network.server.subscribe("a");
    network.server.publish("a", "b", { reply: "c", headers: [["d", "e"]] });
    expect(JSON.stringify(await local.next())).toBe(text);
  });
});

describe("a message as console.log shows it", () => {
  it.each<[string, string | Uint8Array, object]>([
    ["text", "hello", { text: "hello", size: 5 }],
    ["a text of 200 characters", "é".repeat(200), { text: "é".repeat(200), size: 400 }],
    ["a longer text, cut", "x".repeat(201), { text: `${"x".repeat(200)}…`, size: 201 }],
    ["16 bytes", bytes.subarray(0, 16), { bytes: "ff fe fd fc fb fa f9 f8 f7 f6 f5 f4 f3 f2 f1 f0", size: 16 }],
    ["17 bytes", bytes.subarray(0, 17), { bytes: "ff fe fd fc fb fa f9 f8 f7 f6 f5 f4 f3 f2 f1 f0 …", size: 17 }],
  ])("has subject, payload and size: %s", async (_, payload, shown) => {
    const message = await received(payload);
    expect(inspect(message)).toBe(inspect({ subject: "a.b", ...shown }).replace("{", "Message {"));
  });
});

it("Template strings show the objects in one line", async () => {
  const message = await received("hi\n", "NATS/1.0\r\nA: 1\r\n\r\n");
  expect(`${message}`).toBe('Message {"subject":"a.b","headers":{"A":"1"},"text":"hi\\n","size":3}');
  expect(`${message.headers}`).toBe('MsgHeaders {"A":"1"}');
  const cut = `Message {"subject":"a.b","text":"${"x".repeat(200)}…","size":300}`;
  expect(`${await received("x".repeat(300))}`).toBe(cut);
  const client = await connect({ name: "demo" });
  expect(`${client.subscribe("a")}`).toBe('Subscription {"subject":"a","sid":1,"received":0,"dropped":0,"pending":0}');
  expect(`${client}`).toMatch(/^Connection \{"name":"demo","server":"127.*"reconnects":0\}\}$/);
});

it("An error shows its message in JSON, too", () => {
  expect(json(new ConnectionError("TIMEOUT", "no reply"))).toEqual({
    name: "ConnectionError",
    code: "TIMEOUT",
    message: "TIMEOUT: no reply",
  });
});

it("A connection and a server show no credentials", async () => {
  const server = await serve({ authorize: userAuthorizer([{ user: "ann", password: "s3cret" }]) });
  const client = await connect({ servers: server.url.replace("//", "//ann:s3cret@"), name: "demo" });
  const shown = [client, server, server.connections, client.subscribe("a"), server.subscribe("a")];
  for (const text of [inspect(shown, { depth: 9 }), JSON.stringify(shown)]) {
    expect(text).toContain("demo");
    expect(text).not.toMatch(/ann|s3cret/);
  }
});

it("A connection that has ended shows its state", async () => {
  const client = await connect();
  const [accepted] = network.server.connections;
  await client.close();
  expect(json(client)).toMatchObject({ isConnected: false, isClosed: true, stats: { published: 0 } });
  expect(json(client)).not.toHaveProperty("server");
  expect(json(accepted)).toEqual({ id: 1, connected: false });
});

it.each(["node24", "deno", "bun"] as const)("console.log shows each object by its public name in %s", async (name) => {
  const [program = "", ...options] = runtime(name).command;
  const file = fileURLToPath(new URL("printing.program.ts", import.meta.url));
  const args = [...options, "--conditions=@natswire/source", file];
  const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, NO_COLOR: "1" } });
  // Bun writes each element on a line, with a comma after the last, and U+001B in another way.
  const text = stdout.replaceAll("\\u001B", "\\x1b").replaceAll("\\x1B", "\\x1b").replaceAll("'", '"');
  const shown = text.replace(/,?\s+/g, " ").replace(/(bytes\w+:) \d+/g, "$1 …");
  expect(shown.trim()).toBe(printed);
});
