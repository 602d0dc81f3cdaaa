// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from "node:fs";
import { type Command, Option } from "commander";
import { Conversation } from "../conversation.ts";
import { Ear, type Side } from "../ear.ts";
import { Failure, reasonOf } from "../output.ts";
import { Printer, type PrintOptions } from "../printer.ts";
import { isRecording, readRecording } from "../recording.ts";
import { surroundings } from "../surroundings.ts";
import { printing } from "./printing.ts";

interface Options extends PrintOptions {
  readonly role: Side | "both";
}

// Bytes that are kept of what was read before, to be shown around a fault; the longest line that is usual.
const KEPT = 4096;

const example = `
Reads bytes as they were on the wire, or a recording of natswire tap, from a file or from stdin.

Example:
  $ printf 'MSG foo 1 5\\r\\nhello\\r\\n' | natswire decode`;

/** `natswire decode`: bytes to frames. */
export function decode(program: Command): void {
  const command = program
    .command("decode")
    .description("print the frames that bytes, or a recording, consist of")
    .argument("[file]", "bytes or a recording; stdin where left out")
    .addOption(
      new Option("--role <role>", "who said it; both: told from its first verb")
        .choices(["client", "server", "both"])
        .default("both"),
    );
  printing(command).addHelpText("after", example).action(run);
}

async function run(file: string | undefined, options: Options): Promise<void> {
  const chunks = chunksOf(file);
  const beginning = await firstOf(chunks);
  if (!isRecording(beginning)) return decodeBytes(beginning, chunks, options);
  const all = [beginning];
  for await (const chunk of chunks) all.push(chunk);
  decodeRecording(Buffer.concat(all).toString(), options);
}

async function decodeBytes(beginning: Uint8Array, chunks: AsyncGenerator<Uint8Array>, options: Options): Promise<void> {
  const from = options.role === "both" ? speakerOf(beginning) : options.role;
  const ear = new Ear(from);
  const printer = new Printer(options);
  let kept = Buffer.alloc(0);
  let end = 0;
  const read = (chunk: Uint8Array): void => {
    let offset = ear.offset;
    for (const heard of ear.hear(chunk)) {
      printer.show(heard, from, String(offset).padStart(8), { offset });
      offset = ear.offset;
    }
    kept = Buffer.concat([kept.subarray(-KEPT), chunk]);
    end += chunk.length;
    if (ear.deaf !== undefined) throw new Failure(faultOf(ear, kept, end - kept.length, options));
  };
  read(beginning);
  for await (const chunk of chunks) read(chunk);
  if (ear.buffered > 0) {
    throw new Failure(
      `the input ends inside a frame: byte ${ear.offset} begins it, ${ear.buffered} bytes of it are there`,
    );
  }
}

function decodeRecording(text: string, options: Options): void {
  const printer = new Printer(options);
  const conversations = new Map<number, Conversation>();
  let at = 0;
  let isBroken = false;
  const event = (happened: Parameters<Printer["event"]>[0]): void => {
    isBroken ||= happened.event === "unread";
    printer.event(happened);
  };
  for (const entry of readRecording(text)) {
    at = entry.at;
    if ("event" in entry) {
      printer.event(entry);
      continue;
    }
    const { connection, from, bytes } = entry;
    const conversation =
      conversations.get(connection) ??
      new Conversation(connection, [{ said: (said) => printer.said(said), event }], () => at);
    conversations.set(connection, conversation);
    conversation.hear(from, bytes);
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

/** Whose words these are: told from the first verb that only one side has; a client's where there is none. */
function speakerOf(beginning: Uint8Array): Side {
  const text = Buffer.from(beginning).toString("latin1");
  return /^(?:P[IO]NG[ \t]*\r?\n)*\s*(?:INFO|H?MSG|\+OK|-ERR)\b/i.test(text) ? "server" : "client";
}

async function firstOf(chunks: AsyncGenerator<Uint8Array>): Promise<Uint8Array> {
  const { value } = await chunks.next();
  return value ?? new Uint8Array(0);
}

async function* chunksOf(file: string | undefined): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of file === undefined ? process.stdin : createReadStream(file)) yield chunk as Uint8Array;
  } catch (error) {
    throw new Failure(`cannot read ${file ?? "stdin"}: ${reasonOf(error)}`);
  }
}
