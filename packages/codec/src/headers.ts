// SPDX-License-Identifier: Apache-2.0
import { formatValue, UsageError } from "./errors.ts";
import { withDefaults } from "./limits.ts";
import { decodeText, isBlank, isWellFormed, utf8 } from "./text.ts";

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
// "NATS/1.0"
const VERSION = [0x4e, 0x41, 0x54, 0x53, 0x2f, 0x31, 0x2e, 0x30];

type Status = Pick<MsgHeaders, "status" | "description">;
const NO_STATUS: Status = { status: undefined, description: undefined };

const defaults: HeaderLimits = { lines: 1024, bytes: 65_536 };

/** What a header block may be at most; a larger one is malformed. */
export interface HeaderLimits {
  /** Header lines; 1,024 by default. */
  readonly lines: number;
  /** Bytes of the whole block; 65,536 by default. */
  readonly bytes: number;
}

/**
 * How names are compared: as they are spelt, without regard to case, or after the name asked for was put in the
 * canonical MIME form (`content-type` is `Content-Type`), as ADR-4 lists them.
 */
export type HeaderMatch = "exact" | "ignoreCase" | "canonical";

/**
 * The headers of a message: ordered, multi-valued, spelt as they were sent (ADR-4), with the status line apart.
 *
 * Iterates `[name, value]` in order.
 */
export class MsgHeaders implements Iterable<readonly [name: string, value: string]> {
  /** The three-digit status of the first line, as the server writes for "no responders" (503). */
  status: number | undefined;
  /** What the first line says behind the status. */
  description: string | undefined;
  /** The block it was decoded from, borrowed; `undefined` where it was made by hand. Later changes do not show. */
  readonly raw: Uint8Array | undefined;
  #entries: [name: string, value: string][] = [];

  /**
   * @param entries `[name, value]` in order
   * @throws UsageError BAD_HEADER, as `append` does
   */
  constructor(entries: Iterable<readonly [name: string, value: string]> = [], raw?: Uint8Array) {
    this.raw = raw;
    for (const [name, value] of entries) this.append(name, value);
  }

  /** Header lines held; a name with two values counts twice. */
  get size(): number {
    return this.#entries.length;
  }

  /** The first value of a name. */
  get(name: string, match: HeaderMatch = "exact"): string | undefined {
    const is = matcher(name, match);
    return this.#entries.find(([key]) => is(key))?.[1];
  }

  /** All values of a name, in order. */
  values(name: string, match: HeaderMatch = "exact"): string[] {
    const is = matcher(name, match);
    return this.#entries.filter(([key]) => is(key)).map(([, value]) => value);
  }

  /** Whether there is a value of this name. */
  has(name: string, match: HeaderMatch = "exact"): boolean {
    return this.#entries.some(([key]) => matcher(name, match)(key));
  }

  /** Adds a value behind the ones there are. Throws UsageError BAD_HEADER for what could not be read back. */
  append(name: string, value: string, match: HeaderMatch = "exact"): void {
    checkName(name);
    const key = match === "canonical" ? canonical(name) : name;
    checkValue(`value of header ${key}`, value);
    this.#entries.push([key, value]);
  }

  /** Replaces all values of a name by one, in the place of the first. Throws UsageError BAD_HEADER like `append`. */
  set(name: string, value: string, match: HeaderMatch = "exact"): void {
    checkName(name);
    const key = match === "canonical" ? canonical(name) : name;
    checkValue(`value of header ${key}`, value);
    const is = matcher(name, match);
    const first = this.#entries.findIndex(([other]) => is(other));
    if (first < 0) this.#entries.push([key, value]);
    else {
      this.#entries[first] = [key, value];
      this.#entries = this.#entries.filter(([other], i) => i <= first || !is(other));
    }
  }

  /** Removes all values of a name. */
  delete(name: string, match: HeaderMatch = "exact"): void {
    const is = matcher(name, match);
    this.#entries = this.#entries.filter(([key]) => !is(key));
  }

  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.#entries[Symbol.iterator]();
  }

  /** Takes what was read off the wire as it is: a value that could not be written can still be looked at. */
  static read(raw: Uint8Array, entries: [name: string, value: string][]): MsgHeaders {
    const headers = new MsgHeaders([], raw);
    headers.#entries = entries;
    return headers;
  }
}

/**
 * Reads a header block; `undefined` is the verdict "malformed", never a throw, since any publisher can make a server
 * relay any bytes. An empty block has no headers. Linear.
 *
 * The rules: `NATS/1.0`, a status of three digits, lines of `name:value` ended by CRLF, blanks around a value cut, names
 * of printable ASCII, one empty line at the very end.
 */
export function decodeHeaders(block: Uint8Array, limits?: Partial<HeaderLimits>): MsgHeaders | undefined {
  const { lines, bytes } = withDefaults(defaults, limits);
  if (block.length === 0) return MsgHeaders.read(block, []);
  if (block.length > bytes || VERSION.some((byte, i) => block[i] !== byte)) return undefined;
  let end = lineEnd(block, VERSION.length);
  if (end < 0) return undefined;
  const status = readStatus(block, VERSION.length, end);
  if (status === undefined) return undefined;
  const entries: [name: string, value: string][] = [];
  for (;;) {
    const start = end + 2;
    end = lineEnd(block, start);
    if (end < 0) return undefined;
    if (end === start) break;
    const entry = entries.length < lines ? readEntry(block, start, end) : undefined;
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  if (end + 2 !== block.length) return undefined;
  const headers = MsgHeaders.read(block, entries);
  headers.status = status.status;
  headers.description = status.description;
  return headers;
}

/** Where the CR of the line's CRLF is; -1 where there is none, or a CR or LF stands alone. */
function lineEnd(block: Uint8Array, from: number): number {
  for (let i = from; i + 1 < block.length; i++) {
    if (block[i] === LF) return -1;
    if (block[i] === CR) return block[i + 1] === LF ? i : -1;
  }
  return -1;
}

function readStatus(block: Uint8Array, start: number, end: number): Status | undefined {
  if (start === end) return NO_STATUS;
  const line = decodeText(block, start, end);
  const match = /^(?:[ \t]+(?:(\d{3})(?:[ \t]+(.*))?)?)?$/s.exec(line);
  if (match === null) return undefined;
  const description = match[2] === undefined ? undefined : trimEnd(match[2]);
  return { status: match[1] === undefined ? undefined : Number(match[1]), description: description || undefined };
}

function readEntry(block: Uint8Array, start: number, end: number): [name: string, value: string] | undefined {
  let colon = start;
  for (; colon < end && block[colon] !== COLON; colon++) {
    if (block[colon]! <= 0x20 || block[colon]! >= 0x7f) return undefined;
  }
  if (colon === start || colon === end) return undefined;
  let first = colon + 1;
  let last = end;
  while (first < last && isBlank(block[first]!)) first++;
  while (last > first && isBlank(block[last - 1]!)) last--;
  return [decodeText(block, start, colon), decodeText(block, first, last)];
}

/**
 * Writes a header block that `decodeHeaders` reads back as the same headers.
 *
 * @throws UsageError BAD_HEADER for a name that is not printable ASCII without colon, a value or description with CR,
 * LF, NUL, a lone surrogate or blanks at its ends, a status that is not 0 to 999, a description without status
 */
export function encodeHeaders(headers: MsgHeaders): Uint8Array {
  const { status, description } = headers;
  let block = "NATS/1.0";
  if (status !== undefined) {
    if (!Number.isInteger(status) || status < 0 || status > 999) {
      throw new UsageError("BAD_HEADER", "a status must be a whole number of at most three digits");
    }
    block += ` ${String(status).padStart(3, "0")}`;
  }
  if (description !== undefined) {
    if (status === undefined) throw new UsageError("BAD_HEADER", "a description needs a status");
    checkValue("description", description);
    if (description === "") throw new UsageError("BAD_HEADER", "an empty description would be read back as none");
    block += ` ${description}`;
  }
  block += "\r\n";
  for (const [name, value] of headers) {
    checkName(name);
    checkValue(`value of header ${name}`, value);
    block += `${name}: ${value}\r\n`;
  }
  return utf8.encode(`${block}\r\n`);
}

function checkName(name: string): void {
  if (typeof name !== "string" || !/^[\x21-\x39\x3b-\x7e]+$/.test(name)) {
    throw new UsageError(
      "BAD_HEADER",
      `header name ${formatValue(name)} must be printable ASCII without blank and colon`,
    );
  }
}

function checkValue(what: string, value: string): void {
  if (typeof value !== "string" || /[\r\n\0]|^[ \t]|[ \t]$/.test(value) || !isWellFormed(value)) {
    const rule = "must be a string without CR, LF, NUL, lone surrogates and blanks at its ends";
    throw new UsageError("BAD_HEADER", `the ${what} ${rule}`);
  }
}

function matcher(name: string, match: HeaderMatch): (key: string) => boolean {
  if (match === "ignoreCase") {
    const lower = name.toLowerCase();
    return (key) => key.toLowerCase() === lower;
  }
  const wanted = match === "canonical" ? canonical(name) : name;
  return (key) => key === wanted;
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (first) => first.toUpperCase());
}

// A regular expression for trailing blanks is quadratic on hostile input.
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === " " || text[end - 1] === "\t")) end--;
  return text.slice(0, end);
}
