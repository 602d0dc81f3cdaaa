// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Connection, connect } from "@natswire/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { freePort } from "../../../tools/testkit/free-port.ts";
import { type RealServer, startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { Latencies } from "../src/measure/latencies.ts";
import { CliProcess, main, RunningCommands, runCli } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "natswire-bench-"));
let server: RealServer;
let client: Connection;
const running = new RunningCommands();

beforeAll(async () => {
  server = await startNatsServer(
    "no_auth_user: a\nauthorization { users: [{ user: a, password: a, permissions: { publish: { deny: denied }, subscribe: { deny: hidden } } }] }",
  );
  client = await connect({ port: server.port });
});
beforeEach(() => {
  vi.stubEnv("NATS_URL", `127.0.0.1:${server.port}`);
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

const RATES = String.raw`[\d,]+ messages/s, [\d.]+ MB/s`;

describe("natswire bench", () => {
  it("counts what pub has sent and sub has received", async () => {
    const sub = await running.start("bench", "sub", "b.*", "--clients", "2", "--msgs", "1001", "--json");
    const csv = join(folder, "pub.csv");
    const pub = await runCli(["bench", "pub", "b.x", "--clients", "2", "--msgs", "1001", "--size", "16", "--csv", csv]);
    expect(pub).toMatchObject({ code: 0, errors: "" });
    expect(pub.output).toMatch(
      new RegExp(
        `^published 1,001 messages in [\\d.]+ s: ${RATES}\nclient 1: 501 messages, ${RATES}\nclient 2: 500 messages, ${RATES}\n$`,
      ),
    );
    expect(await sub.ended()).toBe(0);
    expect(JSON.parse(sub.output)).toEqual({
      ...{ bench: "sub", subject: "b.*", clients: 2, messages: 2002, bytes: 2002 * 16 },
      ...{ seconds: expect.any(Number), messages_per_second: expect.any(Number), bytes_per_second: expect.any(Number) },
      each: [expect.objectContaining({ messages: 1001 }), expect.objectContaining({ messages: 1001 })],
    });
    const [names, ...rows] = readFileSync(csv, "utf8").trim().split("\n");
    expect(names).toMatch(/^bench,subject,client,messages,bytes,seconds,/);
    expect(rows.map((row) => row.split(",").slice(0, 5).join())).toEqual([
      'pub,"b.x",1,501,8016',
      'pub,"b.x",2,500,8000',
      'pub,"b.x",all,1001,16016',
    ]);
  });

  it("measures latencies of requests and draws them", async () => {
    const reply = await running.start("bench", "reply", "r", "--size", "4");
    const req = await runCli(["bench", "req", "r", "--clients", "2", "--msgs", "200"]);
    expect(req.code).toBe(0);
    const [first, , , summary, empty, ...bars] = req.output.trimEnd().split("\n");
    expect(first).toMatch(new RegExp(`^requested 200 messages in [\\d.]+ s: ${RATES}$`));
    expect(summary).toMatch(
      /^min [\d.]+ ms, avg [\d.]+ ms, p50 [\d.]+ ms, p90 [\d.]+ ms, p99 [\d.]+ ms, max [\d.]+ ms$/,
    );
    expect(empty).toBe("");
    expect(bars.some((bar) => /^ +≤ +[\d.]+ ms █{40} +\d+$/.test(bar))).toBe(true);
    expect(bars.reduce((sum, bar) => sum + Number(/\d+$/.exec(bar)?.[0]), 0)).toBe(200);
    expect((await client.request("r")).payload.length).toBe(4);
    expect(await reply.interrupt()).toBe(0);
    expect(reply.output).toMatch(/^answered 201 messages in /);
  });

  it("ends after --msgs, --duration or ctrl+c, with what was measured", async () => {
    const reply = await running.start("bench", "reply", "limited", "--msgs", "20", "--sleep", "1ms");
    expect((await runCli(["bench", "req", "limited", "--msgs", "20", "--json"])).code).toBe(0);
    expect(await reply.ended()).toBe(0);
    expect(reply.output).toMatch(/^answered 20 messages in /);
    const timed = ["bench", "pub", "timed", "--sleep", "5ms", "--json"];
    const short = JSON.parse((await runCli([...timed, "--duration", "100ms"])).output);
    expect(short.messages).toBeGreaterThan(0);
    expect(short.seconds).toBeGreaterThan(0.09);
    const third = client.subscribe("timed", { max: 3, callback() {} });
    const long = new CliProcess(...timed);
    await third.closed;
    expect(await long.interrupt()).toBe(0);
    expect(JSON.parse(long.output).messages).toBeGreaterThanOrEqual(3);
  });

  it("prints its progress to a terminal, and clears it", async () => {
    const terminal = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    const command = [process.execPath, main, "bench", "pub", "progress", "--msgs", "20", "--sleep", "30ms"];
    const { stdout } = await promisify(execFile)("python3", ["-c", terminal, ...command]);
    expect(stdout.replaceAll("\x1b", "␛")).toMatch(
      /^(\r␛\[K\d+ % {2}\d+ messages {2}\d+ messages\/s, 0\.0 MB\/s)+\r␛\[Kpublished 20 messages in /,
    );
  });

  it("exits with 1 if it is denied, or without a server or responder", async () => {
    const [denied, hidden, away, none] = await Promise.all([
      runCli(["bench", "pub", "denied", "--sleep", "1ms"]),
      runCli(["bench", "sub", "hidden"]),
      runCli(["bench", "sub", "a", "-s", `127.0.0.1:${await freePort()}`]),
      runCli(["bench", "req", "unanswered"]),
    ]);
    expect(denied).toMatchObject({
      code: 1,
      output: "",
      errors: 'PERMISSION: the server denies publishing to "denied"\n',
    });
    expect(hidden).toMatchObject({
      code: 1,
      output: "",
      errors: 'PERMISSION: the server denies subscribing to "hidden"\n',
    });
    expect(away).toMatchObject({ code: 1, output: "", errors: expect.stringMatching(/^REFUSED: /) });
    expect(none).toEqual({ code: 1, output: "", errors: 'NO_RESPONDERS: no subscriber on "unanswered"\n' });
    const csv = await runCli(["bench", "pub", "a", "--msgs", "1", "--csv", join(folder, "none", "pub.csv")]);
    expect(csv).toMatchObject({ code: 1, errors: expect.stringMatching(/pub\.csv: no such file \(ENOENT\)\n$/) });
  });
});

describe("natswire rtt", () => {
  it("prints the round-trip time to each server", async () => {
    const { code, output } = await runCli(["rtt", "--count", "3"]);
    expect(code).toBe(0);
    expect(output).toMatch(/^127\.0\.0\.1:\d+: min [\d.]+ ms, avg [\d.]+ ms, p50 [\d.]+ ms, max [\d.]+ ms\n$/);
  });

  it("exits with 1 if one server is away, after the others", async () => {
    const servers = `nats://ann:s3cret@127.0.0.1:${await freePort()},127.0.0.1:${server.port}`;
    const { code, output, errors } = await runCli(["rtt", "--json", "--server", servers]);
    const [away, there] = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(code).toBe(1);
    expect(away).toEqual({
      server: expect.stringMatching(/^nats:\/\/\*\*\*@127/),
      error: expect.stringMatching(/^REFUSED: /),
    });
    expect(there).toMatchObject({ count: 5, min: expect.any(Number), p50: expect.any(Number) });
    expect(errors).toBe(`${away.error}\n`);
  });
});

describe("Latencies", () => {
  it("has percentiles that are at most 1.1 % too high", () => {
    const latencies = new Latencies();
    for (let i = 1; i <= 1000; i++) latencies.record(i / 10);
    const { p50 = 0, p99 = 0, ...exact } = latencies.summary(50, 99);
    expect(exact).toEqual({ min: 0.1, avg: 50.05, max: 100 });
    expect([p50 / 50, p99 / 99].every((ratio) => ratio >= 1 && ratio <= 1.011)).toBe(true);
  });

  it.each([[[0.2]], [[0, 0.0004, 1e9]], [[1, 1.5, 2, 4, 8, 100]]])("has ranges that hold all of %s", (values) => {
    const latencies = new Latencies();
    for (const value of values) latencies.record(value);
    const ranges = latencies.ranges(16);
    expect(ranges.length).toBeLessThanOrEqual(16);
    expect(ranges.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
  });
});
