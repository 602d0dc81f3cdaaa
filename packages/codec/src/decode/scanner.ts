// SPDX-License-Identifier: Apache-2.0
import { chunkBytes } from "../bytes.ts";
import { EMPTY, EMPTY_VIEW } from "../empty.ts";
import { ProtocolError, type ProtocolErrorCode, UsageError } from "../errors.ts";
import type { Flaw } from "../frames.ts";
import { type Limits, type Options, serverFrameLimits, withDefaults } from "../limits.ts";
import { decodeOpaque, decodeText, equalsAscii, isClean } from "../text.ts";
import { Carry } from "./carry.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { type CompiledVerb, compileVerbs, firstFourBytes, isFast } from "./compiled-verb.ts";
import { ControlLine, lineFeed } from "./control-line.ts";
import type { FrameCursor, Grammar, Verb } from "./grammar.ts";
import { intern } from "./intern.ts";
import { LastLine } from "./last-line.ts";
import type { Positions } from "./positions.ts";

// Theory of operation
//
// Input. `push` lends a chunk. One chunk is current: `#chunk`, read from `#pos` to `#end`. Later ones wait in `#queue`.
// `#base` is the position of the current chunk's first byte in the stream.
//
// Carry. If a chunk ends inside a frame, its tail is copied into `#carry`. Of the next chunks only those bytes are
// appended that belong to the same frame, and the frame is then read from the carry. So the bytes of the current frame
// (`#bytes`, `#at` to `#next`) are always contiguous: in the chunk or in the carry. `#total` is the length of the frame
// in the carry, once its control line is complete.
//
// Ownership. A chunk belongs to the caller. It is never written, and it is not read any more once `next` returned 0: by
// then its tail is in the carry. Views of a frame (`headers`, `payload`, `frame`) point into the chunk or into the
// carry. The carry never reuses memory, so a view of it stays as it is.
//
// Fast path. `#readFast` reads a frame in the spelling that every known peer uses. It gives no verdicts: if anything is
// unusual, it returns 0, and the slow path reads the frame again. It remembers the last line (`LastLine`): the next one
// often starts with the same verb, subject and sid.
//
// Slow path. `#nextSlow` handles everything else: other spellings, frames that straddle chunks, control lines without a
// payload, and faults. `ControlLine` reads a line by every rule of the protocol, and alone decides what is an error.
//
// Parts. A `PartScanner` sets `whole`: a larger frame is returned as far as it is there, and `left` bytes of it are still to
// come. It gets them by `take`.
//
// Blank search, four bytes at a time (SWAR). For a little-endian word, `(word - BLANKS) & ~word & HIGH_BITS` sets the high
// bit of each byte below 0x21, which are SP, HT, CR, LF and the other control bytes. A borrow can set bits above the first
// match, so only the lowest set bit is exact. It is the first blank in memory; `31 - clz32(blank & -blank)` is its index.
const BLANKS = 0x21212121;
const HIGH_BITS = 0x80808080;

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
// CRLF as a little-endian number.
const CRLF = 0x0a0d;
// How much of a line is copied, in bytes, before its verb is known.
const VERB_BYTES = 16;
// The length of the shortest frame in the usual spelling: `PUB a 0` and two CRLFs.
const SHORTEST = 11;
// The hash of a subject: FNV-1a over four bytes at a time.
const SEED = 0x1505;
const PRIME = 0x01000193;

/** Says which byte after a payload is missing. */
export function trailerError(wanted: "CR" | "LF"): string {
  return `the payload is not followed by CRLF: ${wanted} is missing`;
}

/**
 * Reads frames without making objects: a cursor that stands on one frame at a time.
 *
 * `Decoder` is built on it, and is what most programs need. Use a `Scanner` in hot paths, and in proxies that pass
 * frames on as they came.
 *
 * - **Order of calls**: `push` a chunk, then call `next` until it returns 0. After each call that did not return 0, read
 *   what you need of the frame. Chunks pushed before that wait in a queue.
 * - **The current frame**: `kind`, `sid`, `max` and `size` are numbers; `subject`, `reply`, `queue`, `sidText` and `text`
 *   make strings; `headers`, `payload` and `frame` make views; `flaw` checks the names; `positions` is where they are. All
 *   are valid until the next call of `next`.
 * - **Position**: `offset` is where the next frame begins, `buffered` how many bytes are not used yet.
 * - **Errors**: `next` throws a `ProtocolError` if the peer violated the protocol, after all frames before the fault. From
 *   then on `next` throws the same error and `push` does nothing. `fail` rejects the current frame in the same way. If a
 *   chunk was detached or resized before it was read, `next` throws a `UsageError` once, and drops this chunk and all after
 *   it: push the stream again from byte `offset + buffered`.
 *
 * Chunks are lent and views are borrowed: see "Lifetimes" in docs/codec.md.
 *
 * @example
 * ```ts
 * import { Scanner, serverFrames } from "@natswire/codec";
 *
 * const scanner = new Scanner(serverFrames);
 * scanner.push(new TextEncoder().encode("MSG orders.new 7 5\r\napple\r\nPING\r\n"));
 * scanner.next();
 * console.log(scanner.subject(), scanner.sid, scanner.size, scanner.frame()?.length); // orders.new 7 5 27
 * scanner.next();
 * console.log(new TextDecoder().decode(scanner.frame()).trim()); // PING
 * console.log(scanner.next(), scanner.offset); // 0 33
 * ```
 */
export class Scanner implements FrameCursor {
  /** The kind of the current frame's verb; 0 if the scanner stands on no frame. */
  kind = 0;
  /** The sid of the current frame as a number; 0 if the verb has none or an opaque one (frames of a client). */
  sid = 0;
  /** The `max` argument of the current UNSUB. */
  max: number | undefined;

  readonly #table: readonly Verb[];
  #limits: Limits;
  #line!: ControlLine;
  #verbs: readonly CompiledVerb[] = [];
  // The two verbs of the fast path, without and with headers: their first four bytes as a number, and the verb.
  #plainWord = 0;
  #plainVerb: CompiledVerb | undefined;
  #headedWord = 0;
  #headedVerb: CompiledVerb | undefined;

  // The current chunk, its memory if it is long enough for a frame, and the chunks after it.
  #chunk: Uint8Array = EMPTY;
  #view: DataView = EMPTY_VIEW;
  #buffer: ArrayBufferLike = EMPTY.buffer;
  #bufferAt = 0;
  #pos = 0;
  #end = 0;
  #base = 0;
  readonly #queue = new ChunkQueue();

  // The start of a frame that straddles chunks, and the length of the frame once its control line is complete.
  readonly #carry = new Carry();
  #total = 0;
  #fault: ProtocolError | undefined;

  /** The largest frame, in bytes, that is only returned whole. */
  protected readonly whole: number = Number.POSITIVE_INFINITY;
  /** How many bytes of the current frame are not there yet; 0 unless it is larger than `whole`. */
  protected left = 0;

  // The current frame: the bytes that it is in, and the positions of its parts.
  #bytes: Uint8Array = EMPTY;
  #at = 0;
  #next = 0;
  #hash = 0;
  #subject = 0;
  #subjectEnd = 0;
  // How the current line begins, to compare the next one with.
  readonly #last = new LastLine();
  #reply = 0;
  #replyEnd = 0;
  #sidAt = 0;
  #sidEnd = 0;
  #body = 0;
  #headersEnd = 0;
  #bodyEnd = 0;

  /**
   * @param grammar who sends the bytes: `serverFrames`, `clientFrames` or a grammar of your own
   * @param limits the limits to change; the defaults are `grammar.limits`
   * @throws UsageError BAD_NUMBER if a limit is not a whole number or Infinity; BAD_FIELD for an unknown
   * limit, and if `strictLineEnd` is not a boolean
   */
  constructor(grammar: Grammar<unknown>, limits: Options<Limits> = {}) {
    this.#table = grammar.verbs;
    this.#limits = grammar.limits ?? serverFrameLimits;
    this.setLimits(limits);
  }

  /**
   * Changes some limits, for example after an INFO with another `max_payload`. They apply to all frames that were not returned
   * yet.
   *
   * @throws UsageError BAD_NUMBER if a limit is not a whole number or Infinity; BAD_FIELD for an unknown
   * limit, and if `strictLineEnd` is not a boolean
   */
  setLimits(limits: Options<Limits>): void {
    this.#limits = withDefaults(this.#limits, limits);
    this.#verbs = compileVerbs(this.#table, this.#limits);
    this.#line = new ControlLine(this.#verbs, this.#limits, (code, offset, message) =>
      this.reject(code, this.offset + offset, message),
    );
    // A line that is expected was checked against other limits.
    this.#last.forget();
    for (const verb of this.#verbs) {
      if (!isFast(verb)) continue;
      if (verb.headed) {
        this.#headedVerb = verb;
        this.#headedWord = firstFourBytes(verb);
      } else {
        this.#plainVerb = verb;
        this.#plainWord = firstFourBytes(verb);
      }
    }
  }

  /**
   * The position of the next frame's first byte in the stream, in bytes from 0. After a fault, it is the first byte of
   * the line that violated the protocol.
   */
  get offset(): number {
    return this.#base + this.#pos - this.#carry.length;
  }

  /** The number of bytes that belong to no frame yet. 0 means that the stream may end, or switch to TLS, here. */
  get buffered(): number {
    return this.#carry.length + this.#end - this.#pos + this.#queue.bytes;
  }

  /**
   * Lends a chunk until `next` returns 0. The chunk is never written. Does nothing after a fault.
   *
   * @throws UsageError BAD_FIELD if the chunk is neither a Uint8Array nor an ArrayBuffer
   */
  push(chunk: Uint8Array | ArrayBuffer): void {
    const bytes = chunkBytes(chunk);
    if (this.#fault !== undefined || bytes.length === 0) return;
    // The current frame may be in the last chunk, so the new one waits.
    if (this.kind === 0 && this.#pos === this.#end && this.#queue.bytes === 0) this.#startChunk(bytes);
    else this.#queue.push(bytes);
  }

  /**
   * Moves to the next frame.
   *
   * @returns the kind of its verb, or 0 if more bytes are needed
   * @throws ProtocolError if the peer violated the protocol; every later call throws the same error
   * @throws UsageError BAD_FIELD, once, if a chunk was detached or resized before it was read
   */
  next(): number {
    const at = this.#pos;
    const chunk = this.#chunk;
    const end = this.#end;
    if (this.#carry.end === this.#carry.start && at + SHORTEST <= end && chunk.length === end) {
      const kind = this.#readFast(chunk, this.#view, at, end);
      if (kind !== 0) {
        this.#pos = this.#next;
        return kind;
      }
    }
    return this.#nextSlow();
  }

  /**
   * Rejects the current frame for a reason that only the grammar knows.
   *
   * @throws ProtocolError always; every later call of `next` throws the same error
   */
  fail(code: ProtocolErrorCode, message: string): never {
    const line = this.offset - (this.#next - this.#at);
    return this.reject(code, line, message, line);
  }

  /** Returns the subject of the current frame. If it is not UTF-8, each byte >= 0x80 becomes the lone surrogate U+DC00 + byte. */
  subject(): string {
    const start = this.#subject;
    const end = this.#subjectEnd;
    // The slow path makes no hash: it is too rare for interning to pay.
    if (this.#hash === 0) return decodeOpaque(this.#bytes, start, end);
    const last = this.#last;
    if (last.text === undefined) {
      const view = this.#bytes === this.#chunk ? this.#view : this.#carry.view;
      last.text = intern(this.#bytes, view, start, end, this.#hash);
    }
    return last.text ?? decodeOpaque(this.#bytes, start, end);
  }

  /** Returns whether this is the subject of the current frame. Makes no string if it is. */
  isSubject(text: string): boolean {
    const start = this.#subject;
    if (text.length === this.#subjectEnd - start && equalsAscii(text, this.#bytes, start)) return true;
    return this.subject() === text;
  }

  /** Returns a byte of the current frame's subject, or -1 if it has none there. A negative index counts from its end. */
  subjectByteAt(index: number): number {
    const at = index + (index < 0 ? this.#subjectEnd : this.#subject);
    return at >= this.#subject && at < this.#subjectEnd ? this.#bytes[at]! : -1;
  }

  /** Returns the reply subject of the current frame, decoded like the subject. */
  reply(): string | undefined {
    return this.#reply === this.#replyEnd ? undefined : decodeOpaque(this.#bytes, this.#reply, this.#replyEnd);
  }

  /** Returns the queue group of the current SUB, decoded like the subject. */
  queue(): string | undefined {
    return this.reply();
  }

  /** Returns the sid as it was sent, decoded like the subject. */
  sidText(): string {
    return decodeOpaque(this.#bytes, this.#sidAt, this.#sidEnd);
  }

  /** Returns the argument of INFO, CONNECT or -ERR, without surrounding blanks. That of -ERR has its quotes: `serverError` takes it. */
  text(): string {
    return decodeText(this.#bytes, this.#subject, this.#subjectEnd);
  }

  /** The size of the current frame's headers and payload together, in bytes. */
  get size(): number {
    return this.#bodyEnd - this.#body;
  }

  /** Returns the raw header block, borrowed, or `undefined` if the verb has none. */
  headers(): Uint8Array | undefined {
    if (this.#headersEnd < 0) return undefined;
    return this.#borrow(this.#body, this.#headersEnd);
  }

  /** Returns the payload, borrowed. Every empty payload is the same object. */
  payload(): Uint8Array {
    return this.#borrow(this.#headersEnd < 0 ? this.#body : this.#headersEnd, this.#bodyEnd);
  }

  /** Returns which names of the current frame hold bytes that no valid subject has. */
  flaw(): Flaw {
    // An interned subject has been checked.
    const known = this.#hash !== 0 && this.#last.text !== undefined;
    const subject = !known && !isClean(this.#bytes, this.#subject, this.#subjectEnd);
    const reply = this.#reply !== this.#replyEnd && !isClean(this.#bytes, this.#reply, this.#replyEnd);
    if (subject) return reply ? "both" : "subject";
    return reply ? "reply" : undefined;
  }

  /** Returns the raw bytes of the current frame, line ends included, borrowed; `undefined` if there is no frame. */
  frame(): Uint8Array | undefined {
    return this.#next === this.#at ? undefined : this.#borrow(this.#at, this.#next);
  }

  /** Returns where the parts of the current frame are, to copy some of its bytes and to replace others. */
  positions(): Positions {
    const { kind } = this;
    return {
      verb: this.#verbs.find((verb) => verb.kind === kind),
      bytes: this.#bytes,
      view: this.#bytes === this.#chunk ? this.#view : this.#carry.view,
      start: this.#at,
      end: this.#next,
      subject: this.#subject,
      subjectEnd: this.#subjectEnd,
      reply: this.#reply,
      replyEnd: this.#replyEnd,
      sid: this.#sidAt,
      sidEnd: this.#sidEnd,
      body: this.#body,
      headersEnd: this.#headersEnd,
      bodyEnd: this.#bodyEnd,
    };
  }

  #borrow(start: number, end: number): Uint8Array {
    if (start === end) return EMPTY;
    const bytes = this.#bytes;
    // To read `buffer` of a typed array costs as much as to make a view (`view 16 B`).
    const mine = bytes === this.#chunk && bytes.length >= SHORTEST;
    const buffer = mine ? this.#buffer : bytes.buffer;
    return new Uint8Array(buffer, (mine ? this.#bufferAt : bytes.byteOffset) + start, end - start);
  }

  // --- Fast path -------------------------------------------------------------------------------------------------

  /**
   * Reads a whole frame in the usual spelling: upper case, single SP, CRLF, all of it in `bytes`. Returns the kind of its
   * verb, or 0 for anything else.
   *
   * Every load is dominated by an explicit bound: one read past the end deoptimises the loop for good.
   */
  #readFast(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    const word = view.getInt32(at, true);
    const verb = word === this.#plainWord ? this.#plainVerb : word === this.#headedWord ? this.#headedVerb : undefined;
    if (verb === undefined) return 0;
    const last = this.#last;
    const subject = at + verb.start;
    let i = subject;
    let subjectEnd = 0;
    let sid = 0;
    let hash = last.hash;
    if (last.length !== 0 && last.isAt(view, at, end)) {
      i = at + last.length;
      subjectEnd = at + last.subjectEnd;
      sid = last.sid;
    } else {
      if (bytes[subject - 1] !== SP) return 0;
      hash = SEED;
      for (;;) {
        if (i + 4 > end) return 0;
        const word = view.getInt32(i, true);
        const blank = (word - BLANKS) & ~word & HIGH_BITS;
        if (blank === 0) {
          hash = Math.imul(hash ^ word, PRIME);
          i += 4;
          continue;
        }
        const bits = (31 - Math.clz32(blank & -blank)) & ~7;
        hash = Math.imul(hash ^ (word & ((1 << bits) - 1)), PRIME);
        i += bits >> 3;
        break;
      }
      if (i === subject || bytes[i] !== SP) return 0;
      subjectEnd = i++;
      if (verb.sid === "digits") {
        const sidAt = i;
        for (; i < end; i++) {
          const digit = bytes[i]! - 48;
          if (digit < 0 || digit > 9) break;
          sid = (Math.imul(sid, 10) + digit) | 0;
        }
        // Nine digits fit into an int32; a longer sid is left to the slow path.
        if (i === sidAt || i - sidAt > 9 || i >= end || bytes[i] !== SP) return 0;
        i++;
      }
      last.forget();
      if (hash === last.hash) {
        last.learn(view, at, i - at);
        last.sid = sid;
        last.subjectEnd = subjectEnd - at;
      }
      last.hash = hash;
    }
    const sidEnd = i - 1;
    const headed = verb.headed;
    let reply = 0;
    let replyEnd = 0;
    let before = -1;
    let size = -1;
    if (last.endsAt(view, at, end)) {
      i = at + last.line - 2;
      before = last.headers;
      size = last.size;
    } else {
      // The last tokens of the line: [reply] [headers size] size.
      let count = 0;
      for (;;) {
        const token = i;
        let value = 0;
        let byte = 0;
        for (; i < end; i++) {
          byte = bytes[i]!;
          if (byte < 48 || byte > 57) break;
          value = (Math.imul(value, 10) + byte - 48) | 0;
        }
        if (i === token || i - token > 9) value = -1;
        if (byte > SP) {
          value = -1;
          for (; i + 4 <= end; i += 4) {
            const word = view.getInt32(i, true);
            const blank = (word - BLANKS) & ~word & HIGH_BITS;
            if (blank === 0) continue;
            i += (31 - Math.clz32(blank & -blank)) >> 3;
            break;
          }
          if (i >= end) return 0;
          byte = bytes[i]!;
        }
        if (i === token || i + 1 >= end) return 0;
        count++;
        before = size;
        size = value;
        if (byte === CR) break;
        if (byte !== SP) return 0;
        if (count === 1) {
          reply = token;
          replyEnd = i;
        }
        i++;
      }
      if (count > (headed ? 3 : 2) || i - at > verb.maxLine) return 0;
      if (view.getInt16(i, true) !== CRLF || size < 0 || size > verb.maxSize) return 0;
      if (headed) {
        if (before < 0 || before > size) return 0;
        if (count === 2) replyEnd = reply;
      }
      if (last.length !== 0 && replyEnd === reply) last.learnEnd(view, at, i + 2 - at, before, size);
    }
    const body = i + 2;
    const headersEnd = headed ? body + before : -1;
    const bodyEnd = body + size;
    if (bodyEnd + 1 >= end) {
      // The line is valid. If the frame straddles chunks, its length need not be found again.
      this.#total = bodyEnd + 2 - at;
      return 0;
    }
    if (view.getInt16(bodyEnd, true) !== CRLF) return 0;

    this.#bytes = bytes;
    this.#at = at;
    this.#hash = hash;
    this.#subject = subject;
    this.#subjectEnd = subjectEnd;
    this.#reply = reply;
    this.#replyEnd = replyEnd;
    this.sid = sid;
    this.#sidAt = subjectEnd + 1;
    this.#sidEnd = sidEnd;
    this.#body = body;
    this.#headersEnd = headersEnd;
    this.#bodyEnd = bodyEnd;
    this.#next = bodyEnd + 2;
    this.max = undefined;
    this.kind = verb.kind;
    return verb.kind;
  }

  // --- Slow path -------------------------------------------------------------------------------------------------

  /** Moves to the next frame by every rule, over as many chunks as it takes. */
  #nextSlow(): number {
    if (this.#fault !== undefined) throw this.#fault;
    this.#hash = 0;
    const carry = this.#carry;
    while (this.#pos < this.#end || this.#nextChunk()) {
      if (this.#chunk.length !== this.#end) this.#rejectChunk();
      if (carry.length > 0) {
        const kind = this.#fillCarry(carry);
        if (kind !== 0) return kind;
        continue;
      }
      const kind = this.#parse(this.#chunk, this.#view, this.#pos, this.#end);
      if (kind !== 0) {
        this.#pos = this.#next;
        return kind;
      }
      carry.append(this.#chunk, this.#pos, this.#end, this.#total);
      this.#pos = this.#end;
    }
    if (this.kind !== 0 || this.#end > 0) this.#clear();
    return 0;
  }

  /** Leaves the current frame. */
  #leave(): void {
    this.kind = this.sid = 0;
    this.max = undefined;
    this.#at = this.#next = this.#subject = this.#subjectEnd = this.#reply = this.#replyEnd = 0;
    this.#sidAt = this.#sidEnd = this.#body = this.#bodyEnd = 0;
    this.#headersEnd = -1;
  }

  /** Leaves the current frame and releases the chunk, of which every byte is used. */
  #clear(): void {
    this.#leave();
    this.#base += this.#end;
    this.#pos = this.#end = 0;
    this.#bytes = this.#chunk = EMPTY;
    this.#view = EMPTY_VIEW;
    this.#buffer = EMPTY.buffer;
    if (this.#carry.length === 0) this.#carry.trim();
  }

  /** Reads the frame at `at`, on the fast path if possible. Returns 0 while it is incomplete. */
  #parse(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    if (this.#needsMore(bytes, end - at, end)) return 0;
    const kind = at + SHORTEST <= end ? this.#readFast(bytes, view, at, end) : 0;
    if (kind !== 0) {
      this.#total = 0;
      this.#line.begin();
      return kind;
    }
    return this.#needsMore(bytes, end - at, end) ? 0 : this.#readByRules(bytes, at, end);
  }

  /** Returns whether the line was read before and the bytes that could be wrong, CR and LF, are not there yet. */
  #needsMore(bytes: Uint8Array, held: number, end: number): boolean {
    if (this.#total > this.whole) return false;
    return held + 1 < this.#total || (held + 1 === this.#total && bytes[end - 1] === CR);
  }

  /** Appends to the carry the bytes that belong to its frame, and no more. */
  #fillCarry(carry: Carry): number {
    const pos = this.#pos;
    const line = this.#line;
    // A line is copied up to its LF, or to the byte that proves it too long.
    let wanted = this.#total;
    if (wanted === 0) wanted = line.verb === undefined ? VERB_BYTES : line.verb.maxLine + 2;
    let to = Math.min(this.#end, pos + Math.max(1, wanted - carry.length));
    if (this.#total === 0) {
      const lf = lineFeed(this.#chunk, pos, to);
      if (lf < to) to = lf + 1;
    }
    carry.append(this.#chunk, pos, to, this.#total);
    this.#pos = to;
    const kind = this.#parse(carry.bytes, carry.view, carry.start, carry.end);
    if (kind !== 0) carry.finish();
    return kind;
  }

  /**
   * Appends a whole chunk to the carry if that decides nothing: it completes no body, ends no line and makes none too
   * long. Returns whether it did.
   */
  #carryWhole(chunk: Uint8Array): boolean {
    const carry = this.#carry;
    const held = carry.end - carry.start + chunk.length;
    if (this.#total > 0) {
      if (held + 1 >= this.#total) return false;
    } else {
      // A line without arguments can be wrong at any byte.
      const { verb } = this.#line;
      if (verb === undefined || verb.maxArgs === 0 || held > verb.maxLine) return false;
      if (lineFeed(chunk, 0, chunk.length) < chunk.length) return false;
    }
    carry.append(chunk, 0, chunk.length, this.#total);
    this.#base += chunk.length;
    return true;
  }

  /** Makes the next chunk of the queue the current one. Returns whether there was one. */
  #nextChunk(): boolean {
    if (this.#queue.bytes === 0) return false;
    const { chunk, length } = this.#queue.shift();
    if (chunk.length !== length) this.#rejectChunk();
    this.#startChunk(chunk);
    return true;
  }

  /** Makes a chunk the current one, or appends it to the carry. */
  #startChunk(chunk: Uint8Array): void {
    if (this.#carry.end !== this.#carry.start && this.#carryWhole(chunk)) return;
    this.#base += this.#end;
    this.#chunk = chunk;
    // For a chunk shorter than a frame a view would cost more than it saves.
    if (chunk.length >= SHORTEST) {
      this.#buffer = chunk.buffer;
      this.#bufferAt = chunk.byteOffset;
      this.#view = new DataView(this.#buffer, this.#bufferAt, chunk.length);
    }
    this.#pos = 0;
    this.#end = chunk.length;
  }

  /**
   * Reads the frame that starts at `at` by every rule of the protocol.
   *
   * @returns the kind of its verb, or 0 while it is incomplete
   */
  #readByRules(bytes: Uint8Array, at: number, end: number): number {
    const line = this.#line;
    if (!line.read(bytes, at, end)) return 0;
    const { kind, body } = line.verb!;
    this.#bytes = bytes;
    this.#at = at;
    this.#hash = 0;
    this.#subject = line.subject;
    this.#subjectEnd = line.subjectEnd;
    this.#reply = line.reply;
    this.#replyEnd = line.replyEnd;
    this.#sidAt = line.sidAt;
    this.#sidEnd = line.sidEnd;
    this.sid = line.sid;
    this.max = line.max;
    this.#body = line.next;
    this.#headersEnd = line.headers < 0 ? -1 : line.next + line.headers;
    this.#bodyEnd = line.next + line.size;
    let next = line.next;
    if (body === "size" || body === "headers+size") {
      const trailer = this.#bodyEnd;
      next = trailer + 2;
      this.#total = next - at;
      if (trailer < end && bytes[trailer] !== CR) this.#rejectTrailer(trailer, "CR");
      if (trailer + 1 < end && bytes[trailer + 1] !== LF) this.#rejectTrailer(trailer + 1, "LF");
      if (next > end && this.#total <= this.whole) return 0;
      this.#headersEnd = Math.min(this.#headersEnd, end);
      this.#bodyEnd = Math.min(trailer, end);
    }
    this.#total = 0;
    line.begin();
    this.#next = Math.min(next, end);
    this.left = next - this.#next;
    this.kind = kind;
    return kind;
  }

  /** Makes at most `count` bytes of the stream the current frame, whatever they are. Returns how many there are. */
  protected take(count: number): number {
    if (this.#pos === this.#end && !this.#nextChunk()) {
      this.#clear();
      return 0;
    }
    if (this.#chunk.length !== this.#end) this.#rejectChunk();
    this.#leave();
    this.#bytes = this.#chunk;
    this.#at = this.#body = this.#pos;
    this.#pos = this.#next = this.#bodyEnd = Math.min(this.#at + count, this.#end);
    return this.#pos - this.#at;
  }

  // --- Faults ----------------------------------------------------------------------------------------------------

  /** Drops the bytes that cannot be read, and all after them. The stream continues after they are pushed again. */
  #rejectChunk(): never {
    this.#end = this.#pos;
    this.#clear();
    this.#queue.clear();
    const from = this.offset + this.buffered;
    throw new UsageError("BAD_FIELD", `a chunk was detached or resized unread: push again from byte ${from}`);
  }

  #rejectTrailer(at: number, wanted: "CR" | "LF"): never {
    const offset = this.offset + at - this.#at;
    return this.reject("BAD_TRAILER", offset, trailerError(wanted));
  }

  /** Throws a ProtocolError, now and on every later call of `next`, and releases all memory. */
  protected reject(code: ProtocolErrorCode, offset: number, message: string, line: number = this.offset): never {
    const first = this.#fault;
    if (first !== undefined) throw first;
    this.#fault = new ProtocolError(code, offset, message);
    this.#clear();
    this.#base = line;
    this.#line.begin();
    this.#carry.drop();
    this.#queue.clear();
    throw this.#fault;
  }
}
