// SPDX-License-Identifier: Apache-2.0
import { EMPTY, EMPTY_VIEW } from "../empty.ts";
import { formatValue, UsageError } from "../errors.ts";
import type { AnyFrame, Msg, Pub, Sub, Unsub } from "../frames.ts";
import { connectJson, infoJson } from "../info.ts";
import { isPattern, isRelayable, isSubject, isToken } from "../subject.ts";
import { isWellFormed, utf8 } from "../text.ts";
import { PrefixCache } from "./prefix-cache.ts";

const FIRST_BLOCK = 4096;
const BLOCK = 65_536;
// Below this a copy is cheaper than one more segment for the socket to write.
const COPY_LIMIT = 8192;
// The last word of a prefix hangs over by seven bytes, and numbers, blanks and line ends need 40.
const SLACK = 64;
const LOOP_COPY = 16;
// What is not released is left to the garbage collector, so that a caller who never releases holds no more than this.
const MAX_RETIRED = 16;
// Blocks that no encoder uses at the moment: one store for all of them, so that an idle connection holds none.
const MAX_SPARE = 16;
const spareBlocks: Uint8Array<ArrayBuffer>[] = [];
// Line starts, likewise: one table for all encoders, so that a thousand peers of a server hold each once, and what one
// of them was told before the others find at a glance.
const pubPrefixes = /* @__PURE__ */ new PrefixCache("PUB ", isSubject);
const msgPrefixes = /* @__PURE__ */ new PrefixCache("MSG ", isRelayable);
const MAX_LINE = 65_536;
const MAX_JSON = 1_048_576;
const MAX_SIZE = 999_999_999;
const MAX_SID = 999_999_999_999_999;

const SP = 0x20;
const STAR = 0x2a;
const DOT = 0x2e;
const FULL = 0x3e;
const DEL = 0x7f;
// As one little-endian number.
const CRLF = 0x0a0d;
const H = 0x48;

/** The digits of 0 to 999, as little-endian numbers of at most three bytes. */
const DIGITS: Int32Array = /* @__PURE__ */ Int32Array.from({ length: 1000 }, (_, value) =>
  [...String(value)].reduceRight((word, digit) => (word << 8) | digit.charCodeAt(0), 0),
);

/** Bytes to write; a payload that is only borrowed must still have the length that was declared for it. */
interface Segment {
  readonly bytes: Uint8Array;
  readonly length: number;
}

interface Retired {
  readonly block: Uint8Array<ArrayBuffer>;
  /** How many bytes must be released before the block is free. */
  readonly mark: number;
}

/**
 * Frames in, bytes out: push frames, pull the segments to write.
 *
 * Every field is validated, so nothing it emits can be read back as anything but the intended frame. Small frames
 * share a block; payloads above 8 KiB pass through uncopied and are borrowed until released.
 */
export class Encoder<F extends AnyFrame = AnyFrame> {
  #block: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BLOCK);
  #view: DataView = new DataView(this.#block.buffer);
  // The open segment of the block, and the closed ones before it.
  #from = 0;
  #to = 0;
  readonly #ready: Segment[] = [];
  #taken = 0;
  // Bytes since the beginning: a block is free once as many are released as were pushed when it was retired.
  #pushed = 0;
  #pulled = 0;
  #released = 0;
  readonly #retired: Retired[] = [];
  #broken: UsageError | undefined;

  /** Bytes pushed and not pulled yet. */
  get pending(): number {
    return this.#pushed - this.#pulled;
  }

  /**
   * Queues a frame.
   *
   * @throws UsageError where a field cannot go on the wire; nothing is queued then
   */
  push(frame: F): void {
    if (this.#broken !== undefined) throw this.#broken;
    const any: AnyFrame = frame;
    // Fields are handed on one by one: engines inline this method, and then a frame made for it is never allocated
    // (`encode 0 B`).
    if (any.op === "pub") {
      this.#message(pubPrefixes, any.subject, undefined, any.reply, any.headers, any.payload);
    } else if (any.op === "msg") {
      this.#message(msgPrefixes, any.subject, any.sid, any.reply, any.headers, any.payload);
    } else this.#other(any);
  }

  #other(any: Exclude<AnyFrame, Pub | Msg<number | string>>): void {
    switch (any.op) {
      case "sub":
        return this.#sub(any);
      case "unsub":
        return this.#unsub(any);
      case "ping":
        return this.#line("PING\r\n", MAX_LINE);
      case "pong":
        return this.#line("PONG\r\n", MAX_LINE);
      case "ok":
        return this.#line("+OK\r\n", MAX_LINE);
      case "err":
        return this.#line(`-ERR '${checkText(any.text)}'\r\n`, MAX_LINE);
      case "info":
        return this.#line(`INFO ${infoJson(any.info)}\r\n`, MAX_JSON);
      case "connect":
        return this.#line(`CONNECT ${connectJson(any.options)}\r\n`, MAX_JSON);
      default:
        throw new UsageError("BAD_FIELD", `no such frame: op ${String((any as { op: unknown }).op)}`);
    }
  }

  /**
   * The next segment to write, or `undefined`. It stays as it is until `release`.
   *
   * @throws UsageError CLOSED where a borrowed payload changed its length, and ever after: the stream is beyond repair
   */
  pull(): Uint8Array | undefined {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#taken === this.#ready.length) {
      this.#ready.length = this.#taken = 0;
      this.#close();
      if (this.#ready.length === 0) return undefined;
    }
    const { bytes, length } = this.#ready[this.#taken++]!;
    if (bytes.length !== length) {
      this.#broken = new UsageError("CLOSED", "a borrowed payload changed its length");
      throw this.#broken;
    }
    this.#pulled += length;
    return bytes;
  }

  /**
   * Says that the oldest bytes pulled are no longer read, so that their memory may be used again. A caller who never
   * says so loses only the reuse.
   *
   * @throws UsageError BAD_NUMBER for more bytes than were pulled
   */
  release(bytes: number): void {
    if (!Number.isSafeInteger(bytes) || bytes < 0 || this.#released + bytes > this.#pulled) {
      throw new UsageError("BAD_NUMBER", `only ${this.#pulled - this.#released} bytes are out, not ${String(bytes)}`);
    }
    this.#released += bytes;
    while (this.#retired.length > 0 && this.#retired[0]!.mark <= this.#released) {
      const { block } = this.#retired.shift()!;
      if (block.length === BLOCK && spareBlocks.length < MAX_SPARE) spareBlocks.push(block);
    }
    if (this.#released < this.#pushed) return;
    const used = this.#to;
    this.#from = this.#to = 0;
    if (this.#block.length === FIRST_BLOCK) return;
    if (this.#block.length === BLOCK && spareBlocks.length < MAX_SPARE) spareBlocks.push(this.#block);
    // Of many that are busy at once each keeps its own, until it has less to say: a PING, at the latest.
    else if (this.#block.length === BLOCK && used > FIRST_BLOCK) return;
    this.#block = EMPTY;
    this.#view = EMPTY_VIEW;
  }

  /**
   * `[H]PUB subject [reply] [headers size] size`, `[H]MSG subject sid [reply] [headers size] size`. Each field was read
   * once, so what is checked is what is written.
   */
  #message(
    prefixes: PrefixCache,
    subject: string,
    sid: number | string | undefined,
    reply: string | undefined,
    headers: Uint8Array | undefined,
    payload: Uint8Array,
  ): void {
    const head = headers === undefined ? 0 : checkBytes("headers", headers);
    const size = head + checkBytes("payload", payload);
    if (size > MAX_SIZE) throw new UsageError("TOO_LARGE", `${size} bytes are more than nine digits can declare`);
    const copied = (head > COPY_LIMIT ? 0 : head) + (size - head > COPY_LIMIT ? 0 : size - head);
    const prefix = prefixes.get(subject);
    let line = SLACK + (prefix === undefined ? maxBytes(subject) : prefix.length);
    if (reply !== undefined) line += maxBytes(reply);
    if (typeof sid === "string") line += maxBytes(sid);
    let at = this.#room(line + copied);
    const block = this.#block;
    const view = this.#view;
    const start = at;
    if (headers !== undefined) block[at++] = H;
    if (prefix !== undefined) {
      const words = prefix.words;
      for (let i = 0; i < words.length; i++) view.setFloat64(at + 8 * i, words[i]!, true);
      at += prefix.length;
    } else {
      at = this.#text(at, prefixes.verb);
      at = this.#name(at, subject, prefixes);
      block[at++] = SP;
    }
    if (prefixes === msgPrefixes) {
      at = typeof sid === "number" ? this.#number(at, checkSid(sid)) : this.#text(at, checkToken("sid", sid));
      block[at++] = SP;
    }
    if (reply !== undefined) {
      at = this.#name(at, reply, prefixes);
      block[at++] = SP;
    }
    if (headers !== undefined) {
      at = this.#number(at, head);
      block[at++] = SP;
    }
    at = this.#number(at, size);
    if (at - start > MAX_LINE) throw new UsageError("TOO_LARGE", `a line of ${at - start} bytes`);
    view.setInt16(at, CRLF, true);
    at += 2;
    if (headers !== undefined) at = this.#body(at, headers, head);
    at = this.#body(at, payload, size - head);
    view.setInt16(at, CRLF, true);
    this.#commit(at + 2);
  }

  #sub({ subject, queue, sid }: Sub): void {
    if (!isPattern(subject)) {
      throw new UsageError("BAD_SUBJECT", `${formatValue(subject)} is no subject or wildcard pattern to subscribe to`);
    }
    if (queue !== undefined && !isToken(queue)) {
      throw new UsageError("BAD_QUEUE", `queue group ${formatValue(queue)} must be one token without blanks`);
    }
    this.#line(`SUB ${subject} ${queue === undefined ? "" : `${queue} `}${checkToken("sid", sid)}\r\n`, MAX_LINE);
  }

  #unsub({ sid, max }: Unsub): void {
    if (max !== undefined && !isCount(max, MAX_SIZE)) {
      throw new UsageError("BAD_NUMBER", `max must be a whole number of at most nine digits, not ${formatValue(max)}`);
    }
    this.#line(`UNSUB ${checkToken("sid", sid)}${max === undefined ? "" : ` ${max}`}\r\n`, MAX_LINE);
  }

  /** A whole control line, its CRLF included, already checked. */
  #line(line: string, most: number): void {
    const start = this.#room(3 * line.length);
    const at = this.#text(start, line);
    if (at - start - 2 > most) throw new UsageError("TOO_LARGE", `a line of ${at - start - 2} bytes`);
    this.#commit(at);
  }

  /** A subject or reply, checked and written in one pass where it is plain; what is not is left to the rules. */
  #name(at: number, name: string, { isValid }: PrefixCache): number {
    const block = this.#block;
    let before = DOT;
    let i = 0;
    for (; i < name.length; i++) {
      const c = name.charCodeAt(i);
      if (c <= SP || c >= DEL || c === STAR || c === FULL || (c === DOT && before === DOT)) break;
      block[at + i] = c;
      before = c;
    }
    if (i === name.length && before !== DOT) return at + i;
    return isValid(name) ? this.#text(at, name) : rejectName(name);
  }

  #text(at: number, text: string): number {
    const block = this.#block;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c >= 0x80) return at + utf8.encodeInto(text, block.subarray(at)).written;
      block[at + i] = c;
    }
    return at + text.length;
  }

  #number(at: number, value: number): number {
    if (value < 1000) {
      this.#view.setInt32(at, DIGITS[value]!, true);
      return value < 10 ? at + 1 : value < 100 ? at + 2 : at + 3;
    }
    return this.#text(at, String(value));
  }

  #body(at: number, bytes: Uint8Array, length: number): number {
    if (length > COPY_LIMIT) {
      this.#commit(at);
      this.#close();
      this.#ready.push({ bytes, length });
      this.#pushed += length;
      return at;
    }
    const block = this.#block;
    const view = this.#view;
    if (length > LOOP_COPY) block.set(bytes, at);
    else {
      // A call for a few bytes costs more than the bytes, and so does a store for each (`encode 16 B`).
      let i = 0;
      for (; i + 4 <= length; i += 4) {
        view.setInt32(at + i, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24), true);
      }
      for (; i < length; i++) block[at + i] = bytes[i]!;
    }
    return at + length;
  }

  /** Where to write `bytes` more; what is written counts from `commit` on. */
  #room(bytes: number): number {
    if (this.#to + bytes + SLACK > this.#block.length) {
      this.#close();
      if (this.#retired.length === MAX_RETIRED) this.#retired.shift();
      if (this.#block !== EMPTY) this.#retired.push({ block: this.#block, mark: this.#pushed });
      const least = bytes + SLACK;
      const usual = this.#block === EMPTY && least <= FIRST_BLOCK ? FIRST_BLOCK : BLOCK;
      const block = least <= BLOCK ? spareBlocks.pop() : undefined;
      this.#block = block ?? new Uint8Array(Math.max(usual, least));
      this.#view = new DataView(this.#block.buffer);
      this.#from = this.#to = 0;
    }
    return this.#to;
  }

  #commit(at: number): void {
    this.#pushed += at - this.#to;
    this.#to = at;
  }

  #close(): void {
    if (this.#from === this.#to) return;
    const length = this.#to - this.#from;
    this.#ready.push({ bytes: new Uint8Array(this.#block.buffer, this.#from, length), length });
    this.#from = this.#to;
  }
}

let idleEncoder: Encoder | undefined;

/**
 * One frame's bytes, in memory of their own.
 *
 * @throws UsageError where a field cannot go on the wire
 */
export function encode(frame: AnyFrame): Uint8Array {
  // Taken away while it is in use, and given back where all went well: a field that encodes when it is read finds another.
  const encoder = idleEncoder ?? new Encoder();
  idleEncoder = undefined;
  encoder.push(frame);
  const bytes = new Uint8Array(encoder.pending);
  let at = 0;
  for (let segment = encoder.pull(); segment !== undefined; segment = encoder.pull()) {
    bytes.set(segment, at);
    at += segment.length;
  }
  encoder.release(at);
  idleEncoder = encoder;
  return bytes;
}

/** The most bytes a string can take on the wire. */
function maxBytes(text: string): number {
  return typeof text === "string" ? 3 * text.length : rejectName(text);
}

function rejectName(name: unknown): never {
  throw new UsageError(
    "BAD_SUBJECT",
    `${formatValue(name)} is no subject to publish to: empty token, wildcard or blank`,
  );
}

function checkToken(what: string, token: unknown): string {
  if (!isToken(token))
    throw new UsageError("BAD_FIELD", `${what} ${formatValue(token)} must be one token without blanks`);
  return token;
}

function checkSid(sid: number): number {
  if (isCount(sid, MAX_SID)) return sid;
  throw new UsageError("BAD_NUMBER", `sid ${sid} must be a whole number of at most 15 digits`);
}

/** Whether it is a number that digits alone can write: minus zero is none. */
function isCount(value: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= most && !Object.is(value, -0);
}

function checkText(text: string): string {
  if (typeof text === "string" && !/[\r\n\0]/.test(text) && isWellFormed(text)) return text;
  throw new UsageError("BAD_FIELD", "an error text must be a string without CR, LF, NUL and lone surrogates");
}

function checkBytes(what: string, bytes: Uint8Array): number {
  // Its tag tells one of another realm, and from an Int8Array.
  if (bytes instanceof Uint8Array || (ArrayBuffer.isView(bytes) && bytes[Symbol.toStringTag] === "Uint8Array")) {
    return bytes.length;
  }
  throw new UsageError("BAD_FIELD", `${what} must be a Uint8Array`);
}
