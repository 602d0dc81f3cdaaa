// SPDX-License-Identifier: Apache-2.0
import { EMPTY, EMPTY_VIEW } from "../empty.ts";
import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import type { Flaw } from "../frames.ts";
import { type Limits, serverFrameLimits, withDefaults } from "../limits.ts";
import { decodeText, decodeToken, isClean } from "../text.ts";
import { Carry } from "./carry.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { type CompiledVerb, compileVerbs, firstFourBytes } from "./compiled-verb.ts";
import { ControlLine } from "./control-line.ts";
import type { FrameCursor, Grammar } from "./grammar.ts";
import { intern } from "./intern.ts";
import { LastLine } from "./last-line.ts";

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
// The shortest frame of the canonical spelling, `PUB a 0` with its CRLFs, has eleven bytes.
const SHORTEST = 11;
// As one little-endian number.
const CRLF = 0x0a0d;
const SEED = 0x1505;
const PRIME = 0x01000193;

/**
 * The reused cursor below Decoder, for hot paths and proxies: it stands on one frame at a time and allocates nothing
 * but what its methods are asked for.
 *
 * Everything it tells about a frame holds until the next call of `next`. A chunk is lent until `next` returned 0.
 */
export class Scanner implements FrameCursor {
  /** The kind of the current frame's verb; 0 where it stands on none. */
  kind = 0;
  /** The sid of the current frame as a number; 0 if the verb has none or an opaque one (frames of a client). */
  sid = 0;
  /** The `max` of the current UNSUB, if it has one. */
  max: number | undefined;

  readonly #limits: Limits;
  readonly #line: ControlLine;
  // The two verbs with a body are what a stream consists of: their first four bytes as one number, and their verb.
  #plainWord = 0;
  #plainVerb: CompiledVerb | undefined;
  #headedWord = 0;
  #headedVerb: CompiledVerb | undefined;

  // The chunk being read, where its memory is if it is long enough for a frame, and the chunks pushed behind it.
  #chunk: Uint8Array = EMPTY;
  #view: DataView = EMPTY_VIEW;
  #buffer: ArrayBufferLike = EMPTY.buffer;
  #bufferAt = 0;
  #pos = 0;
  #end = 0;
  #base = 0;
  readonly #queue = new ChunkQueue();

  // A frame that straddles chunks: its length once the control line is complete.
  readonly #carry = new Carry();
  #total = 0;
  #fault: ProtocolError | undefined;

  // The current frame: the buffer it is in, and where its parts are.
  #bytes: Uint8Array = EMPTY;
  #at = 0;
  #next = 0;
  #hash = 0;
  #subject = 0;
  #subjectEnd = 0;
  // What the current line begins with, where the next one probably does too.
  readonly #last = new LastLine();
  #reply = 0;
  #replyEnd = 0;
  #sidAt = 0;
  #sidEnd = 0;
  #body = 0;
  #headersEnd = 0;
  #bodyEnd = 0;

  /**
   * @param grammar the verbs of the peer that is listened to
   * @param limits overrides of the grammar's limits
   */
  constructor(grammar: Grammar<unknown>, limits?: Partial<Limits>) {
    this.#limits = withDefaults(grammar.limits ?? serverFrameLimits, limits);
    const verbs = compileVerbs(grammar.verbs, this.#limits);
    this.#line = new ControlLine(verbs, this.#limits, (code, offset, message) =>
      this.#reject(code, this.offset + offset, message),
    );
    for (const verb of verbs) {
      if (!isCanonical(verb)) continue;
      if (verb.headed) {
        this.#headedVerb = verb;
        this.#headedWord = firstFourBytes(verb);
      } else {
        this.#plainVerb = verb;
        this.#plainWord = firstFourBytes(verb);
      }
    }
  }

  /** Absolute position of the next frame's first byte, counted from the start of the stream. */
  get offset(): number {
    return this.#base + this.#pos - this.#carry.length;
  }

  /** Bytes pushed that belong to no frame yet; 0 is a clean cut. */
  get buffered(): number {
    return this.#carry.length + this.#end - this.#pos + this.#queue.bytes;
  }

  /** Lends a chunk, which is never written to; does nothing after a fault. */
  push(chunk: Uint8Array): void {
    if (this.#fault !== undefined || chunk.length === 0) return;
    // What it stands on is in the last chunk, so the next one waits.
    if (this.kind === 0 && this.#pos === this.#end && this.#queue.bytes === 0) this.#startChunk(chunk);
    else this.#queue.push(chunk);
  }

  /**
   * Moves to the next frame.
   *
   * @returns the kind of its verb, or 0: more bytes, please
   * @throws ProtocolError at the first byte that no healthy peer can send, and the same object ever after
   */
  next(): number {
    const at = this.#pos;
    if (this.#carry.end === this.#carry.start && at + SHORTEST <= this.#end) {
      const kind = this.#readFast(this.#chunk, this.#view, at, this.#end);
      if (kind !== 0) {
        this.#pos = this.#next;
        return kind;
      }
    }
    return this.#nextSlow();
  }

  /** Refuses the current frame for what only a grammar can see; the scanner is poisoned. */
  fail(code: ProtocolErrorCode, message: string): never {
    const line = this.offset - (this.#next - this.#at);
    return this.#reject(code, line, message, line);
  }

  /** The subject of the current frame, as UTF-8 with U+FFFD for what is not. */
  subject(): string {
    const start = this.#subject;
    const end = this.#subjectEnd;
    // The slow path leaves no hash: it is too rare to be worth one.
    if (this.#hash === 0) return decodeText(this.#bytes, start, end);
    const last = this.#last;
    if (last.text === undefined) {
      const view = this.#bytes === this.#chunk ? this.#view : this.#carry.view;
      last.text = intern(this.#bytes, view, start, end, this.#hash);
    }
    return last.text ?? decodeText(this.#bytes, start, end);
  }

  /** The reply subject of the current frame, decoded like the subject. */
  reply(): string | undefined {
    return this.#reply === this.#replyEnd ? undefined : decodeText(this.#bytes, this.#reply, this.#replyEnd);
  }

  /** The queue group of the current SUB; like a sid it is an exact token. */
  queue(): string | undefined {
    return this.#reply === this.#replyEnd ? undefined : decodeToken(this.#bytes, this.#reply, this.#replyEnd);
  }

  /** The sid as it was written; bytes that are not UTF-8 stay distinct as lone surrogates (U+DC00 + byte). */
  sidText(): string {
    return decodeToken(this.#bytes, this.#sidAt, this.#sidEnd);
  }

  /** The argument of INFO, CONNECT or -ERR, without the blanks around it. */
  text(): string {
    return decodeText(this.#bytes, this.#subject, this.#subjectEnd);
  }

  /** Bytes of the current frame's headers and payload together. */
  get size(): number {
    return this.#bodyEnd - this.#body;
  }

  /** The raw header block, borrowed; `undefined` where the verb has none. */
  headers(): Uint8Array | undefined {
    if (this.#headersEnd < 0) return undefined;
    return this.#borrow(this.#body, this.#headersEnd);
  }

  /** The payload behind the headers, borrowed; every empty one is the same object. */
  payload(): Uint8Array {
    return this.#borrow(this.#headersEnd < 0 ? this.#body : this.#headersEnd, this.#bodyEnd);
  }

  /** Which names of the current frame carry bytes that a third party can make a server relay. */
  flaw(): Flaw {
    // An interned subject is proven clean.
    const known = this.#hash !== 0 && this.#last.text !== undefined;
    const subject = !known && !isClean(this.#bytes, this.#subject, this.#subjectEnd);
    const reply = this.#reply !== this.#replyEnd && !isClean(this.#bytes, this.#reply, this.#replyEnd);
    if (subject) return reply ? "both" : "subject";
    return reply ? "reply" : undefined;
  }

  /** The current frame's raw bytes, line ends included, borrowed: a proxy forwards them untouched. */
  frame(): Uint8Array | undefined {
    return this.#next === this.#at ? undefined : this.#borrow(this.#at, this.#next);
  }

  #borrow(start: number, end: number): Uint8Array {
    if (start === end) return EMPTY;
    const bytes = this.#bytes;
    // Asking a typed array for its buffer costs as much as making a view does (`view 16 B`).
    const mine = bytes === this.#chunk && bytes.length >= SHORTEST;
    const buffer = mine ? this.#buffer : bytes.buffer;
    return new Uint8Array(buffer, (mine ? this.#bufferAt : bytes.byteOffset) + start, end - start);
  }

  // --- the canonical line ----------------------------------------------------------------------------------------

  /**
   * Reads a whole frame in the spelling every known peer uses: upper case, single SP, CRLF, in one chunk. Anything
   * else gives 0 and is read again by the slow path, which alone decides what is an error: this path has no verdicts.
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
        // The high bit of each byte below 0x21; the lowest one set is exact.
        const blank = (word - 0x21212121) & ~word & 0x80808080;
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
        // Nine digits fit into an int32.
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
            const blank = (word - 0x21212121) & ~word & 0x80808080;
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
      // The line is sound: where the frame straddles, its length need not be found again.
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

  // --- everything else -------------------------------------------------------------------------------------------

  #nextSlow(): number {
    if (this.#fault !== undefined) throw this.#fault;
    this.#hash = 0;
    const carry = this.#carry;
    while (this.#pos < this.#end || this.#nextChunk()) {
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

  /** Stands on no frame, and lets go of the chunk that is used up. */
  #clear(): void {
    this.kind = this.sid = 0;
    this.max = undefined;
    this.#at = this.#next = this.#subject = this.#subjectEnd = this.#reply = this.#replyEnd = 0;
    this.#sidAt = this.#sidEnd = this.#body = this.#bodyEnd = 0;
    this.#headersEnd = -1;
    this.#base += this.#end;
    this.#pos = this.#end = 0;
    this.#bytes = this.#chunk = EMPTY;
    this.#view = EMPTY_VIEW;
    this.#buffer = EMPTY.buffer;
    if (this.#carry.length === 0) this.#carry.trim();
  }

  /** The frame at `at`, the short way where there is one; 0 while it is incomplete. */
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

  /** Whether the line is read already, and what lacks are more than the bytes that could be wrong: CR and LF. */
  #needsMore(bytes: Uint8Array, held: number, end: number): boolean {
    return held + 1 < this.#total || (held + 1 === this.#total && bytes[end - 1] === CR);
  }

  /** Adds to the carry what belongs to its frame, and no byte more. */
  #fillCarry(carry: Carry): number {
    const pos = this.#pos;
    const line = this.#line;
    // A line up to its LF, or to the byte that proves it too long.
    const most = this.#total > 0 ? this.#total : line.verb === undefined ? 16 : line.verb.maxLine + 2;
    let to = Math.min(this.#end, pos + Math.max(1, most - carry.length));
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

  /** Puts a chunk behind the carry where that decides nothing: no body is complete with it, no line ends, none is too long. */
  #carryWhole(chunk: Uint8Array): boolean {
    const carry = this.#carry;
    const held = carry.end - carry.start + chunk.length;
    if (this.#total > 0) {
      if (held + 1 >= this.#total) return false;
    } else {
      // A line without arguments is watched byte by byte.
      const { verb } = this.#line;
      if (verb === undefined || verb.maxArgs === 0 || held > verb.maxLine) return false;
      if (lineFeed(chunk, 0, chunk.length) < chunk.length) return false;
    }
    carry.append(chunk, 0, chunk.length, this.#total);
    this.#base += chunk.length;
    return true;
  }

  #nextChunk(): boolean {
    if (this.#queue.bytes === 0) return false;
    this.#startChunk(this.#queue.shift());
    return true;
  }

  #startChunk(chunk: Uint8Array): void {
    if (this.#carry.end !== this.#carry.start && this.#carryWhole(chunk)) return;
    this.#base += this.#end;
    this.#chunk = chunk;
    // For less than a frame it would cost more than it saves.
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
      if (next > end) return 0;
    }
    this.#total = 0;
    line.begin();
    this.#next = next;
    this.kind = kind;
    return kind;
  }

  // --- faults ----------------------------------------------------------------------------------------------------

  #rejectTrailer(at: number, wanted: string): never {
    const offset = this.offset + at - this.#at;
    return this.#reject("BAD_TRAILER", offset, `a payload must end in CRLF: ${wanted} is missing`);
  }

  /** Poisons the scanner: the memory it held is let go, and `next` has nothing left to do but throw. */
  #reject(code: ProtocolErrorCode, offset: number, message: string, line = this.offset): never {
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

/** Whether the short way reads it: its first word tells it, and it has one optional argument, the reply. */
function isCanonical({ letters, sid, body, headed, minArgs, maxArgs }: CompiledVerb): boolean {
  if ((body !== "size" && !headed) || sid === "token" || letters.length > 4) return false;
  const needed = 2 + (sid === "digits" ? 1 : 0) + (headed ? 1 : 0);
  return minArgs === needed && maxArgs === needed + 1;
}

/** Where the first LF is, or `to`. */
function lineFeed(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && bytes[i] !== LF) i++;
  return i;
}
