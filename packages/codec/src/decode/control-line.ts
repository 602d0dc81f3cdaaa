// SPDX-License-Identifier: Apache-2.0
import { EMPTY } from "../empty.ts";
import type { ProtocolErrorCode } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { isBlank, quote } from "../text.ts";
import { type CompiledVerb, matchingLetters } from "./compiled-verb.ts";
import type { LineFields } from "./grammar.ts";

const LF = 0x0a;
const CR = 0x0d;

/** Throws the error for a line. The offset is counted from the first byte of the line. */
export type Reject = (code: ProtocolErrorCode, offset: number, message: string) => never;

/**
 * Reads a control line by every rule of the protocol. Its fields are positions in the bytes that it was read from.
 *
 * A fault depends on the bytes only, never on where the stream was cut into chunks: each rule is applied at the first
 * byte that decides it.
 */
export class ControlLine implements LineFields {
  /** The verb, as soon as its letters and the blank after them were received. */
  verb: CompiledVerb | undefined;
  /** The position after the line end. */
  next = 0;
  /** The first argument: a subject, or the whole argument of INFO, CONNECT and -ERR. */
  subject = 0;
  subjectEnd = 0;
  /** The reply or the queue group; empty without one. */
  reply = 0;
  replyEnd = 0;
  sidAt = 0;
  sidEnd = 0;
  sid = 0;
  max: number | undefined;
  /** The size of the header block in bytes, or -1 if the verb has none. */
  headers = -1;
  /** The size of headers and payload together, in bytes. */
  size = 0;
  /** The number of arguments, and the start and end of each, in pairs. */
  count = 0;
  args: number[] = [];

  readonly #verbs: readonly CompiledVerb[];
  readonly #limits: Limits;
  readonly #reject: Reject;
  #bytes: Uint8Array = EMPTY;
  #at = 0;
  // How many bytes were searched for the line end before, and where the arguments end.
  #scanned = 0;
  #argsEnd = 0;

  constructor(verbs: readonly CompiledVerb[], limits: Limits, reject: Reject) {
    this.#verbs = verbs;
    this.#limits = limits;
    this.#reject = reject;
  }

  /** Prepares for a new line. */
  begin(): void {
    this.verb = undefined;
    this.#scanned = 0;
    this.#bytes = EMPTY;
  }

  /** Reads the line at `at`, and returns whether it is complete. The bytes may have moved since the last call. */
  read(bytes: Uint8Array, at: number, end: number): boolean {
    this.#bytes = bytes;
    this.#at = at;
    const verb = this.#readVerb(end);
    this.verb = verb;
    if (verb === undefined) return false;
    const lf = this.#findLineEnd(verb, end);
    if (lf < 0) return false;
    this.#argsEnd = bytes[lf - 1] === CR ? lf - 1 : lf;
    if (this.#limits.strictLineEnd && this.#argsEnd === lf) {
      this.#reject("BAD_LINE_END", 0, "the control line ends in LF, not CRLF (strictLineEnd)");
    }
    this.next = lf + 1;
    this.subject = this.subjectEnd = this.reply = this.replyEnd = this.sidAt = this.sidEnd = 0;
    this.sid = this.size = 0;
    this.headers = -1;
    this.max = undefined;
    if (verb.maxArgs > 0) this.#readArguments(verb);
    return true;
  }

  /** Returns the verb once all its letters are there. An impossible byte is a fault at once. */
  #readVerb(end: number): CompiledVerb | undefined {
    const bytes = this.#bytes;
    const at = this.#at;
    let limit = -1;
    let seen = 0;
    let reach = 0;
    for (const verb of this.#verbs) {
      const same = matchingLetters(verb, bytes, at, end);
      if (same >= seen) reach = same > seen ? verb.maxLine : Math.max(reach, verb.maxLine);
      seen = Math.max(seen, same);
      if (at + same >= end) limit = Math.max(limit, verb.maxLine);
      else if (same === verb.letters.length && (verb.maxArgs === 0 || isBlank(bytes[at + same]!))) return verb;
    }
    if (limit < 0) {
      // If a limit is below the length of a verb, the limit may be exceeded first.
      if (seen > reach) this.#rejectLength(reach);
      this.#rejectVerb(at + seen);
    }
    if (end - at > limit) this.#rejectLength(limit);
    return undefined;
  }

  /** Returns the position of the line's LF, or -1 while it is not there. */
  #findLineEnd(verb: CompiledVerb, end: number): number {
    const bytes = this.#bytes;
    const at = this.#at;
    const limit = at + verb.maxLine;
    const known = Math.min(end, limit + 2);
    let i = at + Math.max(verb.letters.length, this.#scanned);
    for (; i < known && bytes[i] !== LF; i++) {
      // PING, PONG and +OK are followed by blanks and the line end, and nothing else.
      if (verb.maxArgs > 0 || isBlank(bytes[i]!)) continue;
      const lineEnd = bytes[i] === CR && (i + 1 >= end || bytes[i + 1] === LF);
      if (!lineEnd && i <= limit) this.#rejectStart(i, `${verb.word} is not followed by a line end:`);
    }
    if (i < known && (i <= limit || bytes[limit] === CR)) return i;
    if (i < known || end > limit + 1 || (end === limit + 1 && bytes[limit] !== CR)) this.#rejectLength(verb.maxLine);
    // A CR as the last byte may be half of the line end.
    this.#scanned = i - at - 1;
    return -1;
  }

  #readArguments(verb: CompiledVerb): void {
    const bytes = this.#bytes;
    const { args } = this;
    const stop = this.#argsEnd;
    const { word, minArgs, maxArgs, body } = verb;
    const line = body === "text" || body === "json";
    let count = 0;
    for (let i = this.#at + verb.letters.length; ; ) {
      while (i < stop && isBlank(bytes[i]!)) i++;
      if (i === stop) break;
      const start = i;
      while (i < stop && !isBlank(bytes[i]!)) i++;
      // A text is one argument, up to the end of its last word.
      if (line && count === maxArgs) count--;
      else args[2 * count] = start;
      args[2 * count + 1] = i;
      count++;
    }
    this.count = count;
    if (verb.read !== undefined) verb.read(this, bytes);
    else {
      if (count < minArgs || count > maxArgs) {
        const range = minArgs === maxArgs ? `${maxArgs}` : `${minArgs} to ${maxArgs}`;
        this.reject("BAD_ARGUMENTS", `${word} takes ${range} argument${maxArgs === 1 ? "" : "s"}, not ${count}`);
      }
      // subject [queue] sid, sid [max], or subject [sid] [reply] [headers-size] size
      const hasSid = verb.sid !== "none";
      if (hasSid) {
        const arg = minArgs === 1 ? 0 : body === "none" ? count - 1 : 1;
        this.sidAt = args[2 * arg]!;
        this.sidEnd = args[2 * arg + 1]!;
        if (verb.sid === "digits") this.sid = this.readNumber(arg, "sid");
      }
      if (hasSid && minArgs === 1) {
        if (count > 1) this.max = this.#readMax();
      } else {
        this.subject = args[0]!;
        this.subjectEnd = args[1]!;
        if (count > minArgs) {
          const reply = hasSid && body !== "none" ? 4 : 2;
          this.reply = args[reply]!;
          this.replyEnd = args[reply + 1]!;
        }
      }
    }
    if (body !== "size" && !verb.headed) return;
    const last = this.count - 1;
    const headers = verb.headed ? this.readNumber(last - 1, "header size") : -1;
    const size = this.readNumber(last, "size");
    if (headers > size) this.reject("BAD_SIZE", `header size ${headers} exceeds the total size ${size}`);
    const limit = verb.maxSize;
    if (size > limit) this.reject("PAYLOAD_TOO_LARGE", `payload of ${size} bytes exceeds the limit of ${limit}`);
    this.headers = headers;
    this.size = size;
  }

  /** Returns the `max` of UNSUB: `undefined` if it has more than 9 digits, which nats-server reads as no `max`. */
  #readMax(): number | undefined {
    const digits = this.#bytes.subarray(this.args[2]!, this.args[3]!);
    const isLong = digits.length > 9 && digits.every((byte) => byte >= 0x30 && byte <= 0x39);
    return isLong ? undefined : this.readNumber(1, "max");
  }

  /** Returns an argument as a number: of 1 to 15 digits for a sid, of 1 to 9 for all others. */
  readNumber(arg: number, name: string): number {
    const start = this.args[2 * arg]!;
    const end = this.args[2 * arg + 1]!;
    const digits = name === "sid" ? 15 : 9;
    let value = end - start > digits ? -1 : 0;
    for (let i = start; i < end && value >= 0; i++) {
      const digit = this.#bytes[i]! - 48;
      value = digit < 0 || digit > 9 ? -1 : value * 10 + digit;
    }
    if (value >= 0) return value;
    return this.reject(digits > 9 ? "BAD_SID" : "BAD_SIZE", `the ${name} must be 1 to ${digits} digits`);
  }

  /** Rejects the start of a line for the byte at `stop`, which follows no verb or only a part of one. */
  #rejectVerb(stop: number): never {
    const byte = this.#bytes[stop];
    const isLineEnd = byte === CR || byte === LF;
    const verb = this.#verbs.find((verb) => matchingLetters(verb, this.#bytes, this.#at, stop) === verb.letters.length);
    if (verb === undefined || !isLineEnd) return this.#rejectStart(stop, "unknown verb");
    const missing = verb.body === "text" ? "a text" : "arguments";
    return this.#reject("UNKNOWN_VERB", 0, `${verb.word} without ${missing}`);
  }

  #rejectStart(stop: number, what: string): never {
    return this.#reject("UNKNOWN_VERB", 0, `${what} ${quote(this.#bytes, this.#at, stop + 1)}`);
  }

  #rejectLength(limit: number): never {
    return this.#reject("LINE_TOO_LONG", limit, `the control line exceeds the limit of ${limit} bytes`);
  }

  /** Rejects the line. */
  reject(code: ProtocolErrorCode, message: string): never {
    return this.#reject(code, 0, `${message}: ${quote(this.#bytes, this.#at, this.#argsEnd)}`);
  }
}

/** Returns the position of the first LF, or `to` without one. */
export function lineFeed(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && bytes[i] !== LF) i++;
  return i;
}
