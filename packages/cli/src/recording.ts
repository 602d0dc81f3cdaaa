// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, writeFileSync } from "node:fs";
import type { Audience, Event, Said } from "./conversation.ts";
import { Failure, reasonOf, tell } from "./output.ts";
import { asLine, bytesOf, type Detail, textOf } from "./words.ts";

/** A line of a recording: a frame's bytes, exactly, as text or else as base64; or what befell a connection. */
export type Entry = Event | (Pick<Said, "at" | "connection" | "from"> & { readonly bytes: Uint8Array });

const OWNER_ONLY = 0o600;

/** Writes a recording: JSON lines. Each is in the file before the next frame is looked at. */
export class Recorder implements Audience {
  readonly #file: string;
  readonly #detail: Detail;
  #descriptor: number | undefined;

  /** @throws Failure where the file cannot be written */
  constructor(file: string, detail: Detail) {
    this.#file = file;
    this.#detail = detail;
    try {
      this.#descriptor = openSync(file, "w", OWNER_ONLY);
    } catch (error) {
      throw new Failure(`cannot record to ${file}: ${reasonOf(error)}`);
    }
  }

  said(said: Said): void {
    const { at, connection, from } = said;
    const bytes = bytesOf(said, this.#detail);
    const text = textOf(bytes);
    this.#write({
      at,
      connection,
      from,
      ...(text === undefined ? { base64: Buffer.from(bytes).toString("base64") } : { text }),
    });
  }

  event(event: Event): void {
    this.#write(event);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** A full disk ends the recording, and not the connections. */
  #write(line: object): void {
    if (this.#descriptor === undefined) return;
    try {
      // Goes on where a write took only a part.
      writeFileSync(this.#descriptor, `${asLine(line)}\n`);
    } catch (error) {
      tell(`no longer recording to ${this.#file}: ${reasonOf(error)}`);
      this.close();
    }
  }
}

/** Whether these bytes are the beginning of a recording; no verb begins as its lines do. */
export function isRecording(bytes: Uint8Array): boolean {
  return bytes[0] === "{".charCodeAt(0);
}

/**
 * Reads a recording, entry by entry.
 *
 * @param chunks its bytes, in any pieces and of any length in sum
 * @throws Failure with the line that is none, behind the entries in front of it
 */
export async function* readRecording(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Entry> {
  let number = 0;
  for await (const line of linesOf(chunks)) {
    number++;
    if (line.trim() !== "") yield entryOf(line, number);
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
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

function entryOf(line: string, number: number): Entry {
  let value: { [field in "at" | "connection" | "from" | "event" | "reason" | "text" | "base64"]?: unknown };
  try {
    value = JSON.parse(line) ?? {};
  } catch {
    throw new Failure(`line ${number} of the recording is no JSON: it was cut, or it is no recording`);
  }
  const { at, connection, from, event, reason, text, base64 } = value;
  if (typeof at === "number" && typeof connection === "number") {
    const isSide = from === "client" || from === "server";
    if (event === "opened" || event === "closed" || event === "unread" || event === "unreachable") {
      return { at, connection, event, ...(isSide && { from }), ...(typeof reason === "string" && { reason }) };
    }
    if (isSide) {
      if (typeof text === "string") return { at, connection, from, bytes: new TextEncoder().encode(text) };
      if (typeof base64 === "string") return { at, connection, from, bytes: Buffer.from(base64, "base64") };
    }
  }
  throw new Failure(`line ${number} of the recording is none: it needs at, connection, and from and text, or event`);
}
