// SPDX-License-Identifier: Apache-2.0
import type { Limits, ProtocolErrorCode } from "../../packages/codec/src/index.ts";

export interface Verdict {
  readonly frames: unknown[];
  readonly fault: Fault | undefined;
  /** The first byte that belongs to no frame; after a fault, the first byte of its line. */
  readonly rest: number;
}

interface Fault {
  readonly code: ProtocolErrorCode;
  readonly offset: number;
}

/** `undefined` means that more bytes are needed. */
type Outcome = { readonly frame: object; readonly end: number } | Fault | undefined;

/** The position of a word in the input; `to` is the first byte after it. */
type Span = readonly [from: number, to: number];

/** The arguments of a line by name; `undefined` if it has no such argument. */
type Words = (name: string) => Span | undefined;

interface Verb {
  readonly word: string;
  readonly op: string;
  /** The names of the arguments, one list for each allowed number of them; PING has none. */
  readonly forms: readonly (readonly string[])[];
  /** Whether the only argument is the rest of the line, blanks included. */
  readonly whole: boolean;
}

const SP = 0x20;
const HT = 0x09;
const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const QUOTE = 0x27;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

const serverVerbs: readonly Verb[] = [
  verb("MSG", "msg", "subject sid size", "subject sid reply size"),
  verb("HMSG", "msg", "subject sid header size", "subject sid reply header size"),
  verb("PING", "ping"),
  verb("PONG", "pong"),
  verb("+OK", "ok"),
  verb("-ERR", "err", "whole"),
  verb("INFO", "info", "whole"),
];

const clientVerbs: readonly Verb[] = [
  verb("PUB", "pub", "subject size", "subject reply size"),
  verb("HPUB", "pub", "subject header size", "subject reply header size"),
  verb("SUB", "sub", "subject sid", "subject queue sid"),
  verb("UNSUB", "unsub", "sid", "sid max"),
  verb("PING", "ping"),
  verb("PONG", "pong"),
  verb("CONNECT", "connect", "whole"),
];

const serverFrameLimits: Limits = { line: 65_536, info: 1_048_576, payload: 67_108_864, strictLineEnd: false };
const clientFrameLimits: Limits = { line: 4_104, info: 1_048_576, payload: 1_048_576, strictLineEnd: false };

const infoFields: ReadonlyMap<string, string> = fields({
  string:
    "server_id server_name version git_commit go host ip client_ip nonce cluster domain compression remote_account xkey",
  integer: "proto port max_payload client_id api_lvl",
  boolean:
    "headers auth_required tls_required tls_verify tls_available jetstream cluster_dynamic ldm connect_info acc_is_sys",
  strings: "connect_urls ws_connect_urls",
});

const connectFields: ReadonlyMap<string, string> = fields({
  string: "auth_token user pass nkey jwt sig name lang version proxy_sig",
  integer: "protocol",
  boolean: "verbose pedantic tls_required echo headers no_responders",
});

/** Returns what a decoder must make of the whole input, written from the protocol text alone. */
export function oracle(bytes: Uint8Array, from: "server" | "client", limits: Partial<Limits> = {}): Verdict {
  const [verbs, defaults] = from === "server" ? [serverVerbs, serverFrameLimits] : [clientVerbs, clientFrameLimits];
  const bounds = { ...defaults, ...limits };
  const frames: unknown[] = [];
  let rest = 0;
  for (;;) {
    const outcome = readFrame(bytes, rest, verbs, bounds);
    if (outcome === undefined) return { frames, fault: undefined, rest };
    if ("code" in outcome) return { frames, fault: outcome, rest };
    frames.push(outcome.frame);
    rest = outcome.end;
  }
}

/**
 * Reads a frame. A fault belongs to the first byte that proves it, or chunking would change the result. If one byte proves
 * two faults, their precedence decides. So a line is searched byte by byte for its end, and then judged.
 */
function readFrame(bytes: Uint8Array, start: number, verbs: readonly Verb[], limits: Limits): Outcome {
  let verb = verbs[0]!;
  let matched = 0;
  for (const candidate of verbs) {
    const same = commonStart(bytes, start, candidate.word);
    if (same > matched) [verb, matched] = [candidate, same];
  }
  const limit = verb.op === "info" ? limits.info : limits.line;
  if (matched > limit) return { code: "LINE_TOO_LONG", offset: start + limit };

  const behind = start + matched;
  if (behind === bytes.length) return undefined;
  if (matched < verb.word.length) return { code: "UNKNOWN_VERB", offset: start };
  const bare = verb.forms.length === 0;
  if (!bare && !isBlank(bytes[behind]!)) return { code: "UNKNOWN_VERB", offset: start };

  let stop = behind;
  let width = lineEnd(bytes, stop);
  for (; width === 0; width = lineEnd(bytes, ++stop)) {
    // A byte after a verb without arguments is a fault of the verb, which precedes a fault of the length.
    if (bare && !isBlank(bytes[stop]!)) return { code: "UNKNOWN_VERB", offset: start };
    if (stop - start === limit) return { code: "LINE_TOO_LONG", offset: start + limit };
  }
  if (width === undefined) return undefined;
  if (width === 1 && limits.strictLineEnd) return { code: "BAD_LINE_END", offset: start };
  const end = stop + width;
  if (bare) return { frame: { op: verb.op }, end };

  const words = split(bytes, behind, stop);
  if (verb.whole) {
    if (words.length === 0) return { code: "BAD_ARGUMENTS", offset: start };
    const all: Span = [words[0]![0], words.at(-1)![1]];
    if (verb.op === "err") return { frame: { op: "err", text: unquoted(bytes, all) }, end };
    const json = readObject(text(bytes, all), verb.op === "info" ? infoFields : connectFields);
    if (json === undefined) return { code: "BAD_JSON", offset: start };
    return { frame: verb.op === "info" ? { op: "info", info: json } : { op: "connect", options: json }, end };
  }
  const form = verb.forms.find((names) => names.length === words.length);
  if (form === undefined) return { code: "BAD_ARGUMENTS", offset: start };
  const word: Words = (name) => words[form.indexOf(name)];
  if (verb.op === "sub") return subscription(bytes, word, end);
  if (verb.op === "unsub") return withdrawal(bytes, start, word, end);
  return message(bytes, start, verb.op, word, end, limits.payload);
}

function subscription(bytes: Uint8Array, word: Words, end: number): Outcome {
  const queue = word("queue");
  const subject = opaque(bytes, word("subject")!);
  return { frame: { op: "sub", subject, queue: queue && opaque(bytes, queue), sid: opaque(bytes, word("sid")!) }, end };
}

function withdrawal(bytes: Uint8Array, start: number, word: Words, end: number): Outcome {
  const digits = word("max");
  const max = digits && number(bytes, digits, 9);
  // A server reads more than nine digits as no maximum.
  const isLong = digits !== undefined && digits[1] - digits[0] > 9 && /^[0-9]+$/.test(text(bytes, digits));
  if (digits !== undefined && max === undefined && !isLong) return { code: "BAD_SIZE", offset: start };
  return { frame: { op: "unsub", sid: opaque(bytes, word("sid")!), max }, end };
}

function message(bytes: Uint8Array, start: number, op: string, word: Words, body: number, largest: number): Outcome {
  const sid = op === "msg" ? number(bytes, word("sid")!, 15) : 0;
  if (sid === undefined) return { code: "BAD_SID", offset: start };
  const headerSpan = word("header");
  const header = headerSpan === undefined ? 0 : number(bytes, headerSpan, 9);
  const size = number(bytes, word("size")!, 9);
  if (header === undefined || size === undefined || header > size) return { code: "BAD_SIZE", offset: start };
  if (size > largest) return { code: "PAYLOAD_TOO_LARGE", offset: start };

  const trailer = body + size;
  if (trailer >= bytes.length) return undefined;
  if (bytes[trailer] !== CR) return { code: "BAD_TRAILER", offset: trailer };
  if (trailer + 1 === bytes.length) return undefined;
  if (bytes[trailer + 1] !== LF) return { code: "BAD_TRAILER", offset: trailer + 1 };

  const subject = word("subject")!;
  const reply = word("reply");
  const odd = reply !== undefined && isFlawed(bytes, reply) ? "reply" : undefined;
  const flaw = isFlawed(bytes, subject) ? (odd === "reply" ? "both" : "subject") : odd;
  const frame = {
    op,
    subject: opaque(bytes, subject),
    ...(op === "msg" && { sid }),
    reply: reply && opaque(bytes, reply),
    headers: headerSpan && bytes.subarray(body, body + header),
    payload: bytes.subarray(body + header, trailer),
    flaw,
  };
  return { frame, end: trailer + 2 };
}

/** Returns how many bytes match the verb, in any case. The byte after them is impossible. */
function commonStart(bytes: Uint8Array, start: number, word: string): number {
  for (let same = 0; same < word.length; same++) {
    // After the end of the input there is NaN, which is not a letter.
    const byte = bytes[start + same] ?? Number.NaN;
    const upper = byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
    if (upper !== word.charCodeAt(same)) return same;
  }
  return word.length;
}

/** Returns the length of the line end at this place: 0 if it has no line end, `undefined` if the next byte decides. */
function lineEnd(bytes: Uint8Array, at: number): 0 | 1 | 2 | undefined {
  if (bytes[at] === LF) return 1;
  if (at + (bytes[at] === CR ? 1 : 0) === bytes.length) return undefined;
  return bytes[at] === CR && bytes[at + 1] === LF ? 2 : 0;
}

function split(bytes: Uint8Array, from: number, to: number): Span[] {
  const words: Span[] = [];
  for (let at = from; at < to; ) {
    const first = at;
    while (at < to && !isBlank(bytes[at]!)) at++;
    if (at > first) words.push([first, at]);
    else at++;
  }
  return words;
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === HT;
}

/** Returns a number of at most 15 digits, so the sum is an exact integer. */
function number(bytes: Uint8Array, [from, to]: Span, most: number): number | undefined {
  if (to - from > most) return undefined;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

function text(bytes: Uint8Array, [from, to]: Span): string {
  return decoder.decode(bytes.subarray(from, to));
}

/** Returns whether bytes are UTF-8: they survive the round trip, while a replaced one becomes EF BF BD. */
function isUtf8(bytes: Uint8Array, [from, to]: Span, decoded: string): boolean {
  if (!decoded.includes("\uFFFD")) return true;
  const again = encoder.encode(decoded);
  return again.length === to - from && again.every((byte, index) => byte === bytes[from + index]);
}

/** Decodes a word so that two words never become one: bytes that are not UTF-8 become lone surrogates. */
function opaque(bytes: Uint8Array, span: Span): string {
  const decoded = text(bytes, span);
  if (isUtf8(bytes, span, decoded)) return decoded;
  return Array.from(bytes.subarray(...span), (byte) => String.fromCharCode(byte + (byte < 0x80 ? 0 : 0xdc00))).join("");
}

function isFlawed(bytes: Uint8Array, span: Span): boolean {
  const [from, to] = span;
  let high = false;
  let tokenStart = true;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte <= SP || byte === 0x7f || (byte === DOT && tokenStart)) return true;
    tokenStart = byte === DOT;
    high ||= byte >= 0x80;
  }
  return tokenStart || (high && !isUtf8(bytes, span, text(bytes, span)));
}

/** Removes quotes as a pair; a single one belongs to the text. */
function unquoted(bytes: Uint8Array, [from, to]: Span): string {
  const quoted = to - from >= 2 && bytes[from] === QUOTE && bytes[to - 1] === QUOTE;
  return text(bytes, quoted ? [from + 1, to - 1] : [from, to]);
}

function readObject(json: string, known: ReadonlyMap<string, string>): object | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).filter(([name, field]) => field !== null || !known.has(name));
  for (const [name, field] of entries) {
    const kind = known.get(name);
    if (kind !== undefined && !isOf(kind, field)) return undefined;
  }
  return Object.fromEntries(entries);
}

function isOf(kind: string, value: unknown): boolean {
  if (kind === "integer") return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 64;
  if (kind === "strings") return Array.isArray(value) && value.every((item) => typeof item === "string");
  return typeof value === kind;
}

function fields(kinds: Record<string, string>): ReadonlyMap<string, string> {
  return new Map(Object.entries(kinds).flatMap(([kind, names]) => names.split(" ").map((name) => [name, kind])));
}

function verb(word: string, op: string, ...forms: string[]): Verb {
  return { word, op, forms: forms.map((names) => names.split(" ")), whole: forms[0] === "whole" };
}
