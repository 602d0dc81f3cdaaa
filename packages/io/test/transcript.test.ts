// SPDX-License-Identifier: Apache-2.0
import { beforeEach, expect, it } from "vitest";
import { pipe, type Server, serveWith, VirtualClock } from "../src/index.ts";
import { PipeClient } from "./pipe-client.ts";

const quiet = 'CONNECT {"verbose":false,"pass":"s3cret"}\r\n';

let server: Server;
let connect: () => PipeClient;

beforeEach(async () => {
  const { dial, listen } = pipe();
  server = await serveWith(listen, { clock: new VirtualClock(), record: true });
  connect = () => new PipeClient(dial, server.port);
});

it("a transcript finds expected frames one after the other", async () => {
  const client = connect();
  await client.exchange(`${quiet}SUB foo.* 90\r\nPUB foo.bar 5\r\nhello\r\nPING\r\n`);
  const { transcript } = server;
  await transcript.expect({ op: "info", info: { proto: 1 } }, { from: "server" });
  await transcript.expect({ op: "connect", options: { verbose: false } });
  await transcript.expect({ op: "sub", subject: "foo.*", queue: undefined, sid: "90" });
  const entry = await transcript.expect({ op: "msg", payload: "hello" }, { connection: 1 });
  expect(entry).toMatchObject({ connection: 1, from: "server", frame: { subject: "foo.bar", sid: "90" } });
  await transcript.expect({ op: "pong" });
  await expect(transcript.expect({ op: "msg" }, { timeout: 0 })).rejects.toThrow("nothing");
});

it("a transcript compares payloads as bytes", async () => {
  await connect().exchange("PUB foo 3\r\nabc\r\nPUB foo 3\r\nabd\r\n");
  await server.transcript.expect({ op: "pub", payload: Uint8Array.of(97, 98, 100) });
  await expect(server.transcript.expect({ op: "pub" }, { timeout: 0 })).rejects.toThrow("no ");
});

it("a transcript waits for a frame that has not been sent", async () => {
  const client = connect();
  const found = server.transcript.expect({ op: "unsub", sid: "7", max: 3 });
  await client.receive();
  await client.exchange("UNSUB 7 3\r\n");
  expect(await found).toMatchObject({ from: "client" });
});

it("a transcript shows what was sent instead", async () => {
  await connect().exchange(`${quiet}PUB foo 2\r\nhi\r\n`);
  await server.transcript.expect({ op: "connect" });
  await expect(server.transcript.expect({ op: "sub", subject: "foo" }, { timeout: 10 })).rejects.toThrow(
    'no {"op":"sub","subject":"foo"} within 10 ms; since then:\n1 -> PUB foo 2␍␊hi',
  );
});

it("a transcript says that a frame was sent before the one found last", async () => {
  await connect().exchange(`${quiet}PING\r\n`);
  await server.transcript.expect({ op: "pong" });
  await expect(server.transcript.expect({ op: "connect" }, { timeout: 10 })).rejects.toThrow(
    'no {"op":"connect"} within 10 ms (one was sent before the frame that was found last); since then:\n  nothing',
  );
});

it("a transcript rejects an op that no frame has", async () => {
  const wrong = { op: "PUB" } as unknown as { op: "pub" };
  await expect(server.transcript.expect(wrong)).rejects.toThrow(/^op must be one of connect, pub, .*, not "PUB"$/);
  expect(() => server.transcript.expectNone(wrong)).toThrow('not "PUB"');
});

it("a transcript prints the beginning and the end of a long frame", async () => {
  await connect().exchange(`PUB foo 1000\r\n${"x".repeat(500)}${"y".repeat(500)}\r\n`);
  const [, line] = String(server.transcript).split("\n").slice(1);
  expect(line).toBe(`1 -> PUB foo 1000␍␊${"x".repeat(66)} … ${"y".repeat(80)}`);
});

it("a transcript checks that a frame was not sent", async () => {
  const client = connect();
  await client.exchange("PING\r\n");
  await server.transcript.expect({ op: "pong" });
  server.transcript.expectNone({ op: "ping" });
  await client.exchange("PING\r\n");
  server.transcript.expectNone({ op: "ping" }, { from: "server" });
  expect(() => server.transcript.expectNone({ op: "ping" })).toThrow(
    'expected no {"op":"ping"}; it was sent:\n1 -> PING',
  );
});

it("a transcript prints as text, without credentials", async () => {
  const [one, two] = [connect(), connect()];
  await one.exchange(`${quiet}SUB foo 1\r\n`);
  await two.exchange(`${quiet}PUB foo a b 3\r\n`);
  await one.exchange("PUB a\x01 0\r\n\r\n");
  server.connections[0]?.kill();
  await one.receive();
  const text = String(server.transcript).replaceAll(/INFO .*/g, "INFO …");
  expect(text.split("\n")).toEqual([
    "1 -> (opened)",
    "1 <- INFO …",
    "2 -> (opened)",
    "2 <- INFO …",
    '1 -> CONNECT {"verbose":false,"pass":"***"}',
    "1 -> SUB foo 1",
    '2 -> CONNECT {"verbose":false,"pass":"***"}',
    "2 -> (BAD_ARGUMENTS at byte 43)",
    "2 <- (closed)",
    "1 -> PUB a\\x01 0␍␊",
    "1 <- -ERR 'Invalid Publish Subject'",
    "1 -> (closed)",
  ]);
});
