// SPDX-License-Identifier: Apache-2.0
import { byteLength, lengthOf, plainView } from "../bytes.ts";
import { EMPTY, EMPTY_VIEW } from "../empty.ts";
import { formatValue, typeName, UsageError } from "../errors.ts";
import type { AnyFrame, Flaw, FrameInput, Msg, Pub, Sub, Unsub } from "../frames.ts";
import { connectJson, infoJson } from "../info.ts";
import { explainInvalid, flawOf, isPattern, isRelayable, isToken } from "../subject.ts";
import { characterName, encodeOpaque, utf8 } from "../text.ts";
import { FIRST_BLOCK, isReusable, keepBlock, takeBlock } from "./blocks.ts";
import { PrefixCache } from "./prefix-cache.ts";

/** The largest payload that is copied, in bytes: up to this a copy is cheaper than one more segment for the socket. */
export const COPY_LIMIT = 8192;
// Room for what is not counted: the last word of a prefix may be 7 bytes too long; numbers, blanks, line ends take 40.
const SLACK = 64;
// Up to this many bytes are copied by a loop.
const LOOP_COPY = 16;
// How many full blocks are kept for reuse. The rest is left to the garbage collector, for callers who never release.
const MAX_RETIRED = 16;
// Line beginnings: one cache for all encoders, so that a thousand connections of a server share each entry.
const pubPrefixes = /* @__PURE__ */ new PrefixCache("PUB ");
const msgPrefixes = /* @__PURE__ */ new PrefixCache("MSG ");
const MAX_LINE = 65_536;
const MAX_JSON = 1_048_576;
const MAX_SIZE = 999_999_999;
const MAX_SID = 999_999_999_999_999;

const PUSHED_MEANWHILE = "a payload pushed a frame during push";
const SP = 0x20;
const DOT = 0x2e;
const DEL = 0x7f;
// CRLF as a little-endian number.
const CRLF = 0x0a0d;
const H = 0x48;

/** The digits of 0 to 999 as little-endian numbers of at most three bytes. */
const DIGITS: Int32Array = /* @__PURE__ */ Int32Array.from({ length: 1000 }, (_, value) =>
  [...String(value)].reduceRight((word, digit) => (word << 8) | digit.charCodeAt(0), 0),
);

/** Bytes to write, and the length that was declared for them. If it differs, a borrowed payload was detached or resized. */
interface Segment {
  readonly bytes: Uint8Array;
  readonly length: number;
}

interface Retired {
  readonly block: Uint8Array<ArrayBuffer>;
  /** The number of bytes, since the beginning, that must be released before the block is free. */
  readonly mark: number;
}

/**
 * Encodes frames to segments of bytes, to be written in order.
 *
 * - **Order of calls**: `push` any number of frames, then call `pull` until it returns `undefined`, and write each segment.
 *   Call `release` once written bytes are not needed any more: their memory is then reused.
 * - **Segments**: small frames share a segment. A payload above 8 KiB is a segment of its own: it is not copied, but
 *   borrowed until it is released. `pushCopy` copies it too.
 * - **Validation**: every field is checked, so that the bytes can only be decoded as the frames that were pushed.
 * - **Errors**: `push` throws a `UsageError` for a field that cannot be sent; nothing of the frame is queued, and the encoder
 *   stays usable. Two faults break the encoder: a borrowed payload was detached or resized before `pull`, or a payload (a
 *   Proxy) pushed a frame itself during `push`. That call and every later `push` and `pull` throw a `UsageError` CLOSED.
 *
 * How long segments and borrowed payloads live: see "Lifetimes" in docs/codec.md.
 *
 * @example
 * ```ts
 * import { type ClientFrame, Encoder } from "@natswire/codec";
 *
 * const encoder = new Encoder<ClientFrame>();
 * encoder.push({ op: "sub", subject: "orders.*", sid: "1" });
 * encoder.push({ op: "ping" });
 * for (let segment = encoder.pull(); segment !== undefined; segment = encoder.pull()) {
 *   console.log(JSON.stringify(new TextDecoder().decode(segment))); // "SUB orders.* 1\r\nPING\r\n"
 *   encoder.release(segment.length); // after the socket has written it
 * }
 * console.log(encoder.pending); // 0
 * ```
 */
export class Encoder<F extends AnyFrame = AnyFrame> {
  #block: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BLOCK);
  #view: DataView = new DataView(this.#block.buffer);
  // The open segment of the block, and the closed segments before it.
  #from = 0;
  #to = 0;
  readonly #ready: Segment[] = [];
  #taken = 0;
  // Bytes since the beginning. A block is free once as many are released as were pushed when it was retired.
  #pushed = 0;
  #pulled = 0;
  #released = 0;
  readonly #retired: Retired[] = [];
  #broken: UsageError | undefined;
  // Whether the message being written has names with a flaw.
  #isFlawed = false;
  // The largest payload that is copied, in bytes.
  #copyLimit = COPY_LIMIT;

  /** The number of bytes that were pushed and not pulled yet. */
  get pending(): number {
    return this.#pushed - this.#pulled;
  }

  /**
   * Queues a frame.
   *
   * @throws UsageError if a field cannot be sent; nothing is queued
   */
  push(frame: FrameInput<F>): void {
    this.check();
    const any: FrameInput = frame;
    // Fields are passed one by one: engines inline this method, and then never allocate a frame made for it
    // (`encode 0 B`).
    if (any.op === "pub" && any.flaw === undefined) {
      this.#message(pubPrefixes, any.subject, undefined, any.reply, any.headers, any.payload);
    } else if (any.op === "msg" && any.flaw === undefined) {
      this.#message(msgPrefixes, any.subject, any.sid, any.reply, any.headers, any.payload);
    } else this.#other(any);
  }

  /**
   * Queues a frame as `push` does, and copies its payload and header block, whatever their size. You may change them after
   * the call.
   *
   * @throws UsageError if a field cannot be sent; nothing is queued
   */
  pushCopy(frame: FrameInput<F>): void {
    this.#copyLimit = MAX_SIZE;
    try {
      this.push(frame);
    } finally {
      this.#copyLimit = COPY_LIMIT;
    }
  }

  /** Queues a message with a flaw. Its names must be names that a decoder returns, and `flaw` must be their flaw. */
  #flawed(
    prefixes: PrefixCache,
    frame: FrameInput<Pub | Msg<number | string>>,
    sid: number | string | undefined,
  ): void {
    const { subject, reply, headers, payload, flaw } = frame;
    checkFlaw(flaw, subject, reply);
    this.#isFlawed = true;
    try {
      this.#message(prefixes, subject, sid, reply, headers, payload);
    } finally {
      this.#isFlawed = false;
    }
  }

  #other(any: FrameInput): void {
    switch (any.op) {
      case "pub":
        return this.#flawed(pubPrefixes, any, undefined);
      case "msg":
        return this.#flawed(msgPrefixes, any, any.sid);
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
        return this.#line(`CONNECT ${connectJson(any.options, any.extra)}\r\n`, MAX_JSON);
      default:
        throw new UsageError("BAD_FIELD", `unknown frame op ${formatValue((any as { op: unknown }).op)}`);
    }
  }

  /**
   * Returns the next segment to write, or `undefined` if all were pulled. It does not change until it is released.
   *
   * @throws UsageError CLOSED if a borrowed payload was detached or resized, and on every later call
   */
  pull(): Uint8Array | undefined {
    this.check();
    if (this.#taken === this.#ready.length) {
      this.#ready.length = this.#taken = 0;
      this.#close();
      if (this.#ready.length === 0) return undefined;
    }
    const { bytes, length } = this.#ready[this.#taken++]!;
    if (bytes.length !== length) this.#break(`a borrowed payload of ${length} bytes was detached or resized`);
    this.#pulled += length;
    return bytes;
  }

  /**
   * Releases the oldest pulled bytes, so that their memory is reused. It is optional: without it memory is allocated anew.
   *
   * @param bytes how many bytes are not needed any more
   * @throws UsageError BAD_NUMBER if that many bytes were not pulled
   */
  release(bytes: number): void {
    if (!Number.isSafeInteger(bytes) || bytes < 0 || this.#released + bytes > this.#pulled) {
      rejectRelease(bytes, this.#pulled - this.#released);
    }
    this.#released += bytes;
    while (this.#retired.length > 0 && this.#retired[0]!.mark <= this.#released) {
      const { block } = this.#retired.shift()!;
      keepBlock(block);
    }
    if (this.#released < this.#pushed) return;
    const used = this.#to;
    this.#from = this.#to = 0;
    if (this.#block.length === FIRST_BLOCK) return;
    // If the pool is full, a busy encoder keeps its block until it writes less: a PING, at the latest.
    if (!keepBlock(this.#block) && isReusable(this.#block) && used > FIRST_BLOCK) return;
    this.#block = EMPTY;
    this.#view = EMPTY_VIEW;
  }

  /**
   * Writes `[H]PUB subject [reply] [headers-size] size` or `[H]MSG subject sid [reply] [headers-size] size`. Each field was
   * read once, so what is checked is what is written.
   */
  #message(
    prefixes: PrefixCache,
    subject: string,
    sid: number | string | undefined,
    reply: string | undefined,
    headers: Uint8Array | undefined,
    payload: Uint8Array | undefined,
  ): void {
    const head = headers === undefined ? 0 : checkBytes("headers", headers);
    const size = head + checkBytes("payload", payload);
    if (size > MAX_SIZE) rejectSize("message", size, MAX_SIZE);
    const limit = this.#copyLimit;
    const copied = (head > limit ? 0 : head) + (size - head > limit ? 0 : size - head);
    if (size > COPY_LIMIT) checkNoProxy(headers, payload);
    const prefix = prefixes.get(subject);
    let line = SLACK + (prefix === undefined ? maxBytes(subject) : prefix.length);
    if (reply !== undefined) line += maxBytes(reply);
    if (typeof sid === "string") line += maxBytes(sid);
    let at = this.reserve(line + copied);
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
      at = this.#name(at, subject);
      block[at++] = SP;
    }
    if (prefixes === msgPrefixes) {
      at = typeof sid === "number" ? this.#number(at, checkSid(sid)) : this.#text(at, checkToken("sid", sid));
      block[at++] = SP;
    }
    if (reply !== undefined) {
      at = this.#name(at, reply);
      block[at++] = SP;
    }
    if (headers !== undefined) {
      at = this.#number(at, head);
      block[at++] = SP;
    }
    at = this.#number(at, size);
    if (at - start > MAX_LINE) rejectSize("control line", at - start, MAX_LINE);
    view.setInt16(at, CRLF, true);
    at += 2;
    if (headers !== undefined) at = this.body(at, headers, head);
    // Without a payload its size is 0, and nothing of it is read.
    at = this.body(at, payload as Uint8Array, size - head);
    view.setInt16(at, CRLF, true);
    // Reading a Proxy runs code of the caller, which may have pushed a frame to this place. Large ones were rejected.
    if (this.#to !== start && copied === size) this.#break(PUSHED_MEANWHILE);
    this.commit(at + 2);
  }

  #sub({ subject, queue, sid }: FrameInput<Sub>): void {
    if (!isPattern(subject)) {
      throw new UsageError("BAD_SUBJECT", explainInvalid("subject", subject));
    }
    if (queue !== undefined && !isToken(queue)) {
      throw new UsageError("BAD_QUEUE", explainInvalid("queue group", queue));
    }
    this.#line(`SUB ${subject} ${queue === undefined ? "" : `${queue} `}${checkToken("sid", sid)}\r\n`, MAX_LINE);
  }

  #unsub({ sid, max }: FrameInput<Unsub>): void {
    if (max !== undefined && !isCount(max, MAX_SIZE)) {
      throw new UsageError("BAD_NUMBER", `max must be a whole number from 0 to ${MAX_SIZE}, not ${formatValue(max)}`);
    }
    this.#line(`UNSUB ${checkToken("sid", sid)}${max === undefined ? "" : ` ${max}`}\r\n`, MAX_LINE);
  }

  /** Writes a control line that was already checked, its CRLF included. */
  #line(line: string, limit: number): void {
    const start = this.reserve(3 * line.length);
    const at = this.#text(start, line);
    const length = at - start - 2;
    if (length > limit) rejectSize("control line", length, limit);
    this.commit(at);
  }

  /** Stops the encoder for good: what was declared cannot be sent. */
  #break(reason: string): never {
    this.#broken = new UsageError("CLOSED", reason);
    throw this.#broken;
  }

  /** Writes a subject or reply: checked and written in one pass if it is plain, else checked by all rules. */
  #name(at: number, name: string): number {
    const block = this.#block;
    let before = DOT;
    let i = 0;
    for (; i < name.length; i++) {
      const c = name.charCodeAt(i);
      if (c <= SP || c >= DEL || (c === DOT && before === DOT)) break;
      block[at + i] = c;
      before = c;
    }
    if (i === name.length && before !== DOT) return at + i;
    if (isRelayable(name)) return this.#text(at, name);
    const bytes = this.#isFlawed ? flawedBytes(name) : undefined;
    if (bytes === undefined) return rejectName(name);
    block.set(bytes, at);
    return at + bytes.length;
  }

  /** Writes a string as UTF-8. Returns the position after it. */
  #text(at: number, text: string): number {
    const block = this.#block;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c >= 0x80) return at + utf8.encodeInto(text, block.subarray(at)).written;
      block[at + i] = c;
    }
    return at + text.length;
  }

  /** Writes the digits of a whole number. Returns the position after them. */
  #number(at: number, value: number): number {
    if (value < 1000) {
      this.#view.setInt32(at, DIGITS[value]!, true);
      return value < 10 ? at + 1 : value < 100 ? at + 2 : at + 3;
    }
    return this.#text(at, String(value));
  }

  /** Copies a header block or a payload, or borrows it if it is large. Returns the position after it. */
  protected body(at: number, bytes: Uint8Array, length: number): number {
    if (length > COPY_LIMIT) {
      const whole = reportsTruly(bytes, length) ? bytes : plainView(bytes).subarray(0, length);
      if (length <= this.#copyLimit) {
        this.#block.set(whole, at);
        return at + length;
      }
      this.commit(at);
      this.#close();
      this.#ready.push({ bytes: whole, length });
      this.#pushed += length;
      return at;
    }
    const block = this.#block;
    const view = this.#view;
    if (length > LOOP_COPY) block.set(bytes, at);
    else {
      // For a few bytes a call of `set` costs more than the copy, and so does a store for each byte (`encode 16 B`).
      let i = 0;
      for (; i + 4 <= length; i += 4) {
        view.setInt32(at + i, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24), true);
      }
      for (; i < length; i++) block[at + i] = bytes[i]!;
    }
    return at + length;
  }

  /**
   * Checks that the encoder can be used.
   *
   * @throws UsageError CLOSED if it is broken
   */
  protected check(): void {
    if (this.#broken !== undefined) throw this.#broken;
  }

  /** The block in which frames are written. `reserve` may replace it. */
  protected get block(): Uint8Array {
    return this.#block;
  }

  /** The memory of the block. */
  protected get view(): DataView {
    return this.#view;
  }

  /** Returns where to write `bytes` more bytes into the block. They belong to the stream once they are committed. */
  protected reserve(bytes: number): number {
    if (this.#to + bytes + SLACK > this.#block.length) {
      this.#close();
      if (this.#retired.length === MAX_RETIRED) this.#retired.shift();
      if (this.#block !== EMPTY) this.#retired.push({ block: this.#block, mark: this.#pushed });
      this.#block = takeBlock(bytes + SLACK, this.#block.length);
      this.#view = new DataView(this.#block.buffer);
      this.#from = this.#to = 0;
    }
    return this.#to;
  }

  /** Ends what was written at `at`. */
  protected commit(at: number): void {
    this.#pushed += at - this.#to;
    this.#to = at;
  }

  /** Closes the open segment: it can be pulled. */
  #close(): void {
    if (this.#from === this.#to) return;
    const length = this.#to - this.#from;
    this.#ready.push({ bytes: new Uint8Array(this.#block.buffer, this.#from, length), length });
    this.#from = this.#to;
  }
}

let idleEncoder: Encoder | undefined;

/**
 * Encodes one frame. The bytes are a copy that belongs to the caller.
 *
 * @throws UsageError if a field cannot be sent
 *
 * @example
 * ```ts
 * import { encode } from "@natswire/codec";
 *
 * const payload = new TextEncoder().encode("apple");
 * const frame = { op: "pub", subject: "orders.new", payload } as const;
 * console.log(JSON.stringify(new TextDecoder().decode(encode(frame)))); // "PUB orders.new 5\r\napple\r\n"
 * try {
 *   encode({ ...frame, subject: "orders new" });
 * } catch (error) {
 *   console.log((error as Error).message); // "orders new" is not a valid subject: it contains a space
 * }
 * ```
 */
export function encode(frame: FrameInput): Uint8Array {
  // Not available while it is in use, and only reused after success: a getter that encodes gets another encoder.
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

/** Returns the most bytes that a string can take as UTF-8. */
function maxBytes(text: string): number {
  return typeof text === "string" ? 3 * text.length : rejectName(text);
}

function rejectName(name: unknown): never {
  throw new UsageError("BAD_SUBJECT", explainInvalid("subject", name));
}

/** Checks that a flaw is that of the names: the frame then decodes to the same flaw. */
function checkFlaw(flaw: Flaw, subject: string, reply: string | undefined): void {
  const actual = flawOf(subject, reply);
  if (flaw === actual) return;
  throw new UsageError("BAD_FIELD", `flaw must be ${formatValue(actual)} for these names, not ${formatValue(flaw)}`);
}

/** Returns the bytes of a name with a flaw, or `undefined` if a decoder never returns that name. */
function flawedBytes(name: string): Uint8Array | undefined {
  return name === "" || /[ \t\n]/.test(name) ? undefined : encodeOpaque(name);
}

function checkToken(what: string, token: unknown): string {
  if (!isToken(token)) throw new UsageError("BAD_FIELD", explainInvalid(what, token));
  return token;
}

function checkSid(sid: number): number {
  if (isCount(sid, MAX_SID)) return sid;
  throw new UsageError("BAD_NUMBER", `sid must be a whole number from 0 to ${MAX_SID}, not ${sid}`);
}

/** Returns whether digits alone can write a number: a whole number from 0 to `max`, but not minus zero. */
export function isCount(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= max && !Object.is(value, -0);
}

function checkText(text: string): string {
  if (typeof text !== "string") throw new UsageError("BAD_FIELD", `text must be a string, not ${typeName(text)}`);
  const forbidden = /[\r\n\0]|\p{Surrogate}/u.exec(text);
  if (forbidden !== null) throw new UsageError("BAD_FIELD", `the text of -ERR contains ${characterName(forbidden[0])}`);
  return text;
}

// Engines inline the methods of an encoder into their callers, up to a total size, so errors are made in functions of
// their own (`encode 16 B`).

function rejectRelease(bytes: number, pulled: number): never {
  throw new UsageError("BAD_NUMBER", `cannot release ${String(bytes)} bytes: ${pulled} were pulled and not released`);
}

/**
 * Returns the number of bytes to write: never more than there are, whatever a subclass or an own property reports.
 *
 * An element after the end is undefined. Only then is the getter of all typed arrays called, which engines do not inline
 * (`encode 16 B`, `encode 1 KB`).
 */
function checkBytes(what: string, bytes: Uint8Array | undefined): number {
  if (bytes instanceof Uint8Array) {
    const length = +bytes.length;
    if (length === 0 || bytes[length - 1] !== undefined) return length;
  }
  return lengthOrNone(bytes, what);
}

/** Returns the length of an array, or 0 without one: a frame without a payload has an empty one. */
function lengthOrNone(bytes: Uint8Array | undefined, what: string): number {
  return bytes === undefined ? 0 : byteLength(bytes, what);
}

/** Rejects a Proxy, which is no view. A check of every small payload would cost 6 % (`encode 16 B`). */
function checkNoProxy(headers: Uint8Array | undefined, payload: Uint8Array | undefined): void {
  lengthOrNone(headers, "headers");
  lengthOrNone(payload, "payload");
}

/** Returns whether an array has, and reports, this length. */
function reportsTruly(bytes: Uint8Array, length: number): boolean {
  return bytes.length === length && lengthOf.call(bytes) === length;
}

function rejectSize(what: string, bytes: number, limit: number): never {
  throw new UsageError("TOO_LARGE", `${what} is ${bytes} bytes, limit ${limit}`);
}
