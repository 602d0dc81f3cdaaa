// SPDX-License-Identifier: Apache-2.0
import { Carry } from "./carry.ts";
import { ProtocolError, type ProtocolErrorCode } from "./errors.ts";
import type { Flaw } from "./frames.ts";
import type { Grammar } from "./grammar.ts";
import { intern } from "./intern.ts";
import { clientLimits, type Limits } from "./limits.ts";
import { ChunkQueue } from "./queue.ts";
import { firstWord, lettersOf, type Shape, shapesOf } from "./shapes.ts";
import { decodeText, decodeToken, isBlank, isClean, quote } from "./text.ts";

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const EMPTY = /* @__PURE__ */ new Uint8Array(0);
const NOTHING = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(0));
const SEED = 0x1505;
const PRIME = 0x01000193;

/**
 * The reused cursor below Decoder, for hot paths and proxies: it stands on one frame at a time and allocates nothing
 * but what its methods are asked for.
 *
 * Everything it tells about a frame holds until the next call of `next`. A chunk is lent until `next` returned 0.
 */
export class Scanner {
  /** The kind of the current frame's verb. */
  kind = 0;
  /** The client-role sid of the current frame as a number; 0 where the verb has none or an opaque one. */
  sid = 0;
  /** The `max` of the current UNSUB, if it has one. */
  max: number | undefined;

  readonly #shapes: readonly Shape[];
  readonly #limits: Limits;
  // The two verbs with a body are what a stream consists of: their first four bytes as one number, and their shape.
  #plainWord = 0;
  #plain: Shape | undefined;
  #headedWord = 0;
  #headed: Shape | undefined;

  // The chunk being read, and the ones pushed behind it.
  #chunk: Uint8Array = EMPTY;
  #view: DataView = NOTHING;
  #pos = 0;
  #end = 0;
  #base = 0;
  readonly #queue = new ChunkQueue();

  // A frame that straddles chunks: its length once the control line is complete, and how far LF was searched.
  readonly #carry = new Carry();
  #total = 0;
  #searched = 0;
  #fault: ProtocolError | undefined;

  // The current frame: the buffer it is in, and where its parts are.
  #bytes: Uint8Array = EMPTY;
  #at = 0;
  #stop = 0;
  #next = 0;
  #hash = 0;
  #subject = 0;
  #subjectEnd = 0;
  #subjectText: string | undefined;
  #reply = 0;
  #replyEnd = 0;
  #sidAt = 0;
  #sidEnd = 0;
  #body = 0;
  #headersEnd = 0;
  #bodyEnd = 0;

  // Where the arguments of a line start and end, in pairs.
  readonly #args = new Int32Array(12);

  /**
   * @param grammar the verbs of the peer that is listened to
   * @param limits overrides of the grammar's limits
   */
  constructor(grammar: Grammar<unknown>, limits?: Partial<Limits>) {
    this.#limits = { ...(grammar.limits ?? clientLimits), ...limits };
    this.#shapes = shapesOf(grammar.verbs, this.#limits);
    for (const shape of this.#shapes) {
      if (shape.sid === "token") continue;
      if (shape.body === "size") {
        this.#plain = shape;
        this.#plainWord = firstWord(shape);
      } else if (shape.body === "headers+size") {
        this.#headed = shape;
        this.#headedWord = firstWord(shape);
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
    if (this.#pos === this.#end && this.#queue.bytes === 0) this.#adopt(chunk);
    else this.#queue.push(chunk);
  }

  /**
   * Moves to the next frame.
   *
   * @returns the kind of its verb, or 0: more bytes, please
   * @throws ProtocolError at the first byte that no healthy peer can send, and the same object ever after
   */
  next(): number {
    if (this.#total === 0 && this.#carry.end === this.#carry.start) {
      const at = this.#pos;
      if (at + 12 <= this.#end) {
        const word = this.#view.getInt32(at, true);
        const shape = word === this.#plainWord ? this.#plain : word === this.#headedWord ? this.#headed : undefined;
        const kind = shape === undefined ? 0 : this.#fast(at, shape);
        if (kind !== 0) return kind;
      }
    }
    return this.#slow();
  }

  /** Refuses the current frame for what only a grammar can see; the scanner is poisoned. */
  fail(code: ProtocolErrorCode, message: string): never {
    const line = this.offset - (this.#next - this.#at);
    return this.#refuse(code, line, message, line);
  }

  /** The subject of the current frame, as UTF-8 with U+FFFD for what is not. */
  subject(): string {
    const start = this.#subject;
    const end = this.#subjectEnd;
    // The slow path leaves no hash: it is too rare to be worth one.
    if (this.#hash !== 0) this.#subjectText ??= intern(this.#bytes, start, end, this.#hash);
    return this.#subjectText ?? decodeText(this.#bytes, start, end);
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
    return borrow(this.#bytes, this.#body, this.#headersEnd);
  }

  /** The payload behind the headers, borrowed; every empty one is the same object. */
  payload(): Uint8Array {
    return borrow(this.#bytes, this.#headersEnd < 0 ? this.#body : this.#headersEnd, this.#bodyEnd);
  }

  /** Which names of the current frame carry bytes that a third party can make a server relay. */
  flaw(): Flaw {
    // An interned subject is proven clean.
    const subject = this.#subjectText === undefined && !isClean(this.#bytes, this.#subject, this.#subjectEnd);
    const reply = this.#reply !== this.#replyEnd && !isClean(this.#bytes, this.#reply, this.#replyEnd);
    if (subject) return reply ? "both" : "subject";
    return reply ? "reply" : undefined;
  }

  /** The current frame's raw bytes, line ends included, borrowed: a proxy forwards them untouched. */
  frame(): Uint8Array | undefined {
    return this.#next === this.#at ? undefined : borrow(this.#bytes, this.#at, this.#next);
  }

  // --- the canonical line ----------------------------------------------------------------------------------------

  /**
   * Reads a whole frame in the spelling every known peer uses: upper case, single SP, CRLF, in one chunk. Anything
   * else gives 0 and is read again by the slow path, which alone decides what is an error: this path has no verdicts.
   *
   * Every load is dominated by an explicit bound: one read past the end deoptimises the loop for good.
   */
  #fast(at: number, shape: Shape): number {
    const bytes = this.#chunk;
    const view = this.#view;
    const end = this.#end;
    const subject = at + shape.letters.length + 1;
    if (bytes[subject - 1] !== SP) return 0;
    let i = subject;
    let hash = SEED;
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
    const subjectEnd = i++;

    let sid = 0;
    let args = 1;
    const sidAt = i;
    if (shape.sid === "digits") {
      args = 2;
      for (; i < end; i++) {
        const digit = bytes[i]! - 48;
        if (digit < 0 || digit > 9) break;
        sid = (Math.imul(sid, 10) + digit) | 0;
      }
      // Nine digits fit into an int32.
      if (i === sidAt || i - sidAt > 9 || i >= end || bytes[i] !== SP) return 0;
      i++;
    }
    const sidEnd = i - 1;

    // The last tokens of the line: [reply] [headers size] size.
    let reply = 0;
    let replyEnd = 0;
    let before = -1;
    let size = -1;
    let count = 0;
    for (;;) {
      const token = i;
      let value = 0;
      let odd = 0;
      let byte = 0;
      for (; i < end; i++) {
        byte = bytes[i]!;
        if (byte <= SP) break;
        value = (Math.imul(value, 10) + byte - 48) | 0;
        odd |= (byte - 48) * (57 - byte);
      }
      if (i === token || i + 1 >= end) return 0;
      count++;
      before = size;
      size = odd < 0 || i - token > 9 ? -1 : value;
      if (byte === CR) break;
      if (byte !== SP) return 0;
      if (count === 1) {
        reply = token;
        replyEnd = i;
      }
      i++;
    }
    args += count;
    if (args < shape.fewest || args > shape.most || i - at > shape.limit) return 0;
    if (bytes[i + 1] !== LF || size < 0 || size > this.#limits.payload) return 0;
    const body = i + 2;
    let headersEnd = -1;
    if (shape.body === "headers+size") {
      if (before < 0 || before > size) return 0;
      headersEnd = body + before;
      if (count === 2) replyEnd = reply;
    }
    const bodyEnd = body + size;
    if (bodyEnd + 1 >= end || bytes[bodyEnd] !== CR || bytes[bodyEnd + 1] !== LF) return 0;

    this.#bytes = bytes;
    this.#at = at;
    this.#hash = hash;
    this.#subject = subject;
    this.#subjectEnd = subjectEnd;
    this.#subjectText = undefined;
    this.#reply = reply;
    this.#replyEnd = replyEnd;
    this.sid = sid;
    this.#sidAt = sidAt;
    this.#sidEnd = sidEnd;
    this.#body = body;
    this.#headersEnd = headersEnd;
    this.#bodyEnd = bodyEnd;
    this.#next = this.#pos = bodyEnd + 2;
    this.kind = shape.kind;
    return shape.kind;
  }

  // --- everything else -------------------------------------------------------------------------------------------

  #slow(): number {
    if (this.#fault !== undefined) throw this.#fault;
    for (;;) {
      const carry = this.#carry;
      if (carry.length === 0) {
        if (this.#pos === this.#end && !this.#advance()) return 0;
        const kind = this.#read(this.#chunk, this.#pos, this.#end);
        if (kind !== 0) {
          this.#pos = this.#next;
          return kind;
        }
        carry.append(this.#chunk, this.#pos, this.#end, this.#total);
        this.#pos = this.#end;
      } else {
        if (this.#pos === this.#end && !this.#advance()) return 0;
        const kind = this.#resume(carry);
        if (kind !== 0) return kind;
      }
    }
  }

  /** Adds to the carry what belongs to its frame, and no byte more. */
  #resume(carry: Carry): number {
    let to = this.#end;
    if (this.#total === 0) {
      // A line: up to its LF, or to the byte that proves it too long.
      this.#bytes = carry.bytes;
      this.#at = carry.start;
      const shape = this.#verb(carry.end);
      const most = shape === undefined ? 16 : shape.limit + 2;
      to = Math.min(to, this.#pos + Math.max(1, most - carry.length));
      const lf = this.#chunk.indexOf(LF, this.#pos);
      if (lf >= 0 && lf < to) to = lf + 1;
    } else {
      to = Math.min(to, this.#pos + this.#total - carry.length);
    }
    carry.append(this.#chunk, this.#pos, to, this.#total);
    this.#pos = to;
    // A body that is still short of its CRLF has nothing to read.
    if (this.#total > carry.length + 1) return 0;
    const kind = this.#read(carry.bytes, carry.start, carry.end);
    if (kind !== 0) carry.finish();
    return kind;
  }

  #advance(): boolean {
    const chunk = this.#queue.shift();
    if (chunk !== undefined) this.#adopt(chunk);
    return chunk !== undefined;
  }

  #adopt(chunk: Uint8Array): void {
    this.#base += this.#end;
    this.#chunk = chunk;
    // One for a few bytes would cost more than it saves.
    this.#view = chunk.length < 12 ? NOTHING : new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    this.#pos = 0;
    this.#end = chunk.length;
  }

  /**
   * Reads the frame that starts at `at`, by every rule of the protocol.
   *
   * Faults depend on the bytes seen alone, never on where chunks were cut: each rule fires at the first byte that
   * decides it.
   *
   * @returns the kind of its verb, or 0 while it is incomplete
   */
  #read(bytes: Uint8Array, at: number, end: number): number {
    this.#bytes = bytes;
    this.#at = at;
    const shape = this.#verb(end);
    if (shape === undefined) return 0;
    const lf = this.#lineEnd(shape, end);
    if (lf < 0) return 0;
    this.#stop = bytes[lf - 1] === CR ? lf - 1 : lf;
    if (this.#limits.strictLineEnd && this.#stop === lf) {
      this.#refuse("BAD_LINE_END", this.offset, "a line must end in CRLF");
    }

    this.#hash = 0;
    this.#subjectText = undefined;
    this.#subject = this.#subjectEnd = this.#reply = this.#replyEnd = this.#sidAt = this.#sidEnd = 0;
    this.#body = this.#bodyEnd = lf + 1;
    this.#headersEnd = -1;
    this.sid = 0;
    this.max = undefined;
    if (shape.most > 0) this.#arguments(shape);
    let next = lf + 1;
    if (shape.body === "size" || shape.body === "headers+size") {
      const trailer = this.#bodyEnd;
      next = trailer + 2;
      this.#total = next - at;
      if (trailer < end && bytes[trailer] !== CR) this.#broken(trailer, "CR");
      if (trailer + 1 < end && bytes[trailer + 1] !== LF) this.#broken(trailer + 1, "LF");
      if (next > end) return 0;
    }
    this.#total = 0;
    this.#searched = 0;
    this.#next = next;
    this.kind = shape.kind;
    return shape.kind;
  }

  /** The verb of the line, as soon as all its letters are there; an impossible byte is a fault at once. */
  #verb(end: number): Shape | undefined {
    const bytes = this.#bytes;
    const at = this.#at;
    let limit = -1;
    let seen = 0;
    let reach = 0;
    for (const shape of this.#shapes) {
      const same = lettersOf(shape, bytes, at, end);
      if (same >= seen) reach = same > seen ? shape.limit : Math.max(reach, shape.limit);
      seen = Math.max(seen, same);
      if (at + same >= end) limit = Math.max(limit, shape.limit);
      else if (same === shape.letters.length && (shape.most === 0 || isBlank(bytes[at + same]!))) return shape;
    }
    if (limit < 0) {
      // With limits below the length of a verb, what decides first is what comes first.
      if (seen > reach) this.#long(reach);
      this.#unknown(at + seen + 1);
    }
    if (end - at > limit) this.#long(limit);
    return undefined;
  }

  /** Where the LF of the line is, or -1 while it is not there. */
  #lineEnd(shape: Shape, end: number): number {
    const bytes = this.#bytes;
    const at = this.#at;
    const limit = at + shape.limit;
    const known = Math.min(end, limit + 2);
    let i = at + Math.max(shape.letters.length, this.#searched);
    for (; i < known && bytes[i] !== LF; i++) {
      // After PING, PONG and +OK: blanks and the line end, nothing else.
      if (shape.most > 0 || isBlank(bytes[i]!)) continue;
      const lineEnd = bytes[i] === CR && (i + 1 >= end || bytes[i + 1] === LF);
      if (!lineEnd && i <= limit) this.#unknown(i + 1);
    }
    if (i < known && (i <= limit || bytes[limit] === CR)) return i;
    if (i < known || end > limit + 1 || (end === limit + 1 && bytes[limit] !== CR)) this.#long(shape.limit);
    // A CR that is the last byte may still be half of the line end.
    this.#searched = i - at - 1;
    return -1;
  }

  #arguments(shape: Shape): void {
    const bytes = this.#bytes;
    const args = this.#args;
    const stop = this.#stop;
    const line = shape.body === "text" || shape.body === "json";
    let count = 0;
    let end = 0;
    for (let i = this.#at + shape.letters.length; ; ) {
      while (i < stop && isBlank(bytes[i]!)) i++;
      if (i === stop) break;
      const start = i;
      while (i < stop && !isBlank(bytes[i]!)) i++;
      end = i;
      // The one argument of a text reaches to the end of the last.
      if (line && count > 0) continue;
      if (count < shape.most) {
        args[2 * count] = start;
        args[2 * count + 1] = i;
      }
      count++;
    }
    const { word, fewest, most } = shape;
    if (count < fewest || count > most) {
      this.#bad("BAD_ARGUMENTS", `${word} takes ${fewest} to ${most} arguments, not ${count}`);
    }
    if (fewest === 1 && !line) {
      this.#sid(shape, 0);
      if (count > 1) this.max = this.#size(1, "max");
      return;
    }
    this.#subject = args[0]!;
    this.#subjectEnd = line ? end : args[1]!;
    if (line) return;

    // subject [queue] sid, or subject [sid] [reply] [headers size] size
    const sizes = shape.body === "none" ? 0 : shape.body === "size" ? 1 : 2;
    let used = 1;
    if (sizes === 0) this.#sid(shape, count - 1);
    else if (shape.sid !== "none") this.#sid(shape, used++);
    if (count > used + Math.max(1, sizes)) {
      this.#reply = args[2 * used]!;
      this.#replyEnd = args[2 * used + 1]!;
    }
    if (sizes > 0) this.#sizes(sizes, count);
  }

  #sid(shape: Shape, arg: number): void {
    this.#sidAt = this.#args[2 * arg]!;
    this.#sidEnd = this.#args[2 * arg + 1]!;
    if (shape.sid === "token") return;
    this.sid = this.#digits(arg, 15);
    if (this.sid < 0) this.#bad("BAD_SID", "a sid must be 1 to 15 digits");
  }

  #sizes(sizes: number, count: number): void {
    const headers = sizes === 2 ? this.#size(count - 2, "header size") : -1;
    const size = this.#size(count - 1, "size");
    if (headers > size) this.#bad("BAD_SIZE", "the header size is above the total size");
    const most = this.#limits.payload;
    if (size > most) this.#bad("PAYLOAD_TOO_LARGE", `the size is above ${most} bytes`);
    if (headers >= 0) this.#headersEnd = this.#body + headers;
    this.#bodyEnd = this.#body + size;
  }

  #size(arg: number, what: string): number {
    const size = this.#digits(arg, 9);
    return size < 0 ? this.#bad("BAD_SIZE", `the ${what} must be 1 to 9 digits`) : size;
  }

  #digits(arg: number, most: number): number {
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

  // --- faults ----------------------------------------------------------------------------------------------------

  #unknown(stop: number): never {
    this.#stop = stop;
    return this.#bad("UNKNOWN_VERB", "no verb of this protocol");
  }

  #long(limit: number): never {
    return this.#refuse("LINE_TOO_LONG", this.offset + limit, `the control line is longer than ${limit} bytes`);
  }

  #broken(at: number, wanted: string): never {
    const offset = this.offset + at - this.#at;
    return this.#refuse("BAD_TRAILER", offset, `a payload must be followed by CRLF, and here ${wanted} is missing`);
  }

  #bad(code: ProtocolErrorCode, message: string): never {
    return this.#refuse(code, this.offset, `${message}: ${quote(this.#bytes, this.#at, this.#stop)}`);
  }

  /** Poisons the scanner: the memory it held is let go, and `next` has nothing left to do but throw. */
  #refuse(code: ProtocolErrorCode, offset: number, message: string, line = this.offset): never {
    this.#fault = new ProtocolError(code, offset, message);
    this.#base = line;
    this.#carry.finish();
    this.#chunk = EMPTY;
    this.#pos = this.#end = 0;
    this.#queue.clear();
    throw this.#fault;
  }
}

function borrow(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return start === end ? EMPTY : new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
