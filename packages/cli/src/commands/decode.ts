// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from "node:fs";
import { type Command, Option } from "commander";
import { hexdump } from "../format/hexdump.ts";
import { FrameReader, type Side } from "../frame-reader.ts";
import { Failure, formatError, outputReady, print } from "../output.ts";
import { type ConnectionEvent, ConnectionMonitor } from "../tap/connection-monitor.ts";
import { Printer, type PrintOptions } from "../tap/printer.ts";
import { isRecording, readRecording } from "../tap/recording.ts";
import { addPrintOptions } from "./print-options.ts";

interface Options extends PrintOptions {
  readonly from: Side | "auto";
}

// The longest common line. Bytes that are kept to be shown around an error, and bytes that are read to detect the side.
const KEPT = 4096;

const help = `
Reads the raw bytes of one direction, or a recording of natswire tap, from a file or from stdin.

Example:
  $ printf 'MSG foo 1 5\\r\\nhello\\r\\n' | natswire decode`;

/** Adds the command `natswire decode`: raw bytes or a recording to frames. */
export function decode(program: Command): void {
  const command = program
    .command("decode")
    .description("print the frames of raw bytes or of a recording")
    .argument("[file]", "raw bytes or a recording; stdin by default")
    .addOption(
      new Option("--from <side>", "side that sent the bytes; auto detects it from the first verb")
        .choices(["client", "server", "auto"])
        .default("auto"),
    );
  addPrintOptions(command).addHelpText("after", help).action(run);
}

async function run(file: string | undefined, options: Options): Promise<void> {
  const chunks = readChunks(file);
  const start = await takeUntil(chunks, (bytes) => bytes.length > 0);
  const all = prepend(start, chunks);
  return isRecording(start) ? decodeRecording(all, options) : decodeBytes(all, options);
}

async function decodeBytes(chunks: AsyncGenerator<Uint8Array>, options: Options): Promise<void> {
  const isUnknown = options.from === "auto";
  const start = isUnknown ? await takeUntil(chunks, isDetectable) : new Uint8Array(0);
  const from = options.from === "auto" ? detectSide(start) : options.from;
  const reader = FrameReader.for(from);
  const printer = new Printer(options, print);
  let kept = Buffer.alloc(0);
  let end = 0;
  for await (const chunk of prepend(start, chunks)) {
    let offset = reader.offset;
    for (const decoded of reader.read(chunk)) {
      printer.printFrame(decoded, from, `${String(offset).padStart(8)} 1`, { offset });
      offset = reader.offset;
    }
    kept = Buffer.concat([kept.subarray(-KEPT), chunk]);
    end += chunk.length;
    if (reader.stopReason !== undefined) throw new Failure(describeStop(reader, kept, end - kept.length, options));
    await outputReady();
  }
  if (reader.buffered > 0) {
    throw new Failure(`incomplete frame at byte ${reader.offset}: the input ends after ${reader.buffered} bytes of it`);
  }
}

async function decodeRecording(chunks: AsyncGenerator<Uint8Array>, options: Options): Promise<void> {
  const printer = new Printer(options, print);
  const monitors = new Map<number, ConnectionMonitor>();
  let at = 0;
  let hasOtherBytes = false;
  const sink = {
    frame: printer.frame.bind(printer),
    event(event: ConnectionEvent): void {
      hasOtherBytes ||= event.event === "malformed" || event.event === "encrypted";
      printer.event(event);
    },
  };
  for await (const entry of readRecording(chunks)) {
    at = entry.at;
    if ("event" in entry) {
      printer.event(entry);
    } else {
      const { connection, from, bytes } = entry;
      const monitor = monitors.get(connection) ?? new ConnectionMonitor(connection, [sink], () => at);
      monitors.set(connection, monitor);
      monitor.received(from, bytes);
    }
    await outputReady();
  }
  if (hasOtherBytes) throw new Failure("the recording has bytes that are not NATS frames");
}

/** Returns what is malformed and the bytes around it, unless they may hold credentials. */
function describeStop(reader: FrameReader, kept: Uint8Array, keptOffset: number, { keepCredentials }: Options): string {
  const { stopReason } = reader;
  if (stopReason === undefined || stopReason === "TLS") {
    return `TLS starts at byte ${reader.offset}: encrypted bytes cannot be decoded`;
  }
  const { code, offset, message } = stopReason;
  const lineOffset = Math.max(keptOffset, Math.min(reader.offset, offset));
  const line = kept.subarray(lineOffset - keptOffset);
  if (!keepCredentials && mayHoldCredentials(latin1(line), lineOffset)) {
    return `${code} at byte ${offset}; the bytes may hold credentials: show them with --keep-credentials`;
  }
  return `${message}\n${hexdump(line, offset, lineOffset)}`;
}

/** Returns whether these bytes may be a CONNECT, or, at the start of the input, the rest of one that was cut. */
function mayHoldCredentials(text: string, offset: number): boolean {
  if (/^\s*c|connect|auth_token|pass|jwt|sig|nkey/i.test(text)) return true;
  return offset === 0 && !/^[^"}\n]*\n/.test(text);
}

/** Returns whether these bytes have a verb that only one side sends, or are too many without one. */
function isDetectable(bytes: Uint8Array): boolean {
  return bytes.length >= KEPT || /^(?:\s*P[IO]NG[ \t]*\r?\n)*\s*(?!P[IO]NG\s)\S+\s/i.test(latin1(bytes));
}

/** Returns the side that sent these bytes, by the first verb that only one side sends; by default the client. */
function detectSide(bytes: Uint8Array): Side {
  const isServer = /^(?:\s*P[IO]NG[ \t]*\r?\n)*\s*(?:INFO|H?MSG|\+OK|-ERR)\b/i.test(latin1(bytes));
  return isServer ? "server" : "client";
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** Takes chunks until they are enough, or until the end. */
async function takeUntil(
  chunks: AsyncGenerator<Uint8Array>,
  isEnough: (bytes: Uint8Array) => boolean,
): Promise<Uint8Array> {
  let taken: Uint8Array = new Uint8Array(0);
  while (!isEnough(taken)) {
    const { value, done } = await chunks.next();
    if (done) break;
    taken = Buffer.concat([taken, value]);
  }
  return taken;
}

async function* prepend(first: Uint8Array, chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* chunks;
}

async function* readChunks(file: string | undefined): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of file === undefined ? process.stdin : createReadStream(file)) yield chunk as Uint8Array;
  } catch (error) {
    throw new Failure(`cannot read ${file ?? "stdin"}: ${formatError(error)}`);
  }
}
