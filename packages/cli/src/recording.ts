// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, writeSync } from "node:fs";
import type { Audience, Event, Said } from "./conversation.ts";
import type { Side } from "./ear.ts";
import { Failure, reasonOf, tell } from "./output.ts";
import { bytesOf, type Detail, textOf } from "./words.ts";

/** A line of a recording: a frame's bytes, exactly, as text or else as base64; or what befell a connection. */
export type Entry = Event | (Pick<Said, "at" | "connection" | "from"> & { readonly bytes: Uint8Array });

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
      this.#descriptor = openSync(file, "w");
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
      writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
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
 * Reads a recording.
 *
 * @throws Failure with the line that is none
 */
export function readRecording(text: string): Entry[] {
  return text
    .split("\n")
    .map((line, i) => [line, i + 1] as const)
    .filter(([line]) => line.trim() !== "")
    .map(([line, number]) => entryOf(line, number));
}

function entryOf(line: string, number: number): Entry {
  let value: { at: number; connection: number; from?: Side; event?: string; text?: unknown; base64?: unknown };
  try {
    value = JSON.parse(line);
  } catch {
    throw new Failure(`line ${number} of the recording is no JSON: it was cut, or it is no recording`);
  }
  const { at, connection, from, event, text, base64 } = value;
  if (typeof at === "number" && typeof connection === "number") {
    if (event === "opened" || event === "closed" || event === "unread" || event === "unreachable") {
      return value as Event;
    }
    if (from === "client" || from === "server") {
      if (typeof text === "string") return { at, connection, from, bytes: new TextEncoder().encode(text) };
      if (typeof base64 === "string") return { at, connection, from, bytes: Buffer.from(base64, "base64") };
    }
  }
  throw new Failure(`line ${number} of the recording is none: it needs at, connection, and from and text, or event`);
}
