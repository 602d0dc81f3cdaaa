// SPDX-License-Identifier: Apache-2.0
import { EMPTY } from "../empty.ts";
import type { ProtocolErrorCode } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { isBlank, quote } from "../text.ts";
import { type CompiledVerb, matchingLetters } from "./compiled-verb.ts";

const LF = 0x0a;
const CR = 0x0d;

/** How a line is refused: the offset is counted from its first byte. */
export type Reject = (code: ProtocolErrorCode, offset: number, message: string) => never;

/**
 * A control line read by every rule of the protocol; what it holds are places in the bytes it was read from.
 *
 * Faults depend on the bytes seen alone, never on where chunks were cut: each rule fires at the first byte that
 * decides it.
 */
export class ControlLine {
  /** The verb, as soon as its letters and the blank behind them are there. */
  verb: CompiledVerb | undefined;
  /** Behind the line end. */
  next = 0;
  /** The first argument: a subject, or the whole text of INFO, CONNECT and -ERR. */
  subject = 0;
  subjectEnd = 0;
  /** A reply or a queue group; empty where there is none. */
  reply = 0;
  replyEnd = 0;
  sidAt = 0;
  sidEnd = 0;
  sid = 0;
  max: number | undefined;
  /** Bytes of the headers, -1 where the verb has none, and of headers and payload together. */
  headers = -1;
  size = 0;

  readonly #verbs: readonly CompiledVerb[];
  readonly #limits: Limits;
  readonly #reject: Reject;
  #bytes: Uint8Array = EMPTY;
  #at = 0;
  // Where the line end was searched before, and where the arguments end.
  #scanned = 0;
  #argsEnd = 0;
  // Where the arguments start and end, in pairs.
  readonly #args = new Int32Array(12);

  constructor(verbs: readonly CompiledVerb[], limits: Limits, refuse: Reject) {
    this.#verbs = verbs;
    this.#limits = limits;
    this.#reject = refuse;
  }

  /** The next line is another one. */
  begin(): void {
    this.verb = undefined;
    this.#scanned = 0;
    this.#bytes = EMPTY;
  }

  /** Reads the line at `at`. Returns whether it is complete. */
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
      this.#reject("BAD_LINE_END", 0, "a line must end in CRLF");
    }
    this.next = lf + 1;
    this.subject = this.subjectEnd = this.reply = this.replyEnd = this.sidAt = this.sidEnd = 0;
    this.sid = this.size = 0;
    this.headers = -1;
    this.max = undefined;
    if (verb.maxArgs > 0) this.#readArguments(verb);
    return true;
  }

  /** The verb of the line, as soon as all its letters are there; an impossible byte is a fault at once. */
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
      // With limits below the length of a verb, what decides first is what comes first.
      if (seen > reach) this.#rejectLength(reach);
      this.#rejectVerb(at + seen + 1);
    }
    if (end - at > limit) this.#rejectLength(limit);
    return undefined;
  }

  /** Where the LF of the line is, or -1 while it is not there. */
  #findLineEnd(verb: CompiledVerb, end: number): number {
    const bytes = this.#bytes;
    const at = this.#at;
    const limit = at + verb.maxLine;
    const known = Math.min(end, limit + 2);
    let i = at + Math.max(verb.letters.length, this.#scanned);
    for (; i < known && bytes[i] !== LF; i++) {
      // After PING, PONG and +OK: blanks and the line end, nothing else.
      if (verb.maxArgs > 0 || isBlank(bytes[i]!)) continue;
      const lineEnd = bytes[i] === CR && (i + 1 >= end || bytes[i + 1] === LF);
      if (!lineEnd && i <= limit) this.#rejectVerb(i + 1);
    }
    if (i < known && (i <= limit || bytes[limit] === CR)) return i;
    if (i < known || end > limit + 1 || (end === limit + 1 && bytes[limit] !== CR)) this.#rejectLength(verb.maxLine);
    // A CR that is the last byte may still be half of the line end.
    this.#scanned = i - at - 1;
    return -1;
  }

  #readArguments(verb: CompiledVerb): void {
    const bytes = this.#bytes;
    const args = this.#args;
    const stop = this.#argsEnd;
    const line = verb.body === "text" || verb.body === "json";
    let count = 0;
    let end = 0;
    for (let i = this.#at + verb.letters.length; ; ) {
      while (i < stop && isBlank(bytes[i]!)) i++;
      if (i === stop) break;
      const start = i;
      while (i < stop && !isBlank(bytes[i]!)) i++;
      end = i;
      // The one argument of a text reaches to the end of the last.
      if (line && count > 0) continue;
      if (count < verb.maxArgs) {
        args[2 * count] = start;
        args[2 * count + 1] = i;
      }
      count++;
    }
    const { word, minArgs, maxArgs } = verb;
    if (count < minArgs || count > maxArgs) {
      this.#rejectLine("BAD_ARGUMENTS", `${word} takes ${minArgs} to ${maxArgs} arguments, not ${count}`);
    }
    if (minArgs === 1 && !line) {
      this.#readSid(verb, 0);
      if (count > 1) this.max = this.#readSize(1, "max");
      return;
    }
    this.subject = args[0]!;
    this.subjectEnd = line ? end : args[1]!;
    if (line) return;

    // subject [queue] sid, or subject [sid] [reply] [headers size] size
    const sizes = verb.body === "none" ? 0 : verb.body === "size" ? 1 : 2;
    let used = 1;
    if (sizes === 0) this.#readSid(verb, count - 1);
    else if (verb.sid !== "none") this.#readSid(verb, used++);
    if (count > used + Math.max(1, sizes)) {
      this.reply = args[2 * used]!;
      this.replyEnd = args[2 * used + 1]!;
    }
    if (sizes > 0) this.#readSizes(sizes, count);
  }

  #readSid(verb: CompiledVerb, arg: number): void {
    this.sidAt = this.#args[2 * arg]!;
    this.sidEnd = this.#args[2 * arg + 1]!;
    if (verb.sid === "token") return;
    this.sid = this.#readDigits(arg, 15);
    if (this.sid < 0) this.#rejectLine("BAD_SID", "a sid must be 1 to 15 digits");
  }

  #readSizes(sizes: number, count: number): void {
    const headers = sizes === 2 ? this.#readSize(count - 2, "header size") : -1;
    const size = this.#readSize(count - 1, "size");
    if (headers > size) this.#rejectLine("BAD_SIZE", "the header size is above the total size");
    const most = this.#limits.payload;
    if (size > most) this.#rejectLine("PAYLOAD_TOO_LARGE", `the size is above ${most} bytes`);
    this.headers = headers;
    this.size = size;
  }

  #readSize(arg: number, what: string): number {
    const size = this.#readDigits(arg, 9);
    return size < 0 ? this.#rejectLine("BAD_SIZE", `the ${what} must be 1 to 9 digits`) : size;
  }

  #readDigits(arg: number, most: number): number {
    const start = this.#args[2 * arg]!;
    const end = this.#args[2 * arg + 1]!;
    if (end - start > most) return -1;
    let value = 0;
    for (let i = start; i < end; i++) {
      const digit = this.#bytes[i]! - 48;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  #rejectVerb(stop: number): never {
    this.#argsEnd = stop;
    return this.#rejectLine("UNKNOWN_VERB", "no verb of this protocol");
  }

  #rejectLength(limit: number): never {
    return this.#reject("LINE_TOO_LONG", limit, `the control line is longer than ${limit} bytes`);
  }

  #rejectLine(code: ProtocolErrorCode, message: string): never {
    return this.#reject(code, 0, `${message}: ${quote(this.#bytes, this.#at, this.#argsEnd)}`);
  }
}
