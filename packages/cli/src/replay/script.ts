// SPDX-License-Identifier: Apache-2.0
import { CONTROL_CHARACTERS, decodeUtf8, formatDirection, visible } from "../format/format.ts";
import { redactLine } from "../format/redact.ts";
import type { Side } from "../frame-reader.ts";
import { Failure } from "../output.ts";
import type { RecordingEntry } from "../tap/recording.ts";

/** One step of a script: send bytes on a connection, expect a line, or expect the server to close it. */
export type Step = {
  readonly connection: number;
  /** Its line in the file, from 1. */
  readonly line: number;
  /** The line as it is shown, without credentials. */
  readonly text: string;
} & (
  | { readonly op: "send"; readonly bytes: Uint8Array }
  | { readonly op: "expect"; readonly isInfo: boolean; readonly matches: (line: string) => boolean }
  | { readonly op: "expect-closed" }
);

/** The line that stands for the end of a connection. */
export const CLOSED = "(closed)";

const SYMBOLS: Readonly<Record<string, string>> = { "␍": "\r", "␊": "\n", "␉": "\t", "␠": " " };
const REPEAT = /\{(.)\*(\d+)\}/gu;
// Characters of one line: the largest payload that a server accepts.
const MAX_LINE = 64 * 1024 * 1024;
const CRLF = Buffer.from("\r\n");

/**
 * Parses a transcript. A line starts with `1 -> ` if client 1 sends it, with `1 <- ` if the server must send it to client 1,
 * and with `#` if it is a comment.
 *
 * @throws Failure with the number of the first invalid line
 */
export function parseScript(text: string): Step[] {
  return text
    .split(/\r?\n/)
    .map((line, i) => [line, i + 1] as const)
    .filter(([line]) => line.trim() !== "" && !line.startsWith("#"))
    .map(([line, number]) => parseLine(line, number));
}

function parseLine(line: string, number: number): Step {
  const [, digits, arrow, content = ""] = /^ *(\d+) +(->|<-)(?: (.*))?$/.exec(line) ?? [];
  if (arrow === undefined) {
    throw new Failure(`line ${number} is not a line of a transcript: start it with "1 -> ", "1 <- " or "#"`);
  }
  const repeated = [...content.matchAll(REPEAT)].reduce((sum, [, , count]) => sum + Number(count), 0);
  if (repeated > MAX_LINE) throw new Failure(`line ${number} is longer than ${MAX_LINE} characters`);
  const step = { connection: Number(digits), line: number, text: visible(line) };
  if (arrow === "->") {
    const shown = formatLine(step.connection, "client", visible(redactLine(content)));
    return { ...step, text: shown, op: "send", bytes: encodeLine(content) };
  }
  if (content === CLOSED) return { ...step, op: "expect-closed" };
  return { ...step, op: "expect", isInfo: content.startsWith("INFO"), matches: matcherFor(content) };
}

/**
 * Makes a script of a recording: it sends what the clients sent and expects what the server sent. Of INFO only the verb is
 * expected; the server's PINGs and the clients' PONGs are omitted.
 */
export function scriptFromRecording(entries: readonly RecordingEntry[]): Step[] {
  return entries.flatMap((entry, i): Step[] => {
    if (!("bytes" in entry)) return [];
    const { connection, from } = entry;
    const bytes = Buffer.from(entry.bytes);
    const line = i + 1;
    const [first = "", ...more] = splitLines(bytes);
    const verb = /^\S*/.exec(first)?.[0].toUpperCase();
    if (verb === (from === "client" ? "PONG" : "PING")) return [];
    const lines = verb === "INFO" ? ["INFO …"] : [redactLine(first), ...more];
    if (from === "client") {
      return [{ connection, line, text: formatLine(connection, from, lines.join("␍␊")), op: "send", bytes }];
    }
    return lines.map((expected) => ({
      connection,
      line,
      text: formatLine(connection, from, expected),
      op: "expect",
      isInfo: verb === "INFO",
      matches: verb === "INFO" ? (received) => received.startsWith("INFO ") : (received) => received === expected,
    }));
  });
}

/** Returns a line of a transcript. */
export function formatLine(connection: number, from: Side, text: string): string {
  const direction = `${connection} ${formatDirection(from)}`;
  return text === "" ? direction : `${direction} ${text}`;
}

/** Splits bytes at CRLF and returns the lines with symbols and `\xNN` in place of invisible bytes. */
export function splitLines(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const lines: string[] = [];
  let start = 0;
  for (let end = buffer.indexOf(CRLF); end >= 0; end = buffer.indexOf(CRLF, start)) {
    lines.push(escapeBytes(buffer.subarray(start, end)));
    start = end + CRLF.length;
  }
  return start === buffer.length ? lines : [...lines, escapeBytes(buffer.subarray(start))];
}

/** Returns the bytes of a line, with CRLF unless the line ends with a line end of its own. */
function encodeLine(content: string): Uint8Array {
  const bytes = unescapeText(expandRepeats(content));
  return /[\n\r]$/.test(bytes.toString("latin1")) ? bytes : Buffer.concat([bytes, CRLF]);
}

/** Returns a function that matches lines; `*` and `…` match anything. (A regular expression cannot be as long as a payload.) */
function matcherFor(content: string): (line: string) => boolean {
  const [first = "", ...others] = expandRepeats(content)
    .split(/[*…]/)
    .map((piece) => escapeBytes(unescapeText(piece)));
  const last = others.pop();
  return (line) => {
    if (last === undefined) return line === first;
    if (!line.startsWith(first)) return false;
    let at = first.length;
    for (const piece of others) {
      const found = line.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return line.length >= at + last.length && line.endsWith(last);
  };
}

function expandRepeats(content: string): string {
  return content.replace(REPEAT, (_, character: string, count: string) => character.repeat(Number(count)));
}

function unescapeText(text: string): Buffer {
  const parts = text.split(/(\\x[0-9a-f]{2})/i);
  return Buffer.concat(
    parts.map((part, i) =>
      i % 2 === 1
        ? Buffer.from(part.slice(2), "hex")
        : Buffer.from(part.replace(/[␍␊␉␠]/g, (symbol) => SYMBOLS[symbol] ?? symbol)),
    ),
  );
}

function escapeBytes(bytes: Uint8Array): string {
  const text =
    decodeUtf8(bytes) ??
    Buffer.from(bytes)
      .toString("latin1")
      .replace(/[\x80-\xff]/g, (character) => hexEscape(Buffer.from(character, "latin1")));
  return text
    .replaceAll("\r", "␍")
    .replaceAll("\n", "␊")
    .replaceAll("\t", "␉")
    .replace(CONTROL_CHARACTERS, (character) => hexEscape(Buffer.from(character)));
}

function hexEscape(bytes: Buffer): string {
  return bytes.toString("hex").replace(/../g, "\\x$&");
}
