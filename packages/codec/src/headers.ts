// SPDX-License-Identifier: Apache-2.0
import { formatValue, typeName, UsageError } from "./errors.ts";
import { type Options, withDefaults } from "./limits.ts";
import { type Printable, printable } from "./printable.ts";
import { characterName, decodeText, isBlank, utf8 } from "./text.ts";

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
// "NATS/1.0"
const VERSION = [0x4e, 0x41, 0x54, 0x53, 0x2f, 0x31, 0x2e, 0x30];

type Status = Pick<MsgHeaders, "status" | "description">;
const NO_STATUS: Status = { status: undefined, description: undefined };

const defaults: HeaderLimits = { lines: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

/** The limits of a header block. `decodeHeaders` returns `undefined` for a block that exceeds one. */
export interface HeaderLimits {
  /** The number of header lines, the skipped ones included; unlimited by default. */
  readonly lines: number;
  /** The size of the whole block in bytes; unlimited by default: the message that it came in is bounded. */
  readonly bytes: number;
}

/**
 * How a name is compared with the names of the headers:
 *
 * - `exact`: as it is spelled (the default)
 * - `ignoreCase`: without regard to case
 * - `canonical`: after the given name was put into the canonical MIME form, `Content-Type` for `content-type`
 *
 * @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-4.md
 */
export type HeaderMatch = "exact" | "ignoreCase" | "canonical";

/**
 * Lists what headers are made of: `[name, value]` in order, or an object with names as keys. A value is a string, or an array of
 * strings: one header line each.
 *
 * `MsgHeaders`, a `Map` and the `Headers` of `fetch` are iterables of that kind. `Headers` has made its names lower case.
 */
export type HeadersInput =
  | Iterable<readonly [name: string, value: string | readonly string[]]>
  | { readonly [name: string]: string | readonly string[] };

const Printed: Printable = /* @__PURE__ */ printable<MsgHeaders>("MsgHeaders", (headers) => {
  const { status, description } = headers;
  return status === undefined ? headers.toJSON() : { status, description, headers: headers.toJSON() };
});

/**
 * The headers of a message: in order, several values per name, names as they were sent, and the status line apart.
 *
 * Iterating yields `[name, value]` in order. The format is that of
 * [ADR-4](https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-4.md).
 *
 * @example
 * ```ts
 * import { encodeHeaders, MsgHeaders } from "@natswire/codec";
 *
 * const headers = new MsgHeaders({ Kind: "new" });
 * headers.append("Kind", "urgent");
 * console.log(headers.get("kind")); // undefined
 * console.log(headers.values("kind", "ignoreCase")); // [ 'new', 'urgent' ]
 * console.log(encodeHeaders(headers).length); // 37
 * ```
 */
export class MsgHeaders extends Printed implements Iterable<readonly [name: string, value: string]> {
  /** The three-digit status of the first line, for example 503 for "no responders". */
  status: number | undefined;
  /** The text after the status. */
  description: string | undefined;
  /** The block that was decoded, borrowed; `undefined` if the headers were made by hand. It does not reflect changes. */
  readonly raw: Uint8Array | undefined;
  /** How many lines of the decoded block could not be read, and were skipped: see `decodeHeaders`. */
  readonly skipped: number;
  #entries: [name: string, value: string][] = [];

  /**
   * @param input names and values; the status of other headers is not copied
   * @param raw the block that the entries were read from
   * @param skipped how many lines of the block could not be read
   * @throws UsageError BAD_FIELD if it is not such an input, BAD_HEADER like `append`
   */
  constructor(input: HeadersInput = [], raw?: Uint8Array, skipped = 0) {
    super();
    this.raw = raw;
    this.skipped = skipped;
    // Each value is read once, and checked after that: a getter or a Proxy cannot replace it.
    for (const pair of pairsOf(input)) {
      if (!Array.isArray(pair) || pair.length !== 2) throw notHeaders(`[${typeName(pair)}]`);
      const [name, values] = pair;
      if (!Array.isArray(values)) this.append(name, values);
      else for (const value of values) this.append(name, value);
    }
  }

  /** The number of header lines: a name with two values counts twice. */
  get size(): number {
    return this.#entries.length;
  }

  /** Returns the first value of a name, or `undefined`. */
  get(name: string, match: HeaderMatch = "exact"): string | undefined {
    const is = matcher(name, match);
    return this.#entries.find(([key]) => is(key))?.[1];
  }

  /** Returns all values of a name, in order. */
  values(name: string, match: HeaderMatch = "exact"): string[] {
    const is = matcher(name, match);
    return this.#entries.filter(([key]) => is(key)).map(([, value]) => value);
  }

  /** Returns whether the name has a value. */
  has(name: string, match: HeaderMatch = "exact"): boolean {
    return this.#entries.some(([key]) => matcher(name, match)(key));
  }

  /**
   * Adds a header after the others.
   *
   * @throws UsageError BAD_HEADER if name or value could not be read back: see `encodeHeaders`
   */
  append(name: string, value: string, match: HeaderMatch = "exact"): void {
    checkName(name);
    const key = match === "canonical" ? canonical(name) : name;
    checkValue(`the value of header "${key}"`, value);
    this.#entries.push([key, value]);
  }

  /**
   * Replaces all values of a name with one, at the place of the first.
   *
   * @throws UsageError BAD_HEADER like `append`
   */
  set(name: string, value: string, match: HeaderMatch = "exact"): void {
    checkName(name);
    const key = match === "canonical" ? canonical(name) : name;
    checkValue(`the value of header "${key}"`, value);
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

  /**
   * Returns the headers as an object: a name with several values has an array of them. The status is not included.
   *
   * `new MsgHeaders` takes the object, and `JSON.stringify` and `console.log` show it.
   */
  toJSON(): { [name: string]: string | string[] } {
    const byName = new Map<string, string | string[]>();
    for (const [name, value] of this.#entries) {
      const before = byName.get(name);
      if (Array.isArray(before)) before.push(value);
      else byName.set(name, before === undefined ? value : [before, value]);
    }
    // Not by assignment: a sender may choose the name `__proto__`.
    return Object.fromEntries(byName);
  }

  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.#entries[Symbol.iterator]();
  }

  /** Makes headers of decoded entries without checking them: a value that could not be encoded can still be read. */
  static read(raw: Uint8Array, entries: [name: string, value: string][], skipped: number): MsgHeaders {
    const headers = new MsgHeaders([], raw, skipped);
    headers.#entries = entries;
    return headers;
  }
}

/**
 * Returns whether bytes are a header block: empty, or beginning with `NATS/1.0`.
 *
 * The lines are not checked: `decodeHeaders` skips those that it cannot read.
 */
export function isHeaderBlock(block: Uint8Array): boolean {
  return block.length === 0 || VERSION.every((byte, i) => block[i] === byte);
}

/**
 * Decodes a header block, in linear time. Returns `undefined` if it is not a header block, or exceeds a limit.
 *
 * It never fails on the content: a server relays whatever block a publisher sent. An empty block has no headers. The rules
 * are:
 *
 * - the first line is `NATS/1.0`, with an optional status of three digits and a description
 * - each further line is `name:value` and ends in CRLF; a name is printable ASCII, and blanks around the value are removed
 * - the last line is empty
 *
 * A line that breaks a rule is skipped and counted in `skipped`; the others are kept. Three more things count as one skipped
 * line each: a first line with another status, the rest of the block after its last CRLF, and bytes after the empty line.
 *
 * @param limits the limits to set; unlimited by default
 * @throws UsageError BAD_NUMBER if a limit is not a whole number or Infinity
 *
 * @example
 * ```ts
 * import { decodeHeaders } from "@natswire/codec";
 *
 * const block = new TextEncoder().encode("NATS/1.0 503 No Responders\r\nKind: new\r\nodd\r\n\r\n");
 * const headers = decodeHeaders(block);
 * console.log(headers?.status, headers?.description); // 503 No Responders
 * console.log(headers?.get("Kind"), headers?.skipped); // new 1
 * console.log(decodeHeaders(block.subarray(1))); // undefined
 * ```
 */
export function decodeHeaders(block: Uint8Array, limits?: Options<HeaderLimits>): MsgHeaders | undefined {
  const { lines, bytes } = withDefaults(defaults, limits);
  if (!isHeaderBlock(block) || block.length > bytes) return undefined;
  if (block.length === 0) return MsgHeaders.read(block, [], 0);
  const entries: [name: string, value: string][] = [];
  let end = lineEnd(block, VERSION.length);
  const status = end < 0 ? undefined : readStatus(block, VERSION.length, end);
  let skipped = status === undefined ? 1 : 0;
  while (end >= 0) {
    const start = end + 2;
    end = lineEnd(block, start);
    if (end === start) {
      if (end + 2 < block.length) skipped++;
      break;
    }
    const entry = end < 0 ? undefined : readEntry(block, start, end);
    if (entry === undefined) skipped++;
    else entries.push(entry);
    if (entries.length + skipped > lines) return undefined;
  }
  const headers = MsgHeaders.read(block, entries, skipped);
  headers.status = status?.status;
  headers.description = status?.description;
  return headers;
}

/** Returns the position of the next CRLF, or -1 without one. */
function lineEnd(block: Uint8Array, from: number): number {
  for (let i = from; i + 1 < block.length; i++) if (block[i] === CR && block[i + 1] === LF) return i;
  return -1;
}

/** Reads what follows the version, or returns `undefined` if it is not a status of three digits. */
function readStatus(block: Uint8Array, start: number, end: number): Status | undefined {
  if (start === end) return NO_STATUS;
  const line = decodeText(block, start, end);
  const match = /^[ \t]+(?:(\d{3})(?:[ \t]([^\r\n]*))?)?$/.exec(line);
  if (match === null) return undefined;
  const [, digits, description = ""] = match;
  return {
    status: digits === undefined ? undefined : Number(digits),
    description: trimBlanks(description) || undefined,
  };
}

/** Reads a header line, or returns `undefined` if it has no valid name, or a lone CR or LF. */
function readEntry(block: Uint8Array, start: number, end: number): [name: string, value: string] | undefined {
  let colon = start;
  for (; colon < end && block[colon] !== COLON; colon++) {
    if (block[colon]! <= 0x20 || block[colon]! >= 0x7f) return undefined;
  }
  if (colon === start || colon === end) return undefined;
  for (let i = colon; i < end; i++) if (block[i] === CR || block[i] === LF) return undefined;
  let first = colon + 1;
  let last = end;
  while (first < last && isBlank(block[first]!)) first++;
  while (last > first && isBlank(block[last - 1]!)) last--;
  return [decodeText(block, start, colon), decodeText(block, first, last)];
}

/**
 * Encodes headers as a block that `decodeHeaders` decodes to the same headers.
 *
 * @param input names and values; only `MsgHeaders` have a status
 * @throws UsageError BAD_FIELD if the input is of another kind
 * @throws UsageError BAD_HEADER if a name is not printable ASCII or contains a colon; if a value or the description contains a CR,
 * LF, NUL or lone surrogate, or starts or ends with a blank; if the status is not 0 to 999; if there is a description without a
 * status, or an empty one
 */
export function encodeHeaders(input: HeadersInput): Uint8Array {
  const headers = input instanceof MsgHeaders ? input : new MsgHeaders(input);
  const { status, description } = headers;
  let block = "NATS/1.0";
  if (status !== undefined) {
    if (!Number.isInteger(status) || status < 0 || status > 999) {
      throw new UsageError("BAD_HEADER", `status must be a whole number from 0 to 999, not ${formatValue(status)}`);
    }
    block += ` ${String(status).padStart(3, "0")}`;
  }
  if (description !== undefined) {
    if (status === undefined) throw new UsageError("BAD_HEADER", "the headers have a description but no status");
    checkValue("the description", description);
    if (description === "") throw new UsageError("BAD_HEADER", "the description is empty: use undefined");
    block += ` ${description}`;
  }
  block += "\r\n";
  for (const [name, value] of headers) {
    checkName(name);
    checkValue(`the value of header "${name}"`, value);
    block += `${name}: ${value}\r\n`;
  }
  return utf8.encode(`${block}\r\n`);
}

/**
 * Returns an iterable of what should be pairs. Only own properties with a string as key count.
 *
 * @throws UsageError BAD_FIELD if the input is neither iterable nor a plain object
 */
function pairsOf(input: HeadersInput): Iterable<unknown> {
  if (typeof input === "object" && input !== null) {
    if (typeof (input as { [Symbol.iterator]?: unknown })[Symbol.iterator] === "function")
      return input as Iterable<unknown>;
    const prototype: unknown = Object.getPrototypeOf(input);
    // The prototype of a plain object of any realm has none itself.
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return Object.entries(input);
  }
  throw notHeaders(typeName(input));
}

function notHeaders(given: string): UsageError {
  return new UsageError("BAD_FIELD", `headers must be { name: value } or [[name, value]], not ${given}`);
}

function checkName(name: string): void {
  if (typeof name !== "string")
    throw new UsageError("BAD_HEADER", `header name must be a string, not ${typeName(name)}`);
  if (name === "") throw new UsageError("BAD_HEADER", "header name is empty");
  const forbidden = /[^\x21-\x39\x3b-\x7e]/u.exec(name);
  if (forbidden !== null) {
    throw new UsageError("BAD_HEADER", `header name ${formatValue(name)} contains ${characterName(forbidden[0])}`);
  }
}

function checkValue(what: string, value: string): void {
  if (typeof value !== "string") {
    const hint = /^(number|boolean|bigint)$/.test(typeof value) ? "; String() it?" : "";
    throw new UsageError("BAD_HEADER", `${what} must be a string, not ${typeName(value)}${hint}`);
  }
  const forbidden = /[\r\n\0]|\p{Surrogate}/u.exec(value);
  if (forbidden !== null) throw new UsageError("BAD_HEADER", `${what} contains ${characterName(forbidden[0])}`);
  if (/^[ \t]|[ \t]$/.test(value)) throw new UsageError("BAD_HEADER", `${what} starts or ends with a blank`);
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

// Not by a regular expression: for trailing blanks it is quadratic on hostile input.
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
