// SPDX-License-Identifier: Apache-2.0
// Stores or consumes messages of 16 B or more on a raw socket: jetstream-load.js PORT PID LOAD_JSON MESSAGES. Prints the time, the
// CPU time of the server's process, and its memory. The stream is in memory, and is deleted at the end.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { Decoder, type ServerFrame, serverFrames } from "@natswire/codec";
import { cpuOf } from "./contestants.ts";
import type { JetStreamLoad } from "./jetstream.ts";

const PER_CHUNK = 500;
// Messages that are published and not acknowledged, and messages that are requested and not delivered.
const IN_FLIGHT = 2000;
const BATCH = 1000;
const [port = "", pid = "", shape = "", count = ""] = process.argv.slice(2);
const { kind, size } = JSON.parse(shape) as JetStreamLoad;
const total = Math.ceil(Number(count) / PER_CHUNK) * PER_CHUNK;

const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
let onFrame: (frame: ServerFrame) => void = () => {};
let onProgress = (): void => {};
const decoder = new Decoder(serverFrames);
socket.on("data", (chunk) => {
  decoder.push(chunk);
  for (let frame = decoder.pull(); frame !== undefined; frame = decoder.pull()) onFrame(frame);
  onProgress();
});
socket.write('CONNECT {"verbose":false,"pedantic":false,"headers":true}\r\nSUB _INBOX.api 1\r\nSUB _INBOX.m.* 2\r\n');

/** Sends a request to the API. @throws Error if the answer is an error */
async function api(subject: string, body: object = {}): Promise<Record<string, unknown>> {
  const json = JSON.stringify(body);
  let answer: Record<string, unknown> | undefined;
  onFrame = (frame) => {
    if (frame.op === "msg") answer = JSON.parse(new TextDecoder().decode(frame.payload)) as Record<string, unknown>;
  };
  socket.write(`PUB $JS.API.${subject} _INBOX.api ${json.length}\r\n${json}\r\n`);
  await until(() => answer !== undefined);
  if (answer!["error"] !== undefined) throw new Error(`${subject}: ${JSON.stringify(answer!["error"])}`);
  return answer!;
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise<void>((resolve) => (onProgress = resolve));
}

/** Publishes messages, and waits until each is stored. */
async function store(messages: number): Promise<void> {
  let stored = 0;
  onFrame = (frame) => {
    // An answer that is an error begins with it.
    if (frame.op !== "msg" || frame.payload[2] !== STREAM) throw new Error(`not stored: ${JSON.stringify(frame)}`);
    stored++;
  };
  const one = `PUB bench.orders _INBOX.m.1 ${size}\r\n${"x".repeat(size)}\r\n`;
  const chunk = Buffer.from(one.repeat(PER_CHUNK));
  for (let sent = 0; sent < messages; sent += PER_CHUNK) {
    await until(() => sent - stored < IN_FLIGHT);
    if (!socket.write(chunk)) await once(socket, "drain");
  }
  await until(() => stored === messages);
}

/** Pulls messages, and acknowledges each. */
async function consume(messages: number): Promise<void> {
  await api("CONSUMER.DURABLE.CREATE.BENCH.c", {
    stream_name: "BENCH",
    config: { durable_name: "c", ack_policy: "explicit", max_ack_pending: 10_000, mem_storage: true },
  });
  let received = 0;
  let acks = "";
  onFrame = (frame) => {
    if (frame.op !== "msg" || frame.reply === undefined) return;
    acks += `PUB ${frame.reply} 0\r\n\r\n`;
    if (++received % BATCH === 0 && received + BATCH < messages) acks += pull;
  };
  const body = JSON.stringify({ batch: BATCH, expires: 30e9 });
  const pull = `PUB $JS.API.CONSUMER.MSG.NEXT.BENCH.c _INBOX.m.2 ${body.length}\r\n${body}\r\n`;
  socket.write(pull + pull);
  while (received < messages) {
    await new Promise<void>((resolve) => (onProgress = resolve));
    socket.write(acks);
    acks = "";
  }
  // A nats-server handles acks beside requests.
  while ((await api("CONSUMER.INFO.BENCH.c"))["num_ack_pending"] !== 0);
}

function memory(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

// The second letter of {"stream":…}.
const STREAM = "s".charCodeAt(0);
await api("STREAM.CREATE.BENCH", { name: "BENCH", subjects: ["bench.>"], storage: "memory" });
const atStart = memory();
if (kind === "consume") await store(total);
const cpu = cpuOf(Number(pid));
const began = process.hrtime.bigint();
await (kind === "consume" ? consume(total) : store(total));
const nanoseconds = Number(process.hrtime.bigint() - began);
console.log(
  JSON.stringify({ nanoseconds, cpu: cpuOf(Number(pid)) - cpu, messages: total, memory: memory() - atStart }),
);
await api("STREAM.DELETE.BENCH");
socket.destroy();
