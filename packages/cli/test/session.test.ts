// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, headers } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { CliProcess, runCli } from "./cli-process.ts";

const SECRET = "s3cret-word";
const PAYLOAD = Uint8Array.from([0, 255, 13, 10, 128]);

// One session of the official client with a real nats-server, through the tap.
const folder = mkdtempSync(join(tmpdir(), "natswire-cli-"));
const recording = join(folder, "session.jsonl");
let server: RealServer;
let tap: CliProcess;
let code: number | null;

beforeAll(async () => {
  server = await startNatsServer(`authorization { users: [{ user: ann, password: "${SECRET}" }] }`);
  const upstream = `nats://ann:${SECRET}@127.0.0.1:${server.port}`;
  tap = new CliProcess("tap", "--listen", "0", "--upstream", upstream, "--record", recording);
  const client = await connect({ servers: `127.0.0.1:${await tap.port()}`, user: "ann", pass: SECRET });
  client.subscribe("orders.*", { callback: (_, m) => void m.respond("taken") });
  const kind = headers();
  kind.set("Kind", "new");
  await client.request("orders.new", "apple", { headers: kind, timeout: 2000 });
  client.publish("bytes", PAYLOAD);
  await client.drain();
  await tap.waitFor(/\(closed\)/);
  code = await tap.interrupt();
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Returns the lines without time and connection, with one name for all inboxes. */
const lines = (output: string): string[] =>
  output
    .trim()
    .split("\n")
    .map((line) =>
      line
        .replace(/^ *[\d.]+ 1 /, "")
        .replace(/[\d.]+ ms$/, "N ms")
        .replaceAll(/_INBOX\.\w+(\.[\w*]+)?/g, "_INBOX"),
    );

describe("a session of nats.js with nats-server", () => {
  it("is printed by tap", () => {
    const seen = lines(tap.output);
    expect(seen[0]).toMatch(/^-- \(opened by 127\.0\.0\.1:\d+\)$/);
    expect(seen[1]).toMatch(/^<- INFO \{"server_id":/);
    expect(seen[2]).toMatch(/^-> CONNECT \{.*"user":"ann","pass":"\*\*\*"/);
    expect(seen).toEqual(
      expect.arrayContaining([
        "-> SUB orders.* 1",
        "-> HPUB orders.new _INBOX 23 28 | Kind: new | apple",
        "<- HMSG orders.new 1 _INBOX 23 28 | Kind: new | apple",
        "-> PUB _INBOX 5 | taken # answers orders.new, N ms",
        "<- MSG _INBOX 2 5 | taken # answers orders.new, N ms",
        "-> PUB bytes 5 | 0x00ff0d0a80",
        "-> UNSUB 1",
        "<- PONG",
      ]),
    );
    expect(seen.at(-1)).toBe("-- (closed)");
  });

  it("is summed up by tap on ctrl+c", () => {
    expect(code).toBe(0);
    expect(tap.errors).toMatch(
      /^connection 1: -> \d+ frames, \d+ bytes \(CONNECT 1, .*HPUB 1.*\); <- \d+ frames, \d+ bytes \(INFO 1, .*\); 0 errors; 2 requests answered, p50 .* ms, p99 .* ms; from 127\.0\.0\.1:\d+$/m,
    );
  });

  it("is recorded and printed without the password", () => {
    const record = readFileSync(recording, "utf8");
    expect(record).toContain('\\"pass\\":\\"***\\"');
    expect(statSync(recording).mode & 0o777).toBe(0o600);
    for (const written of [tap.output, tap.errors, record]) expect(written).not.toContain(SECRET);
  });

  it("is printed by decode as tap printed it", async () => {
    const { code, output } = await runCli(["decode", recording]);
    expect(code).toBe(0);
    expect(output).toBe(tap.output);
  });

  it("is recorded with the exact bytes of payloads", async () => {
    const { output } = await runCli(["decode", recording, "--json", "--subject", "byte*s", "--subject", "bytes"]);
    const [frame, ...more] = output.trim().split("\n");
    expect(more).toEqual([]);
    const { verb, payload_base64 } = JSON.parse(frame!);
    expect(verb).toBe("PUB");
    expect(Buffer.from(payload_base64, "base64")).toEqual(Buffer.from(PAYLOAD));
  });

  it("is played again with the same answers", async () => {
    const to = `nats://ann:${SECRET}@127.0.0.1:${server.port}`;
    expect(await runCli(["play", recording, "--to", to])).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^sent \d+ lines, received \d+ as expected\n$/),
      errors: "",
    });
  });

  it("is not played again without the password; a hint says so", async () => {
    const { code, output, errors } = await runCli(["play", recording, "--to", `127.0.0.1:${server.port}`]);
    expect(code).toBe(1);
    expect(output).toContain("- 1 <- [-PONG-]\n+ 1 <- {+-ERR 'Authorization Violation'+}\n");
    expect(output).toMatch(/session\.jsonl:\d+: the server sent something else\n/);
    expect(errors).toMatch(/session\.jsonl: \d+ of \d+ answers match\n/);
    expect(errors).toContain("the recording hides credentials: give them with --to nats://name:password@host:port\n");
  });
});
