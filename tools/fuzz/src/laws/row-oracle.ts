// SPDX-License-Identifier: Apache-2.0
import type { Row } from "@natswire/codec/grammar";

type Frame = Record<string, unknown>;

/** What a stream says by the rows of a grammar. */
export interface RowReading {
  readonly frames: readonly Frame[];
  /** Whether the grammar has no such line, or what follows it is wrong. */
  readonly isBroken: boolean;
  /** The position after the last frame. */
  readonly rest: number;
}

// The default limit, in bytes.
const LARGEST = 67_108_864;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a whole stream by the rows of a grammar: slowly, with strings and arrays. Its frames have no `flaw`. */
export function rowOracle(stream: Uint8Array, rows: readonly Row[]): RowReading {
  const text = String.fromCharCode(...stream);
  const frames: Frame[] = [];
  for (let at = 0; ; ) {
    const lf = text.indexOf("\n", at);
    if (lf < 0) return { frames, isBroken: false, rest: at };
    const line = text.slice(at, lf).replace(/\r$/, "");
    const [verb = "", ...words] = line.split(/[ \t]+/);
    if (words.at(-1) === "") words.pop();
    const row = rows.find(({ word }) => word === verb.replace(/[a-z]/g, (letter) => letter.toUpperCase()));
    const frame = row && frameOf(row, words, line.slice(verb.length).replace(/^[ \t]+|[ \t]+$/g, ""));
    if (frame === undefined) return { frames, isBroken: true, rest: at };
    let next = lf + 1;
    const [sized, headed] = /(headers-size )?size$/.exec(row!.line) ?? [];
    if (sized !== undefined) {
      const body = next + (headed === undefined ? 0 : Number(words.at(-2)));
      const end = next + Number(words.at(-1));
      const trailer = text.slice(end, end + 2);
      if (trailer !== "\r\n") return { frames, isBroken: !"\r\n".startsWith(trailer), rest: at };
      if (headed !== undefined) frame["headers"] = stream.slice(next, body);
      frame["payload"] = stream.slice(body, end);
      next = end + 2;
    }
    frames.push(frame);
    at = next;
  }
}

/** Reads the arguments of one line, and `rest`, which is all of them. Returns undefined if they are not those of the row. */
function frameOf({ word, line }: Row, words: readonly string[], rest: string): Frame | undefined {
  const names = line === "" ? [] : line.split(" ");
  const frame: Frame = { op: word.toLowerCase() };
  const last = names.at(-1);
  const isText = last === "text" || last === "json";
  const open = names.findIndex((name) => name.startsWith("["));
  const inside = open < 0 ? 0 : names.findIndex((name) => name.endsWith("]")) - open + 1;
  const extra = isText ? 0 : words.length - names.length + inside;
  if (isText ? words.length < names.length : extra < 0) return undefined;
  if (extra > 0 && extra !== inside && !line.includes("...")) return undefined;
  const middle = inside === 2 && line.includes("...") ? middleOf(words.slice(open, open + extra).map(opaque)) : [];
  if (middle === undefined) return undefined;
  for (const [i, text] of names.entries()) {
    const name = text.replace(/[[\]#.]/g, "");
    const isOptional = i >= open && i < open + inside;
    const value = i < open + inside || open < 0 ? words[i] : words[words.length - names.length + i];
    if (isOptional && middle.length > 0) frame[name] = middle[i - open];
    else if (text.includes("...")) frame[name] = words.slice(i, i + extra).map(opaque);
    else if (isOptional && extra === 0) frame[name] = undefined;
    else if (isText && i === names.length - 1) frame[name] = rest.replace(new RegExp(`^([^ \t]+[ \t]+){${i}}`), "");
    else if (!/^#|size$/.test(text.replace("[", ""))) frame[name] = opaque(value!);
    else if (/^\d+$/.test(value!) && value!.length <= (name === "sid" ? 15 : 9)) frame[name] = Number(value);
    else return undefined;
  }
  const { "headers-size": headers = 0, size = 0, ...fields } = frame;
  if (Number(headers) > Number(size) || Number(size) > LARGEST) return undefined;
  if (last === "text") fields["text"] = Buffer.from(fields["text"] as string, "latin1").toString();
  return last === "json" ? withObject(fields) : fields;
}

/** Returns the reply and the queue groups that `[reply queues...]` stands for; undefined if it has no mark. */
function middleOf(words: readonly string[]): readonly unknown[] | undefined {
  if (words.length < 2) return [words[0], []];
  if (words[0] === "|") return [undefined, words.slice(1)];
  return words[0] === "+" ? [words[1], words.slice(2)] : undefined;
}

function withObject(fields: Frame): Frame | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(fields["json"] as string, "latin1").toString());
    return typeof json === "object" && json !== null && !Array.isArray(json) ? { ...fields, json } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns UTF-8 as text; of other bytes, each from 0x80 on is a lone surrogate. */
function opaque(bytes: string): string {
  try {
    return decoder.decode(Buffer.from(bytes, "latin1"));
  } catch {
    return bytes.replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(0xdc00 + byte.charCodeAt(0)));
  }
}
