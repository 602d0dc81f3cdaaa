// SPDX-License-Identifier: Apache-2.0
import type { Limits, ProtocolErrorCode } from "../src/index.ts";

/** What the protocol says a whole input means. */
export interface Verdict {
  readonly frames: unknown[];
  readonly fault: { readonly code: ProtocolErrorCode; readonly offset: number } | undefined;
  readonly rest: number;
}

class Fault extends Error {
  readonly code: ProtocolErrorCode;
  readonly offset: number;

  constructor(code: ProtocolErrorCode, offset: number) {
    super(code);
    this.code = code;
    this.offset = offset;
  }
}

type Step = { frame: unknown; next: number } | "more";

const known = {
  client: {
    strings:
      "server_id server_name version git_commit go host ip nonce cluster domain client_ip compression remote_account xkey".split(
        " ",
      ),
    integers: "proto port max_payload client_id api_lvl".split(" "),
    booleans:
      "headers auth_required tls_required tls_verify tls_available jetstream cluster_dynamic ldm connect_info acc_is_sys".split(
        " ",
      ),
    lists: ["connect_urls", "ws_connect_urls"],
  },
  server: {
    strings: "auth_token user pass nkey jwt sig name lang version".split(" "),
    integers: ["protocol"],
    booleans: "verbose pedantic tls_required echo headers no_responders".split(" "),
    lists: [],
  },
};

/**
 * Reads a whole input by the letter of the protocol: a few regular expressions over one character per byte, one step
 * per frame, nothing incremental and nothing shared with the scanner.
 */
export function oracle(bytes: Uint8Array, role: "client" | "server", limits: Partial<Limits> = {}): Verdict {
  const defaults = role === "client" ? { line: 65_536, payload: 67_108_864 } : { line: 4104, payload: 1_048_576 };
  const all: Limits = { info: 1_048_576, strictLineEnd: false, ...defaults, ...limits };
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  const frames: unknown[] = [];
  let at = 0;
  try {
    while (at < text.length) {
      const step = read(text, at, role, all);
      if (step === "more") break;
      frames.push(step.frame);
      at = step.next;
    }
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { frames, fault: { code: fault.code, offset: fault.offset }, rest: at };
  }
  return { frames, fault: undefined, rest: at };
}

const verbs = {
  client: { bare: ["PING", "PONG", "+OK"], worded: ["MSG", "HMSG", "INFO", "-ERR"] },
  server: { bare: ["PING", "PONG"], worded: ["PUB", "HPUB", "SUB", "UNSUB", "CONNECT"] },
};

function read(text: string, at: number, role: "client" | "server", limits: Limits): Step {
  const rest = text.slice(at);
  const { bare, worded } = verbs[role];
  const limit = /^info/i.test(rest) && role === "client" ? limits.info : limits.line;
  // The line is possible as long as it is the beginning of some spelling, or all of one.
  const upper = rest.slice(0, 8).toUpperCase();
  const word = [...bare, ...worded].find((verb) => upper.startsWith(verb));
  // Letters that do begin a verb count towards the line: where they alone are too many, that is seen first.
  const all = [...bare, ...worded];
  const letters = Math.max(...all.map((verb) => common(verb, upper)));
  const nearest = all.filter((verb) => common(verb, upper) === letters);
  const reach = role === "client" && nearest.includes("INFO") ? limits.info : limits.line;
  if (letters > reach) return refuseLength(at, reach);
  if (word === undefined) {
    if (letters < upper.length) throw new Fault("UNKNOWN_VERB", at);
    return tooLong(rest, limit) ? refuseLength(at, limit) : "more";
  }
  const behind = rest.slice(word.length);
  if (bare.includes(word)) {
    const impossible = /^[ \t]*(?:\r(?!\n|$)|[^ \t\r\n])/.exec(behind);
    // The blanks and the byte after them: a CR counts where it stands.
    if (impossible !== null && word.length + impossible[0].length - 1 <= limit) throw new Fault("UNKNOWN_VERB", at);
  } else if (/^[^ \t]/.test(behind)) throw new Fault("UNKNOWN_VERB", at);
  if (tooLong(rest, limit)) return refuseLength(at, limit);
  const lf = rest.indexOf("\n");
  if (lf < 0) return "more";
  const line = rest.slice(0, lf).replace(/\r$/, "");
  if (limits.strictLineEnd && line.length === lf) throw new Fault("BAD_LINE_END", at);
  const next = at + lf + 1;
  switch (word) {
    case "PING":
    case "PONG":
      return { frame: { op: word.toLowerCase() }, next };
    case "+OK":
      return { frame: { op: "ok" }, next };
    default:
      return worded.includes(word) ? operation(word, line.slice(word.length), text, at, next, limits) : "more";
  }
}

function refuseLength(at: number, limit: number): never {
  throw new Fault("LINE_TOO_LONG", at + limit);
}

function common(verb: string, upper: string): number {
  let same = 0;
  while (same < verb.length && verb[same] === upper[same]) same++;
  return same;
}

/** No line end can begin at or before `limit`. */
function tooLong(rest: string, limit: number): boolean {
  const head = rest.slice(0, limit + 1);
  if (head.includes("\n") || rest.length <= limit) return false;
  return !(rest[limit] === "\r" && (rest.length === limit + 1 || rest[limit + 1] === "\n"));
}

function operation(word: string, args: string, text: string, at: number, next: number, limits: Limits): Step {
  const fail = (code: ProtocolErrorCode): never => {
    throw new Fault(code, at);
  };
  const trimmed = args.replace(/^[ \t]+|[ \t]+$/g, "");
  if (word === "INFO" || word === "CONNECT" || word === "-ERR") {
    if (trimmed === "") fail("BAD_ARGUMENTS");
    if (word === "-ERR") return { frame: { op: "err", text: utf8(trimmed.replace(/^'(.*)'$/s, "$1")) }, next };
    const object = json(utf8(trimmed), word === "INFO" ? "client" : "server") ?? fail("BAD_JSON");
    return { frame: word === "INFO" ? { op: "info", info: object } : { op: "connect", options: object }, next };
  }
  const tokens = trimmed.split(/[ \t]+/).filter((token) => token !== "");
  const [fewest, most] = { MSG: [3, 4], HMSG: [4, 5], PUB: [2, 3], HPUB: [3, 4], SUB: [2, 3], UNSUB: [1, 2] }[word]!;
  if (tokens.length < fewest! || tokens.length > most!) fail("BAD_ARGUMENTS");
  const size = (digits: string): number => (/^[0-9]{1,9}$/.test(digits) ? Number(digits) : fail("BAD_SIZE"));
  if (word === "UNSUB") {
    const [sid, max] = tokens;
    return { frame: { op: "unsub", sid: opaque(sid!), max: max === undefined ? undefined : size(max) }, next };
  }
  if (word === "SUB") {
    const queue = tokens.length === 3 ? opaque(tokens[1]!) : undefined;
    return { frame: { op: "sub", subject: utf8(tokens[0]!), queue, sid: opaque(tokens.at(-1)!) }, next };
  }
  const subject = tokens.shift()!;
  const sid = word.endsWith("MSG") ? tokens.shift()! : undefined;
  if (sid !== undefined && !/^[0-9]{1,15}$/.test(sid)) fail("BAD_SID");
  const reply = tokens.length > (word.startsWith("H") ? 2 : 1) ? tokens.shift()! : undefined;
  const head = word.startsWith("H") ? size(tokens.shift()!) : undefined;
  const total = size(tokens.shift()!);
  if (head !== undefined && head > total) fail("BAD_SIZE");
  if (total > limits.payload) fail("PAYLOAD_TOO_LARGE");
  const end = next + total;
  if (end < text.length && text[end] !== "\r") throw new Fault("BAD_TRAILER", end);
  if (end + 1 < text.length && text[end + 1] !== "\n") throw new Fault("BAD_TRAILER", end + 1);
  if (end + 2 > text.length) return "more";
  const body = Uint8Array.from(text.slice(next, end), (c) => c.charCodeAt(0));
  const frame = {
    op: sid === undefined ? "pub" : "msg",
    subject: utf8(subject),
    ...(sid === undefined ? {} : { sid: Number(sid) }),
    reply: reply === undefined ? undefined : utf8(reply),
    headers: head === undefined ? undefined : body.slice(0, head),
    payload: body.slice(head ?? 0),
    flaw: flaw(subject, reply),
  };
  return { frame, next: end + 2 };
}

function flaw(subject: string, reply: string | undefined): string | undefined {
  const odd = (name: string): boolean =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\x00-\x20\x7f]|^\.|\.$|\.\./.test(name) || strict(name) === undefined;
  if (reply !== undefined && odd(reply)) return odd(subject) ? "both" : "reply";
  return odd(subject) ? "subject" : undefined;
}

function json(text: string, role: "client" | "server"): object | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { strings, integers, booleans, lists } = known[role];
  for (const [name, field] of Object.entries(value)) {
    if (strings.includes(name) && typeof field !== "string") return undefined;
    if (integers.includes(name) && !Number.isSafeInteger(field)) return undefined;
    if (booleans.includes(name) && typeof field !== "boolean") return undefined;
    if ((lists as string[]).includes(name)) {
      if (!Array.isArray(field) || field.some((item) => typeof item !== "string")) return undefined;
    }
  }
  return value;
}

function bytesOf(latin1: string): Uint8Array {
  return Uint8Array.from(latin1, (c) => c.charCodeAt(0));
}

function utf8(latin1: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(latin1));
}

function strict(latin1: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(bytesOf(latin1));
  } catch {
    return undefined;
  }
}

function opaque(latin1: string): string {
  return strict(latin1) ?? latin1.replace(/[\x80-\xff]/g, (c) => String.fromCharCode(0xdc00 + c.charCodeAt(0)));
}
