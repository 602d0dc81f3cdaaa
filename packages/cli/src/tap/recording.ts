// SPDX-License-Identifier: Apache-2.0
import { closeSync, fchmodSync, fstatSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { bytesMember, type FormatOptions, jsonLine } from "../format/format.ts";
import { redactBytes } from "../format/redact.ts";
import { Failure, formatError, log } from "../output.ts";
import type { ConnectionEvent, FrameSink, ObservedFrame } from "./connection-monitor.ts";
import { type FrameFault, faultMembers, readFault } from "./frame-fault.ts";

/** One line of a recording: the exact bytes of a frame, or a connection event. */
export type RecordingEntry =
  | ConnectionEvent
  | (Pick<ObservedFrame, "at" | "connection" | "from"> & {
      readonly bytes: Uint8Array;
      readonly fault: FrameFault | undefined;
    });

const BASE64 = /^(?:[\da-z+/]{4})*(?:[\da-z+/]{2}==|[\da-z+/]{3}=)?$/i;
const FASTEST = { level: 1 };
const OWNER_ONLY = 0o600;
// Characters that wait at most to be written.
const MAX_LINES = 65_536;
// Characters by which the text of a short frame may be longer than base64, because people can read it.
const MARGIN = 256;

/** Writes a recording as JSON lines. What it observed is in the file after `flush`. */
export class Recorder implements FrameSink {
  readonly #file: string;
  readonly #options: FormatOptions;
  #descriptor: number | undefined;
  readonly #isCompressed: boolean;
  #lines = "";
  #hasFailed = false;

  /**
   * Opens the file, and keeps what is in it until `start`.
   *
   * @param file is compressed with gzip if its name ends with `.gz`
   * @throws Failure if the file cannot be written
   */
  constructor(file: string, options: FormatOptions) {
    this.#file = file;
    this.#options = options;
    this.#isCompressed = file.endsWith(".gz");
    try {
      this.#descriptor = openSync(file, "a", OWNER_ONLY);
    } catch (error) {
      throw new Failure(`cannot record to ${file}: ${formatError(error)}`);
    }
  }

  /** Whether something could not be written. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Empties the file: a recording of the same name is replaced. */
  start(): void {
    if (this.#descriptor === undefined || !fstatSync(this.#descriptor).isFile()) return;
    ftruncateSync(this.#descriptor);
    fchmodSync(this.#descriptor, OWNER_ONLY);
  }

  frame({ at, connection, from, view, fault }: ObservedFrame): void {
    const bytes = view.verb === "CONNECT" && !this.#options.keepCredentials ? redactBytes(view) : view.bytes;
    const text = bytesMember(bytes, "text", "base64");
    const isShort = text.length <= 2 * bytes.length + MARGIN;
    const content = isShort ? text : `"base64":"${Buffer.from(bytes).toString("base64")}"`;
    this.#add(`{"at":${at},"connection":${connection},"from":"${from}",${content}${faultMembers(fault)}}`);
  }

  event(event: ConnectionEvent): void {
    this.#add(jsonLine(event));
  }

  /** Appends the lines to the file. In a compressed one, a few lines wait for more. */
  flush(): void {
    if (!this.#isCompressed) this.#write();
  }

  close(): void {
    this.#write();
    this.#end();
  }

  #add(line: string): void {
    if (this.#descriptor === undefined) return;
    this.#lines += `${line}\n`;
    if (this.#lines.length > MAX_LINES) this.#write();
  }

  /** A full disk ends the recording, not the connections. */
  #write(): void {
    if (this.#descriptor === undefined || this.#lines === "") return;
    try {
      // writeFileSync continues after a partial write.
      writeFileSync(this.#descriptor, this.#isCompressed ? gzipSync(this.#lines, FASTEST) : this.#lines);
    } catch (error) {
      log(`recording to ${this.#file} stopped: ${formatError(error)}`);
      this.#hasFailed = true;
      this.#end();
    }
    this.#lines = "";
  }

  #end(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function isEventName(event: unknown): event is ConnectionEvent["event"] {
  return typeof event === "string" && /^(opened|closed|unreachable|malformed|encrypted|stalled|protocol)$/.test(event);
}

/** Returns whether these bytes start a recording: no verb starts with `{`. */
export function isRecording(bytes: Uint8Array): boolean {
  return bytes[0] === "{".charCodeAt(0);
}

/**
 * Reads a recording, entry by entry.
 *
 * @param chunks its bytes, cut in any way; the recording may be larger than the memory
 * @throws Failure with the number of the first invalid line, after the entries before it
 */
export async function* readRecording(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<RecordingEntry> {
  let number = 0;
  for await (const line of splitLines(chunks)) {
    number++;
    if (line.trim() !== "") yield parseEntry(line, number);
  }
}

async function* splitLines(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  const utf8 = new TextDecoder();
  let parts: string[] = [];
  for await (const chunk of chunks) {
    const [first = "", ...more] = utf8.decode(chunk, { stream: true }).split("\n");
    parts.push(first);
    for (const next of more) {
      yield parts.join("");
      parts = [next];
    }
  }
  yield parts.join("");
}

function parseEntry(line: string, number: number): RecordingEntry {
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(line) ?? {};
  } catch {
    throw new Failure(`line ${number} is not JSON: the recording is truncated, or the file is not a recording`);
  }
  const { at, connection, from, event } = value;
  if (typeof at === "number" && typeof connection === "number") {
    const isSide = from === "client" || from === "server";
    if (isEventName(event)) {
      const names = (["reason", "time", "client"] as const).filter((name) => typeof value[name] === "string");
      const details = Object.fromEntries(names.map((name) => [name, value[name]]));
      return { at, connection, event, ...(isSide && { from }), ...details };
    }
    const bytes = readBytes(value);
    if (isSide && bytes !== undefined) return { at, connection, from, bytes, fault: readFault(value) };
  }
  throw new Failure(
    `line ${number} is not an entry of a recording: it needs "at", "connection", and "from" with "text", or "event"`,
  );
}

/** Returns the bytes of an entry. Other programs write them as hexadecimal digits. */
function readBytes({ text, base64, hex }: Readonly<Record<string, unknown>>): Uint8Array | undefined {
  if (typeof text === "string") return new TextEncoder().encode(text);
  if (typeof base64 === "string") return BASE64.test(base64) ? Buffer.from(base64, "base64") : undefined;
  return typeof hex === "string" && /^(?:[\da-f]{2})+$/i.test(hex) ? Buffer.from(hex, "hex") : undefined;
}
