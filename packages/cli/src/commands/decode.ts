// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from "node:fs";
import { type Command, Option } from "commander";
import { Conversation } from "../conversation.ts";
import { Ear, type Side } from "../ear.ts";
import { Failure, print, reasonOf, wanted } from "../output.ts";
import { Printer, type PrintOptions } from "../printer.ts";
import { isRecording, readRecording } from "../recording.ts";
import { surroundings } from "../surroundings.ts";
import { printing } from "./printing.ts";

interface Options extends PrintOptions {
  readonly from: Side | "auto";
}

// The longest line that is usual: bytes that are kept of what was read before, to be shown around a fault, and bytes that
// are read until it is told who speaks.
const KEPT = 4096;

const example = `
Reads bytes as they were on the wire, or a recording of natswire tap, from a file or from stdin. Bytes are of one
direction at a time; for both, record with natswire tap.

Example:
  $ printf 'MSG foo 1 5\\r\\nhello\\r\\n' | natswire decode`;

/** `natswire decode`: bytes to frames. */
export function decode(program: Command): void {
  const command = program
    .command("decode")
    .description("print the frames that one side's bytes, or a recording of both, consist of")
    .argument("[file]", "bytes or a recording; stdin where left out")
    .addOption(
      new Option("--from <side>", "who sent the bytes; auto: the first verb decides")
        .choices(["client", "server", "auto"])
        .default("auto"),
    );
  printing(command).addHelpText("after", example).action(run);
}

async function run(file: string | undefined, options: Options): Promise<void> {
  const chunks = chunksOf(file);
  const beginning = await take(chunks, (bytes) => bytes.length > 0);
  const all = chained(beginning, chunks);
  return isRecording(beginning) ? decodeRecording(all, options) : decodeBytes(all, options);
}

async function decodeBytes(chunks: AsyncGenerator<Uint8Array>, options: Options): Promise<void> {
  const isUnknown = options.from === "auto";
  const beginning = isUnknown ? await take(chunks, isTelling) : new Uint8Array(0);
  const from = options.from === "auto" ? speakerOf(beginning) : options.from;
  const ear = new Ear(from);
  const printer = new Printer(options, print);
  let kept = Buffer.alloc(0);
  let end = 0;
  for await (const chunk of chained(beginning, chunks)) {
    let offset = ear.offset;
    for (const heard of ear.hear(chunk)) {
      printer.show(heard, from, String(offset).padStart(8), { offset });
      offset = ear.offset;
    }
    kept = Buffer.concat([kept.subarray(-KEPT), chunk]);
    end += chunk.length;
    if (ear.deaf !== undefined) throw new Failure(faultOf(ear, kept, end - kept.length, options));
    await wanted();
  }
  if (ear.buffered > 0) {
    throw new Failure(
      `the input ends inside a frame: byte ${ear.offset} begins it, ${ear.buffered} bytes of it are there`,
    );
  }
}

async function decodeRecording(chunks: AsyncGenerator<Uint8Array>, options: Options): Promise<void> {
  const printer = new Printer(options, print);
  const conversations = new Map<number, Conversation>();
  let at = 0;
  let isBroken = false;
  const event = (happened: Parameters<Printer["event"]>[0]): void => {
    isBroken ||= happened.event === "unread";
    printer.event(happened);
  };
  for await (const entry of readRecording(chunks)) {
    at = entry.at;
    if ("event" in entry) {
      printer.event(entry);
    } else {
      const { connection, from, bytes } = entry;
      const conversation =
        conversations.get(connection) ??
        new Conversation(connection, [{ said: (said) => printer.said(said), event }], () => at);
      conversations.set(connection, conversation);
      conversation.hear(from, bytes);
    }
    await wanted();
  }
  if (isBroken) throw new Failure("the recording has bytes that are no frames");
}

/** What was wrong, and where; without the bytes where they may hold credentials. */
function faultOf(ear: Ear, kept: Uint8Array, first: number, { keepCredentials }: Options): string {
  const { deaf } = ear;
  if (deaf === undefined || deaf === "TLS") return `TLS begins behind byte ${ear.offset}, which cannot be read`;
  const { code, offset, message } = deaf;
  const line = Math.max(first, Math.min(ear.offset, offset));
  const rest = Buffer.from(kept.subarray(line - first)).toString("latin1");
  if (!keepCredentials && /^\s*c|connect|auth_token|pass|jwt|sig|nkey/i.test(rest)) {
    return `${code} at byte ${offset}; the bytes are not shown, for credentials may be among them: --keep-credentials`;
  }
  return `${message}\n${surroundings(kept.subarray(line - first), offset, line)}`;
}

/** Whether these bytes have a whole verb that only one side has, or too many of none. */
function isTelling(bytes: Uint8Array): boolean {
  return bytes.length >= KEPT || /^(?:\s*P[IO]NG[ \t]*\r?\n)*\s*(?!P[IO]NG\s)\S+\s/i.test(latin1(bytes));
}

/** Whose words these are: told from the first verb that only one side has; a client's where there is none. */
function speakerOf(beginning: Uint8Array): Side {
  const isServer = /^(?:\s*P[IO]NG[ \t]*\r?\n)*\s*(?:INFO|H?MSG|\+OK|-ERR)\b/i.test(latin1(beginning));
  return isServer ? "server" : "client";
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** The first chunks, until they are enough or all. */
async function take(
  chunks: AsyncGenerator<Uint8Array>,
  areEnough: (bytes: Uint8Array) => boolean,
): Promise<Uint8Array> {
  let taken: Uint8Array = new Uint8Array(0);
  while (!areEnough(taken)) {
    const { value, done } = await chunks.next();
    if (done) break;
    taken = Buffer.concat([taken, value]);
  }
  return taken;
}

async function* chained(first: Uint8Array, chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* chunks;
}

async function* chunksOf(file: string | undefined): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of file === undefined ? process.stdin : createReadStream(file)) yield chunk as Uint8Array;
  } catch (error) {
    throw new Failure(`cannot read ${file ?? "stdin"}: ${reasonOf(error)}`);
  }
}
