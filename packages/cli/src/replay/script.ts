// SPDX-License-Identifier: Apache-2.0
import type { ServerFrame } from "@natswire/codec";
import { visible } from "../format/format.ts";
import { redactLine } from "../format/redact.ts";
import type { DecodedFrame } from "../frame-reader.ts";
import { Failure } from "../output.ts";
import { type Answer, type AnswerReader, CLOSED, ownAnswer } from "./answer.ts";
import { escapeBytes, formatLine, splitLines } from "./lines.ts";

/** One step of a script: send bytes on a connection, or expect an answer. */
export type Step = {
  readonly connection: number;
  /** Its line in the file, from 1. */
  readonly line: number;
  /** The line as it is shown, without credentials. */
  readonly shown: string;
} & ({ readonly op: "send"; readonly bytes: Uint8Array } | Expectation);

/** An answer that the server must send. */
export interface Expectation extends Answer {
  readonly op: "expect";
  readonly line: number;
  readonly shown: string;
  readonly matches: (text: string) => boolean;
}

/** What is played. */
export interface Script {
  readonly steps: readonly Step[];
  /** Creates what makes answers of frames, as the steps expect them. It is for one run. */
  readonly createReader: () => AnswerReader;
  /** Returns the ignored fields that were in no answer so far. */
  readonly unusedFields: () => readonly string[];
}

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
export function parseScript(text: string): Script {
  const steps = text
    .split(/\r?\n/)
    .map((line, i) => [line, i + 1] as const)
    .filter(([line]) => line.trim() !== "" && !line.startsWith("#"))
    .map(([line, number]) => parseLine(line, number));
  return { steps, createReader: () => readLines, unusedFields: () => [] };
}

/** Makes an answer of each line. INFO may come at any time. */
function readLines(connection: number, { frame, bytes }: DecodedFrame<ServerFrame<string>>): Answer[] {
  if (frame.op === "ping") return [];
  return splitLines(bytes).map((text) =>
    frame.op === "info" ? { ...infoAnswer(connection, text), isOptional: true } : ownAnswer(connection, text),
  );
}

function infoAnswer(connection: number, text: string): Answer {
  return { connection, lane: `${connection} INFO`, text, content: text };
}

function parseLine(line: string, number: number): Step {
  const [, digits, arrow, content = ""] = /^ *(\d+) +(->|<-)(?: (.*))?$/.exec(line) ?? [];
  if (arrow === undefined) {
    throw new Failure(`line ${number} is not a line of a transcript: start it with "1 -> ", "1 <- " or "#"`);
  }
  const repeated = [...content.matchAll(REPEAT)].reduce((sum, [, , count]) => sum + Number(count), 0);
  if (repeated > MAX_LINE) throw new Failure(`line ${number} is longer than ${MAX_LINE} characters`);
  const step = { connection: Number(digits), line: number, shown: visible(line) };
  if (arrow === "->") {
    const shown = formatLine(step.connection, "client", visible(redactLine(content)));
    return { ...step, shown, op: "send", bytes: encodeLine(content) };
  }
  const answer = (content.startsWith("INFO") ? infoAnswer : ownAnswer)(step.connection, visible(content));
  const matchesLine = matcherFor(content);
  const matches = (received: string): boolean => (received === CLOSED ? content === CLOSED : matchesLine(received));
  return { ...step, ...answer, op: "expect", matches };
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
