// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect, type Message, serve } from "@natswire/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { freePort } from "../../../tools/testkit/free-port.ts";
import { type RealServer, startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { CliProcess, RunningCommands, runCli } from "./cli-process.ts";

const SECRET = "s3cret-word";
const BYTES = Uint8Array.from([0, 255, 13, 10, 128]);
const permissions = 'permissions: { publish: { deny: "denied.>" }, subscribe: { deny: "hidden.>" } }';
const config = `authorization { users: [{ user: ann, password: "${SECRET}", ${permissions} }] }`;

const folder = mkdtempSync(join(tmpdir(), "natswire-messages-"));
let server: RealServer;
let client: Connection;
const running = new RunningCommands();

beforeAll(async () => {
  server = await startJetStreamServer(config);
  client = await connect({ port: server.port, user: "ann", pass: SECRET });
  const stream = { name: "ORDERS", subjects: ["stored.*"], storage: "memory" };
  await client.request("$JS.API.STREAM.CREATE.ORDERS", JSON.stringify(stream), { timeout: 5000 });
});
beforeEach(() => {
  vi.stubEnv("NATS_URL", `nats://ann:${SECRET}@127.0.0.1:${server.port}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await running.interrupt();
});
afterAll(async () => {
  await client.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Collects the messages of a subject while a function runs. */
async function published(subject: string, run: () => Promise<unknown>): Promise<readonly Message[]> {
  const messages: Message[] = [];
  const subscription = client.subscribe(subject, (message) => messages.push(message));
  await client.flush();
  await run();
  await client.flush();
  subscription.unsubscribe();
  return messages;
}

describe("natswire pub", () => {
  it.each<[string, readonly string[], string | Uint8Array, readonly (string | Uint8Array)[]]>([
    ["an argument", ["äpfel ✓"], "", ["äpfel ✓"]],
    ["an empty argument", [""], "unread", [""]],
    ["stdin without a body", [], BYTES, [BYTES]],
    ["stdin for -", ["-"], "apple\n", ["apple\n"]],
    ["an empty stdin", [], "", [""]],
    ["a file", ["--file", join(folder, "bytes")], "unread", [BYTES]],
    ["each line of stdin", ["--send-on", "newline"], "a\r\n\nb {{Count}}", ["a", "", "b {{Count}}"]],
    ["numbered bodies", ["n {{ Count }} {{Other}}", "--count", "2"], "", ["n 1 {{Other}}", "n 2 {{Other}}"]],
    ["a body as it is", ["{{Count}}", "--no-templates"], "", ["{{Count}}"]],
  ])("publishes %s", async (_, args, input, bodies) => {
    writeFileSync(join(folder, "bytes"), BYTES);
    const messages = await published("pub.body", async () => {
      expect(await runCli(["pub", "pub.body", ...args], input)).toMatchObject({ code: 0, output: "" });
    });
    expect(messages.map(({ payload }) => Buffer.from(payload))).toEqual(bodies.map((body) => Buffer.from(body)));
  });

  it("publishes headers, a reply subject and a subject from a template", async () => {
    const options = ["-H", "Kind: new:er", "-H", "Kind:old ", "-H", "Id: {{Count}}-{{ID}}", "--reply", "answers"];
    const [message] = await published("pub.*.x", async () => {
      const { errors } = await runCli(["publish", "pub.{{Count}}.x", "apple", ...options]);
      expect(errors).toBe("published 1 message to pub.{{Count}}.x, 5 bytes\n");
    });
    expect(message).toMatchObject({ subject: "pub.1.x", reply: "answers" });
    const [, , id] = [...(message?.headers ?? [])];
    expect([...(message?.headers ?? [])]).toEqual([["Kind", "new:er"], ["Kind", "old"], id]);
    expect(id?.[1]).toMatch(/^1-[0-9a-f]{32}$/);
  });

  it("waits until a stream has stored the message (--jetstream)", async () => {
    const options = ["--jetstream", "-H", "Nats-Msg-Id: 1"];
    const first = await runCli(["pub", "stored.new", "apple", ...options]);
    expect(first).toMatchObject({ code: 0, output: "stored in ORDERS, sequence 1\n" });
    const again = await runCli(["pub", "stored.new", "apple", ...options]);
    expect(again.output).toBe("stored in ORDERS, sequence 1, a duplicate\n");
    expect(await runCli(["pub", "elsewhere", "apple", "-J"])).toMatchObject({
      code: 1,
      errors: 'NO_RESPONDERS: no stream stores messages of "elsewhere"\n',
    });
    const wrong = await runCli(["pub", "stored.new", "apple", "-J", "-H", "Nats-Expected-Last-Sequence: 7"]);
    expect(wrong).toMatchObject({ code: 1, errors: "not stored: wrong last sequence: 1, code 400\n" });
  });

  it.each<[string, readonly string[], RegExp]>([
    ["the server denies the subject", ["denied.x", "a"], /^PERMISSION: the server denies publishing to "denied\.x"\n$/],
    [
      "the body is too large",
      ["pub.large", "--file", join(folder, "large")],
      /^payload of 2000000 bytes for "pub\.large"/,
    ],
    ["the file is missing", ["pub.x", "--file", join(folder, "none")], /none: no such file \(ENOENT\)\n$/],
    [
      "no server is listening",
      ["pub.x", "a", "-s", "127.0.0.1:1"],
      /^REFUSED: .*127\.0\.0\.1:1.*no server is listening/,
    ],
    ["the file of the CA is missing", ["pub.x", "a", "--tlsca", "/nowhere"], /^cannot read \/nowhere: no such file/],
  ])("exits with 1 if %s", async (_, args, message) => {
    writeFileSync(join(folder, "large"), new Uint8Array(2_000_000));
    const { code, errors } = await runCli(["pub", ...args]);
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(message) });
  });

  it("exits with 1 if stdin is longer than the server accepts", async () => {
    const { code, errors } = await runCli(["pub", "pub.large"], new Uint8Array(2_000_000));
    expect({ code, errors }).toEqual({
      code: 1,
      errors: "the body exceeds the server's max_payload of 1048576 bytes\n",
    });
  });

  it.each<[string, readonly string[], string]>([
    [
      "a wildcard",
      ["pub.*", "a"],
      "A subject has tokens between dots, without spaces; * and > are only for subscribers.",
    ],
    ["a header without a colon", ["pub.x", "a", "-H", "Kind"], 'Write "Name: value".'],
    [
      "a number as time",
      ["pub.x", "a", "--sleep", "5"],
      'It must be a time above 0 with its unit, such as "2s", not 5.',
    ],
    ["two bodies", ["pub.x", "a", "--file", "b"], "error: give either a body or --file"],
    ["two reply subjects", ["pub.x", "a", "-J", "--reply", "b"], "error: --jetstream and --reply exclude each other"],
    ["lines of a file", ["pub.x", "--file", "b", "--send-on", "newline"], "--send-on newline reads stdin"],
    ["an unknown option", ["pub.x", "a", "--heder", "b"], "Did you mean --header?"],
    ["a malformed URL", ["pub.x", "a", "-s", `nats://ann:${SECRET}@/`], '"nats://***@/" is not a server URL'],
  ])("exits with 2 for %s", async (_, args, message) => {
    const { code, errors } = await runCli(["pub", ...args]);
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringContaining(message) });
    expect(errors).not.toContain(SECRET);
  });

  it("ends on ctrl+c and reports how many messages were published", async () => {
    let interrupted = 0;
    const third = client.subscribe("pub.many", { max: 3, callback() {} });
    const messages = await published("pub.many", async () => {
      const command = new CliProcess("pub", "pub.many", "a", "--count", "1000", "--sleep", "10ms");
      await third.closed;
      expect(await command.interrupt()).toBe(1);
      expect(command.errors).toMatch(/^interrupted after \d+ messages to pub\.many\n$/);
      interrupted = Number(/\d+/.exec(command.errors)?.[0]);
    });
    expect(messages).toHaveLength(interrupted);
  });
});

describe("natswire sub", () => {
  it("prints each message on one line, without control characters", async () => {
    const sub = await running.start("sub", "lines.*", "other", "--count", "4");
    client.publish("lines.a", "äpfel\n\x1b[2J", { reply: "answers", headers: { Kind: ["new", "old"] } });
    client.publish("other", BYTES);
    client.publish("lines.b", "");
    client.publish("lines.c", "x".repeat(500));
    client.publish("lines.d", "too late");
    expect(await sub.ended()).toBe(0);
    expect(sub.output.split("\n").toSorted()).toEqual(
      [
        "[#1] lines.a answers | Kind: new, Kind: old | äpfel␊␛[2J",
        "[#2] other | 0x00ff0d0a80",
        "[#3] lines.b",
        `[#4] lines.c | ${"x".repeat(500)}`,
        "",
      ].toSorted(),
    );
    expect(sub.errors).toBe("subscribed to lines.*, other; press ctrl+c to drain and exit\nreceived 4 messages\n");
  });

  it.each<[string, string]>([
    [
      "--json",
      '{"subject":"forms","reply":"r","headers":[["a","b"]],"payload":"x"}\n{"subject":"forms","payload_base64":"AP8NCoA="}\n',
    ],
    ["--raw", "x\n\0\xff\r\n\x80\n"],
    ["--headers-only", "[#1] forms r | a: b\n[#2] forms\n"],
  ])("prints messages as %s", async (option, expected) => {
    const file = join(folder, option);
    const sub = await running.start("sub", "forms", "--count", "2", option, `>${file}`);
    client.publish("forms", "x", { reply: "r", headers: { a: "b" } });
    client.publish("forms", BYTES);
    expect(await sub.ended()).toBe(0);
    expect(readFileSync(file, "latin1")).toBe(expected);
  });

  it("prints the time (--timestamp)", async () => {
    const subs = [
      await running.start("sub", "t", "--count", "1", "-t"),
      await running.start("sub", "t", "--count", "1", "-t", "--json"),
    ];
    client.publish("t", "x");
    expect(await Promise.all(subs.map((sub) => sub.ended()))).toEqual([0, 0]);
    expect(subs[0]?.output).toMatch(/^\[#1\] 20\S+Z t \| x\n$/);
    expect(subs[1]?.output).toMatch(/^\{"time":"20\S+Z","subject":"t","payload":"x"\}\n$/);
  });

  it("drains on ctrl+c and reports how many messages it received", async () => {
    const sub = await running.start("sub", "drain");
    client.publish("drain", "a");
    await sub.waitFor(/drain \| a/);
    expect(await sub.interrupt()).toBe(0);
    expect(sub.errors).toMatch(/\nreceived 1 message\n$/);
  });

  it("shares the messages of a queue group", async () => {
    const subs = await Promise.all([1, 2].map(() => running.start("sub", "shared", "--queue", "q", "--raw")));
    for (let i = 0; i < 100; i++) client.publish("shared", String(i));
    await client.flush();
    expect(await Promise.all(subs.map((sub) => sub.interrupt()))).toEqual([0, 0]);
    const lines = subs.flatMap(({ output }) => output.trim().split("\n"));
    expect(lines.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(subs.every(({ output }) => output !== "")).toBe(true);
  });

  it("exits with 1 if the server denies the subscription, reported once", async () => {
    const { code, errors } = await runCli(["sub", "hidden.x"]);
    expect({ code, errors }).toEqual({
      code: 1,
      errors: 'PERMISSION: the server denies subscribing to "hidden.x"\n',
    });
  });

  it("exits quietly if the reader of stdout is gone", async () => {
    const sub = await running.start("sub", "gone");
    running.release();
    sub.process.stdout?.destroy();
    client.publish("gone", "a");
    expect(await sub.ended()).toBe(0);
    expect(sub.errors).toBe("subscribed to gone; press ctrl+c to drain and exit\n");
  });

  it("exits with 1 if stdout cannot be written", async () => {
    const sub = await running.start("sub", "full", ">/dev/full");
    running.release();
    client.publish("full", "a");
    expect(await sub.ended()).toBe(1);
    expect(sub.errors).toMatch(/\ncannot write to stdout: no space left on device \(ENOSPC\)\n$/);
  });

  it("does not read more than it can print", async () => {
    const sub = await running.start("sub", "slow", "--raw");
    sub.process.stdout?.pause();
    const payload = "x".repeat(500_000);
    for (let i = 0; i < 100; i++) if (!client.publish("slow", payload)) await client.ready();
    await client.flush();
    const memory = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${sub.process.pid}/status`, "utf8"))?.[1];
    expect(Number(memory)).toBeLessThan(110_000);
    sub.process.stdout?.resume();
    sub.process.kill("SIGKILL");
    running.release();
  });

  it("connects again after a restart of the server", async () => {
    const port = await freePort();
    const first = await serve({ port });
    const sub = await running.start("sub", "again", "-s", `nats://127.0.0.1:${port}`);
    await first.close();
    const second = await serve({ port });
    await sub.waitFor(/^connected again to 127\.0\.0\.1:\d+$/m);
    while (second.stats.subscriptions === 0) await sleep(5);
    second.publish("again", "a");
    await sub.waitFor(/again \| a/);
    expect(sub.errors).toMatch(/\ndisconnected: LOST: 127\.0\.0\.1:\d+: /);
    await sub.interrupt();
    running.release();
    await second.close();
  });
});

describe("natswire req and reply", () => {
  it("send a request, and print the reply with its latency", async () => {
    const reply = await running.start("reply", "greet", "hello, {{Request}} {{Count}}", "-H", "Kind: {{Count}}");
    const first = await runCli(["req", "greet", "ann"]);
    expect(first).toMatchObject({ code: 0, output: "Kind: 1 | hello, ann 1\n" });
    expect(first.errors).toMatch(/^received after \d+\.\d+ ms\n$/);
    expect(await runCli(["request", "greet", "--raw"], "bob")).toMatchObject({ code: 0, output: "hello, bob 2\n" });
    const { output } = await runCli(["req", "greet", "eve", "--json"]);
    expect(JSON.parse(output)).toMatchObject({ headers: [["Kind", "3"]], payload: "hello, eve 3" });
    expect(await reply.interrupt()).toBe(0);
    expect(reply.output).toMatch(/^\[#1\] greet _INBOX\.\S+ \| ann\n\[#2\] .* \| bob\n\[#3\] .* \| eve\n$/);
    expect(reply.errors).toMatch(/\nanswered 3 of 3 requests\n$/);
  });

  it("echo bytes and headers, and end after --count", async () => {
    const reply = await running.start("reply", "echo.>", "--count", "2");
    const echo = await client.request("echo.a.b", BYTES, { headers: { a: "b" } });
    expect([Buffer.from(echo.payload), echo.headers?.get("a")]).toEqual([Buffer.from(BYTES), "b"]);
    client.publish("echo.a", "no reply subject");
    expect(await reply.ended()).toBe(0);
    expect(reply.errors).toMatch(/\n\[#2\] not answered: .*\nanswered 1 of 2 requests\n$/);
  });

  it("continue after a request that cannot be answered", async () => {
    const reply = await running.start("reply", "odd", "a{{Request}}", "-H", "Request: {{Request}}");
    client.publish("odd", "no reply subject");
    client.publish("odd", "a\nb", { reply: "answers" });
    expect((await client.request("odd", "good")).text()).toBe("agood");
    expect(await reply.interrupt()).toBe(0);
    expect(reply.errors).toMatch(/\n\[#1\] not answered: .*\n\[#2\] not answered: .*LF\nanswered 1 of 3 requests\n$/);
  });

  it("share the requests, unless the queue group is empty", async () => {
    await Promise.all([
      running.start("reply", "who", "one"),
      running.start("reply", "who", "one"),
      running.start("reply", "who", "all", "-q", ""),
    ]);
    const all = await runCli(["req", "who", "", "--replies", "0", "--timeout", "300ms", "--raw"]);
    expect({ code: all.code, output: all.output.split("\n").toSorted() }).toEqual({
      code: 0,
      output: ["", "all", "one"],
    });
    const both = await runCli(["req", "who", "", "--replies", "2"]);
    expect(both).toMatchObject({ code: 0, output: expect.stringMatching(/one/) });
    expect(await runCli(["req", "who", "", "--replies", "3", "--timeout", "300ms"])).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/\nTIMEOUT: 2 of 3 replies on "who" within 300 ms\n$/),
    });
    const quiet = await runCli(["req", "who", "", "--replies", "0", "--reply-timeout", "100ms"]);
    expect(quiet.output.split("\n")).toHaveLength(3);
  });

  it("exit with 1 if there is no responder, no reply or no permission", async () => {
    client.subscribe("silent", { callback() {} });
    await client.flush();
    const [none, late, denied, hidden] = await Promise.all([
      runCli(["req", "unanswered", "a"]),
      runCli(["req", "silent", "a", "--timeout", "200ms"]),
      runCli(["req", "denied.x", "a"]),
      runCli(["reply", "hidden.x", "a"]),
    ]);
    expect(none).toEqual({ code: 1, output: "", errors: 'NO_RESPONDERS: no subscriber on "unanswered"\n' });
    expect(late).toEqual({ code: 1, output: "", errors: 'TIMEOUT: no reply on "silent" within 200 ms\n' });
    expect(denied).toEqual({ code: 1, output: "", errors: 'PERMISSION: the server denies publishing to "denied.x"\n' });
    expect(hidden.code).toBe(1);
    expect(hidden.errors).toMatch(
      /^PERMISSION: the server denies subscribing to "hidden\.x" using queue "NATS-RPLY-22"\n$/,
    );
  });
});
