// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, writeFileSync } from "node:fs";
import { decodeUtf8, type FormatOptions, jsonLine } from "../format/format.ts";
import { redactBytes } from "../format/redact.ts";
import { Failure, formatError, log } from "../output.ts";
import type { ConnectionEvent, FrameSink, ObservedFrame } from "./connection-monitor.ts";

/** One line of a recording: the exact bytes of a frame, or a connection event. */
export type RecordingEntry =
  | ConnectionEvent
  | (Pick<ObservedFrame, "at" | "connection" | "from"> & { readonly bytes: Uint8Array });

const OWNER_ONLY = 0o600;

/** Writes a recording as JSON lines. Each line is in the file before the next frame is decoded. */
export class Recorder implements FrameSink {
  readonly #file: string;
  readonly #options: FormatOptions;
  #descriptor: number | undefined;

  /** @throws Failure if the file cannot be written */
  constructor(file: string, options: FormatOptions) {
    this.#file = file;
    this.#options = options;
    try {
      this.#descriptor = openSync(file, "w", OWNER_ONLY);
    } catch (error) {
      throw new Failure(`cannot record to ${file}: ${formatError(error)}`);
    }
  }

  frame({ at, connection, from, frame, bytes }: ObservedFrame): void {
    const redacted = this.#options.keepCredentials ? bytes : redactBytes(frame, bytes);
    const text = decodeUtf8(redacted);
    this.#write({
      at,
      connection,
      from,
      ...(text === undefined ? { base64: Buffer.from(redacted).toString("base64") } : { text }),
    });
  }

  event(event: ConnectionEvent): void {
    this.#write(event);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Appends a line. A full disk ends the recording, not the connections. */
  #write(line: object): void {
    if (this.#descriptor === undefined) return;
    try {
      // writeFileSync continues after a partial write.
      writeFileSync(this.#descriptor, `${jsonLine(line)}\n`);
    } catch (error) {
      log(`recording to ${this.#file} stopped: ${formatError(error)}`);
      this.close();
    }
  }
}

function isEventName(event: unknown): event is ConnectionEvent["event"] {
  return typeof event === "string" && /^(opened|closed|unreachable|malformed|encrypted)$/.test(event);
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
  let value: { [field in "at" | "connection" | "from" | "event" | "reason" | "text" | "base64"]?: unknown };
  try {
    value = JSON.parse(line) ?? {};
  } catch {
    throw new Failure(`line ${number} is not JSON: the recording is truncated, or the file is not a recording`);
  }
  const { at, connection, from, event, reason, text, base64 } = value;
  if (typeof at === "number" && typeof connection === "number") {
    const isSide = from === "client" || from === "server";
    if (isEventName(event)) {
      return { at, connection, event, ...(isSide && { from }), ...(typeof reason === "string" && { reason }) };
    }
    if (isSide) {
      if (typeof text === "string") return { at, connection, from, bytes: new TextEncoder().encode(text) };
      if (typeof base64 === "string") return { at, connection, from, bytes: Buffer.from(base64, "base64") };
    }
  }
  throw new Failure(
    `line ${number} is not an entry of a recording: it needs "at", "connection", and "from" with "text", or "event"`,
  );
}
