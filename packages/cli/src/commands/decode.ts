// SPDX-License-Identifier: Apache-2.0
import { type Command, Option } from "commander";
import { BytesDecoder } from "../decode/bytes-decoder.ts";
import { detectSide, detectSideInside, isDetectable, isLong } from "../decode/detect-side.ts";
import { gunzip, isGzip, prepend, readChunks, takeUntil } from "../decode/input.ts";
import { terminalOf } from "../format/terminal.ts";
import type { Side } from "../frame-reader.ts";
import { Failure, log, outputReady, print } from "../output.ts";
import type { Protocol } from "../protocols.ts";
import { type ConnectionEvent, ConnectionMonitor } from "../tap/connection-monitor.ts";
import { Printer, type PrintOptions } from "../tap/printer.ts";
import { isRecording, readRecording } from "../tap/recording.ts";
import { addPrintOptions } from "./print-options.ts";

interface Options extends PrintOptions {
  readonly protocol: Protocol | "auto";
  readonly from: Side | "auto";
  readonly resync?: true;
}

const help = `
Reads the raw bytes of one direction, or a recording of natswire tap, from files or from stdin.

Examples:
  $ printf 'MSG foo 1 5\\r\\nhello\\r\\n' | natswire decode
  $ natswire decode session.jsonl --subject 'orders.>' --json`;

/** Adds the command `natswire decode`: raw bytes or a recording to frames. */
export function decode(program: Command): void {
  const command = program
    .command("decode")
    .description("print the frames of raw bytes or of a recording")
    .argument("[files...]", "raw bytes or recordings, one after the other; stdin by default")
    .addOption(
      new Option("--from <side>", "side that sent the bytes; auto detects it, and recordings too")
        .choices(["client", "server", "auto"])
        .default("auto"),
    )
    .option("--resync", "skip bytes that are not frames, such as the start of a capture in mid-stream");
  addPrintOptions(command).addHelpText("after", help).action(run);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const printer = new Printer(options, print, terminalOf(process.stdout));
  for (const file of files.length === 0 ? [undefined] : files) {
    await decodeFile(readChunks(file), printer, options).catch((error) => {
      throw error instanceof Failure && files.length > 1 ? new Failure(`${file}: ${error.message}`) : error;
    });
  }
}

async function decodeFile(chunks: AsyncGenerator<Uint8Array>, printer: Printer, options: Options): Promise<void> {
  const start = await takeUntil(chunks, (bytes) => bytes.length > 1);
  const all = prepend(start, chunks);
  // Bytes of a known side stay bytes, even if they begin like a recording.
  if (options.from !== "auto") return decodeBytes(all, printer, options);
  if (isGzip(start)) return decodeRecording(gunzip(all), printer, options);
  return isRecording(start) ? decodeRecording(all, printer, options) : decodeBytes(all, printer, options);
}

async function decodeBytes(chunks: AsyncGenerator<Uint8Array>, printer: Printer, options: Options): Promise<void> {
  const { start, from } = await sideOf(chunks, options);
  const decoder = new BytesDecoder(from, options);
  for await (const chunk of prepend(start, chunks)) {
    for (const { offset, view } of decoder.read(chunk)) {
      printer.frameAt(offset, from, view);
      if (printer.isFinished) return;
    }
    await outputReady();
  }
  decoder.end();
  if (decoder.skipped > 0) log(`skipped ${decoder.skipped} bytes that are not frames`);
}

/** Returns the side that sent the bytes, and those that were read to detect it. */
async function sideOf(
  chunks: AsyncGenerator<Uint8Array>,
  { from, resync }: Options,
): Promise<{ start: Uint8Array; from: Side }> {
  if (from !== "auto") return { start: new Uint8Array(0), from };
  const start = await takeUntil(chunks, resync ? isLong : isDetectable);
  return { start, from: resync ? detectSideInside(start) : detectSide(start) };
}

async function decodeRecording(chunks: AsyncGenerator<Uint8Array>, printer: Printer, options: Options): Promise<void> {
  const monitors = new Map<number, ConnectionMonitor>();
  let hasOtherBytes = false;
  const sink = {
    frame: printer.frame.bind(printer),
    event(event: ConnectionEvent): void {
      // The recording has it.
      if (event.event === "protocol") return;
      hasOtherBytes ||= event.event === "malformed" || event.event === "encrypted";
      printer.event(event);
    },
  };
  for await (const entry of readRecording(chunks)) {
    if ("event" in entry) {
      printer.event(entry);
      if (entry.event === "closed") monitors.delete(entry.connection);
    } else {
      const { at, connection, from, bytes, fault } = entry;
      const monitor = monitors.get(connection) ?? new ConnectionMonitor(connection, [sink], options);
      monitors.set(connection, monitor);
      monitor.received(at, from, bytes, fault);
    }
    if (printer.isFinished) return;
    await outputReady();
  }
  if (hasOtherBytes) throw new Failure("the recording has bytes that are not NATS frames");
}
