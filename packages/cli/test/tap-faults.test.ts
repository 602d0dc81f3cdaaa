// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { connect as connectClient } from "@natswire/node";
import { Command } from "commander";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { type RealServer, startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { addFaultOptions, faultOptions } from "../src/commands/fault-options.ts";
import { ConnectionProtocol } from "../src/protocols.ts";
import { ConnectionFaults, type FaultOptions } from "../src/tap/faults.ts";
import { FaultyForwarding } from "../src/tap/faulty-forwarding.ts";
import { CliProcess, runCli } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "natswire-faults-"));
let server: RealServer;
let tap: CliProcess;

beforeAll(async () => {
  server = await startNatsServer("");
});
afterEach(() => tap?.interrupt());
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Starts a tap and returns its URL. */
async function start(...args: string[]): Promise<string> {
  tap = new CliProcess("tap", "--listen", "0", "--upstream", `nats://127.0.0.1:${server.port}`, ...args);
  return (await tap.waitFor(/^(\S+) is listening/m))[1]!;
}

const messages = Array.from({ length: 20 }, (_, i) => `PUB a ${`${i}`.length}\r\n${i}\r\n`).join("");

/** Opens a connection through the tap, and returns it with the text that it receives. */
async function open(url: string, send: string): Promise<{ socket: Socket; received: { text: string } }> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
  const received = { text: "" };
  socket.setEncoding("latin1").on("data", (text) => {
    received.text += text;
  });
  await once(socket, "connect");
  socket.write(`CONNECT {"verbose":false}\r\n${send}`);
  return { socket, received };
}

/** Sends messages to itself through a tap with these faults, and returns those that arrived and those that were dropped. */
async function exchange(...faults: string[]): Promise<{ arrived: string[]; dropped: string[] }> {
  const { socket, received } = await open(await start(...faults), `SUB a 1\r\n${messages}PING\r\n`);
  while (!received.text.includes("PONG")) await once(socket, "data");
  socket.destroy();
  await tap.waitFor(/closed/);
  return {
    arrived: [...received.text.matchAll(/MSG a 1 \d+\r\n(\d+)\r\n/g)].map(([, number]) => number!),
    dropped: [...tap.output.matchAll(/<- MSG a 1 \d+ \| (\d+) # dropped$/gm)].map(([, number]) => number!),
  };
}

describe("natswire tap with faults", () => {
  it("drops each third message, and says so (--drop MSG:1/3)", async () => {
    const { arrived, dropped } = await exchange("--drop", "MSG:1/3");
    expect(dropped).toEqual(["2", "5", "8", "11", "14", "17"]);
    expect(arrived).toHaveLength(14);
    expect(arrived).not.toContain("5");
    expect(await tap.interrupt()).toBe(0);
    expect(tap.errors).toContain("0 errors; 6 frames dropped;");
  });

  it("drops the same messages if the seed is the same", async () => {
    const faults = ["--drop", "server:msg:30%", "--jitter", "2ms"];
    const first = await exchange(...faults);
    const [, seed = ""] = /repeat them with --seed (\d+)$/m.exec(tap.errors) ?? [];
    await tap.interrupt();
    expect([...first.arrived, ...first.dropped].sort()).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`).sort());
    expect(await exchange(...faults, "--seed", seed)).toEqual(first);
  });

  it("delays each frame, in both directions and in order (--delay)", async () => {
    const { arrived } = await exchange("--delay", "40ms", "--jitter", "20ms");
    expect(arrived).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
    const delays = [...tap.output.matchAll(/# delayed ([\d.]+) ms$/gm)].map(([, delay]) => Number(delay));
    expect(delays.length).toBe(1 + 2 + 20 + 1 + 20 + 1);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(40);
  });

  it("forwards nothing after some frames, until a side ends (--stall)", async () => {
    const { socket, received } = await open(await start("--stall", "3", "--json"), "PING\r\n");
    await tap.waitFor(/"event":"stalled"/);
    await expect.poll(() => received.text).toMatch(/^INFO [^\n]*\n$/);
    socket.write(messages);
    await tap.waitFor(/"subject":"a","payload":"19","dropped":true/);
    expect(tap.output).toMatch(/"verb":"PONG","dropped":true/);
    socket.end();
    await tap.waitFor(/"event":"closed"/);
  });

  it("closes after some frames, which all arrive (--close-after)", async () => {
    const { socket, received } = await open(
      await start("--close-after", "5", "--delay", "10ms", "--split", "1"),
      "SUB a 1\r\nPUB a 5\r\napple\r\n",
    );
    await once(socket, "close");
    expect(received.text).toMatch(/MSG a 1 5\r\napple\r\n$/);
    await tap.waitFor(/ -- \(closed: by the tap, after 5 frames\)/);
  });

  it("applies inside TLS, which starts after INFO", async () => {
    const { server: certificate, ca, remove } = makeCertificates();
    const url = await start(
      ...["--tlscert", certificate.certFile, "--tlskey", certificate.keyFile],
      ...["--drop", "MSG:1/2", "--split", "7"],
    );
    const client = await connectClient({ servers: url, tls: { ca: ca.cert } });
    const texts: string[] = [];
    client.subscribe("a", { callback: (message) => texts.push(message.text()) });
    client.publish("a", "apple");
    client.publish("a", "pear");
    await client.flush();
    expect(texts).toEqual(["apple"]);
    await client.close();
    await tap.waitFor(/MSG a \d+ 4 \| pear # dropped/);
    remove();
  });

  it("records what it dropped, and play does not send it", async () => {
    const file = join(folder, "session.jsonl");
    await exchange("--drop", "client:PUB:1/2", "--record", file);
    expect(tap.output).not.toMatch(/MSG a 1 1 \| 1/);
    await tap.interrupt();
    const decoded = await runCli(["decode", file, "--verb", "PUB"]);
    expect(decoded.output.match(/# dropped$/gm)).toHaveLength(10);
    expect((await runCli(["play", file, "--to", `nats://127.0.0.1:${server.port}`])).output).toBe(
      "sent 13 lines, received 12 as expected\n",
    );
  });
});

/** Returns the error of these options. */
function errorOf(args: readonly string[]): string {
  let text = "";
  const command = addFaultOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: (part) => (text += part) });
  try {
    command.parse(args, { from: "user" });
    faultOptions(command.opts(), command);
  } catch {
    return text;
  }
  return "";
}

describe("the options of faults", () => {
  it("are refused with what to write", () => {
    const wrong = [
      [["--drop", "MSG"], "Write a verb and a share, like MSG:1%, MSG:1/100 or client:PING:50%."],
      [["--drop", "MGS:1%"], 'Unknown verb "MGS"'],
      [["--drop", "MSG:0%"], "Write a percentage above 0, up to 100."],
      [["--drop", "MSG:101%"], "Write a percentage above 0, up to 100."],
      [["--drop", "client:MSG:1%"], "A client does not send MSG."],
      [["--delay", "200"], 'It must be a time above 0 with its unit, such as "2s", not 200.'],
      [["--split", "0"], "Write a whole number above 0."],
      [["--stall", "soon"], "Write a whole number."],
      [["--stall", "--close-after", "2"], "--stall and --close-after exclude each other"],
      [["--seed", "1"], "--seed repeats faults; name them"],
      [["--delay", "1s", "--seed", "4294967296"], "Write a whole number below 4294967296."],
    ] as const;
    for (const [args, error] of wrong) expect(errorOf(args)).toContain(error);
  });
});

const none: FaultOptions = {
  delay: 0,
  jitter: 0,
  drop: [],
  split: Number.POSITIVE_INFINITY,
  stall: Number.POSITIVE_INFINITY,
  closeAfter: Number.POSITIVE_INFINITY,
  seed: 1,
};

/** Returns what a forwarding of one side writes of chunks. */
function written(options: Partial<FaultOptions>, ...chunks: string[]): { pieces: string[]; seen: string[] } {
  const pieces: string[] = [];
  const seen: string[] = [];
  const stream = new Duplex({ read() {}, write() {} });
  const target = Object.assign(stream, {
    write(piece: Uint8Array, callback: () => void) {
      pieces.push(Buffer.from(piece).toString());
      callback();
      return true;
    },
  });
  const forwarding = new FaultyForwarding({
    from: "client",
    faults: new ConnectionFaults({ ...none, ...options }, 1),
    protocol: new ConnectionProtocol("auto"),
    source: stream,
    target,
    rewrite: (frame) => frame,
    observe: (bytes, fault) => seen.push(`${Buffer.from(bytes)}${fault?.dropped ? "dropped" : ""}`),
    stalled: () => seen.push("stalled"),
    last: () => seen.push("last"),
  });
  for (const chunk of chunks) forwarding.write(Buffer.from(chunk));
  forwarding.end();
  return { pieces, seen };
}

describe("frames that are forwarded with faults", () => {
  it("stay whole, in their spelling, however they arrive", () => {
    const frames = ["ping \r\n", "PUB  a 004\r\npear\r\n", "PONG\r\n"];
    expect(written({}, ...frames.join("")).pieces).toEqual(frames);
    expect(written({}, frames.join("")).pieces).toEqual(frames);
  });

  it("are cut into pieces (--split)", () => {
    expect(written({ split: 4 }, "PING\r\nPONG\r\n").pieces).toEqual(["PING", "\r\n", "PONG", "\r\n"]);
  });

  it("are followed by bytes that are not frames, and by half a frame", () => {
    expect(written({}, "PING\r\nPO", "ST / HTTP\r\n", "Host").pieces).toEqual(["PING\r\n", "POST / HTTP\r\n", "Host"]);
    expect(written({}, "PING\r\nPUB a 4\r\n", "pe").pieces).toEqual(["PING\r\n", "PUB a 4\r\npe"]);
  });

  it("are observed in their order, those that are dropped too", () => {
    const drop = [{ from: undefined, verb: "PING", every: 2 }];
    expect(written({ drop, closeAfter: 3 }, "PING\r\n".repeat(4)).seen).toEqual([
      "PING\r\n",
      "PING\r\ndropped",
      "PING\r\n",
      "PING\r\ndropped",
    ]);
    expect(written({ stall: 1 }, "PING\r\nPONG\r\nPING\r\n", "\x16").seen).toEqual([
      "PING\r\n",
      "stalled",
      "PONG\r\ndropped",
      "PING\r\ndropped",
      "\x16dropped",
    ]);
    expect(written({ closeAfter: 1 }, "PING\r\nPONG\r\n").seen).toEqual(["PING\r\n", "last", "PONG\r\ndropped"]);
  });
});
