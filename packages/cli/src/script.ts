// SPDX-License-Identifier: Apache-2.0
import { withoutCredentials } from "./credentials.ts";
import type { Side } from "./ear.ts";
import { Failure } from "./output.ts";
import type { Entry } from "./recording.ts";
import { textOf, UNSEEN, visible } from "./words.ts";

/** What is done next on a connection: say these bytes, hear such a line, or see the server close it. */
export type Step = {
  readonly connection: number;
  /** Where it stands in the file, from 1. */
  readonly line: number;
  /** As a person would write it, without credentials. */
  readonly text: string;
} & (
  | { readonly op: "say"; readonly bytes: Uint8Array }
  | { readonly op: "hear"; readonly isInfo: boolean; readonly isLike: (heard: string) => boolean }
  | { readonly op: "closed" }
);

const MARKS: Readonly<Record<string, string>> = { "␍": "\r", "␊": "\n", "␉": "\t", "␠": " " };
/** What is expected, and heard, where the server closes the connection. */
export const CLOSED = "(closed)";
const REPEATED = /\{(.)\*(\d+)\}/gu;
// Characters of a line: what the largest payload has.
const LONGEST = 64 * 1024 * 1024;
const CRLF = Buffer.from("\r\n");

/**
 * Reads a transcript that a person wrote: `C: ` in front of what the client says, `S: ` of what the server must, a number
 * behind the letter for a second connection, `#` in front of a remark.
 *
 * @throws Failure with the line that is none of these
 */
export function readScript(text: string): Step[] {
  return text
    .split(/\r?\n/)
    .map((line, i) => [line, i + 1] as const)
    .filter(([line]) => line.trim() !== "" && !line.startsWith("#"))
    .map(([line, number]) => {
      const [, who, digits = "", says = ""] = /^([CS])(\d*):(?: (.*))?$/.exec(line) ?? [];
      if (who === undefined) {
        throw new Failure(
          `line ${number} is none of a transcript: C: what the client says, S: what the server does, # remark`,
        );
      }
      const length = [...says.matchAll(REPEATED)].reduce((sum, [, , count]) => sum + Number(count), 0);
      if (length > LONGEST) throw new Failure(`line ${number} is longer than ${LONGEST} characters`);
      const step = { connection: digits === "" ? 1 : Number(digits), line: number, text: visible(line) };
      if (who === "C") {
        return { ...step, text: `C${digits}: ${visible(withoutCredentials(says))}`, op: "say", bytes: bytesOf(says) };
      }
      if (says === CLOSED) return { ...step, op: "closed" };
      return { ...step, op: "hear", isInfo: says.startsWith("INFO"), isLike: patternOf(says) };
    });
}

/** Reads a recording: what clients said is said, what the server said is expected, INFO and PINGs as they come. */
export function scriptOf(entries: readonly Entry[]): Step[] {
  return entries.flatMap((entry, i): Step[] => {
    if (!("bytes" in entry)) return [];
    const { connection, from } = entry;
    const bytes = Buffer.from(entry.bytes);
    const line = i + 1;
    const [first = "", ...more] = linesOf(bytes);
    const verb = /^\S*/.exec(first)?.[0].toUpperCase();
    if (verb === (from === "client" ? "PONG" : "PING")) return [];
    const said = verb === "INFO" ? ["INFO …"] : [withoutCredentials(first), ...more];
    if (from === "client")
      return [{ connection, line, text: shown(connection, from, said.join("␍␊")), op: "say", bytes }];
    return said.map((one) => ({
      connection,
      line,
      text: shown(connection, from, one),
      op: "hear",
      isInfo: verb === "INFO",
      isLike: verb === "INFO" ? (heard) => heard.startsWith("INFO ") : (heard) => heard === one,
    }));
  });
}

/** A line of a transcript. */
export function shown(connection: number, from: Side, text: string): string {
  return `${from === "client" ? "C" : "S"}${connection === 1 ? "" : connection}: ${text}`;
}

/** What a side said, cut at CRLF, each piece with marks for what cannot be seen. */
export function linesOf(bytes: Uint8Array): string[] {
  const rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const lines: string[] = [];
  let at = 0;
  for (let end = rest.indexOf(CRLF); end >= 0; end = rest.indexOf(CRLF, at)) {
    lines.push(marked(rest.subarray(at, end)));
    at = end + CRLF.length;
  }
  return at === rest.length ? lines : [...lines, marked(rest.subarray(at))];
}

/** What a line says, and CRLF behind it, unless it names a line end of its own. */
function bytesOf(says: string): Uint8Array {
  const text = unmarked(repeated(says));
  return /[\n\r]$/.test(text.toString("latin1")) ? text : Buffer.concat([text, CRLF]);
}

/** Pieces in their order, and anything between them; no regular expression, which may not be as long as a payload. */
function patternOf(says: string): (heard: string) => boolean {
  const [first = "", ...others] = repeated(says)
    .split(/[*…]/)
    .map((piece) => marked(unmarked(piece)));
  const last = others.pop();
  return (heard) => {
    if (last === undefined) return heard === first;
    if (!heard.startsWith(first)) return false;
    let at = first.length;
    for (const piece of others) {
      const found = heard.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return heard.length >= at + last.length && heard.endsWith(last);
  };
}

function repeated(says: string): string {
  return says.replace(REPEATED, (_, sign: string, count: string) => sign.repeat(Number(count)));
}

function unmarked(text: string): Buffer {
  const parts = text.split(/(\\x[0-9a-f]{2})/i);
  return Buffer.concat(
    parts.map((part, i) =>
      i % 2 === 1
        ? Buffer.from(part.slice(2), "hex")
        : Buffer.from(part.replace(/[␍␊␉␠]/g, (mark) => MARKS[mark] ?? mark)),
    ),
  );
}

function marked(bytes: Uint8Array): string {
  const text =
    textOf(bytes) ??
    Buffer.from(bytes)
      .toString("latin1")
      .replace(/[\x80-\xff]/g, (sign) => escaped(Buffer.from(sign, "latin1")));
  return text
    .replaceAll("\r", "␍")
    .replaceAll("\n", "␊")
    .replaceAll("\t", "␉")
    .replace(UNSEEN, (sign) => escaped(Buffer.from(sign)));
}

function escaped(bytes: Buffer): string {
  return bytes.toString("hex").replace(/../g, "\\x$&");
}
