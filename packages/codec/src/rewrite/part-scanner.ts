// SPDX-License-Identifier: Apache-2.0
import type { Grammar } from "../decode/grammar.ts";
import { Scanner, trailerError } from "../decode/scanner.ts";
import type { Flaw } from "../frames.ts";
import { argumentsOf } from "../grammar/arguments.ts";
import { type Limits, type Options, withDefaults } from "../limits.ts";

const CR = 0x0d;
const LF = 0x0a;

/** What `PartScanner.next()` returns for a later part of a frame. */
export const PART = -1;

/** The options of a `PartScanner`: the limits to change, and `whole`. */
export interface PartScannerOptions extends Options<Limits> {
  /** The largest frame, in bytes, that is always whole; 8,192 by default. */
  readonly whole?: number | undefined;
}

/**
 * A `Scanner` that returns large frames in parts, as their bytes arrive. So it never holds more than the chunk, a control line
 * and a frame of 8 KiB, however large a message is.
 *
 * - A frame of up to `whole` bytes is always whole. Of a larger one, `next` returns what is there of it once its control line is
 *   complete: the first part, with the kind of its verb and all names. For the later parts it returns `PART`.
 * - `remaining` is the number of bytes that are still to come: 0 for a whole frame, and at the last part. If the stream breaks
 *   a rule in the middle of a message, it stays above 0.
 * - `size`, `headers`, `payload`, `frame` and `positions` describe the part. A later part has no names.
 * - The stream may end, or switch to TLS, if `buffered` and `remaining` are 0.
 *
 * @example
 * ```ts
 * import { clientFrames } from "@natswire/codec";
 * import { PART, PartScanner } from "@natswire/codec/rewrite";
 *
 * const scanner = new PartScanner(clientFrames);
 * scanner.push(new TextEncoder().encode("PUB pictures.new 100000\r\nbegin"));
 * console.log(scanner.next(), scanner.subject(), scanner.size, scanner.remaining); // 1 pictures.new 5 99997
 * scanner.push(new Uint8Array(99_995));
 * console.log(scanner.next() === PART, scanner.size, scanner.remaining); // true 99995 2
 * scanner.push(new TextEncoder().encode("\r\n"));
 * console.log(scanner.next() === PART, scanner.size, scanner.remaining); // true 0 0
 * ```
 */
export class PartScanner extends Scanner {
  protected override readonly whole: number;
  // Of the frame that comes in parts: where it starts in the stream, and how many bytes of its header block are to come, or -1
  // if it has none.
  #start = 0;
  #headersLeft = -1;
  // Of the current part: the ends of its header bytes and of its payload, counted from its start.
  #headersEnd = -1;
  #bodyEnd = 0;

  /**
   * @param grammar who sends the bytes: `serverFrames`, `clientFrames` or a grammar of your own
   * @param options the limits to change, and `whole`; the default limits are `grammar.limits`
   * @throws UsageError BAD_NUMBER if a limit or `whole` is not a whole number or Infinity; BAD_FIELD for an unknown
   * limit, and if `strictLineEnd` is not a boolean
   */
  constructor(grammar: Grammar<unknown>, options: PartScannerOptions = {}) {
    const { whole = 8192, ...limits } = options;
    super(grammar, limits);
    this.whole = withDefaults({ whole: 8192 }, { whole }).whole;
  }

  /** Whether the current frame is larger than `whole`: other chunks may bring it in parts. */
  get mayBeParted(): boolean {
    return this.kind === PART || (this.frame()?.length ?? 0) + this.left > this.whole;
  }

  /**
   * The number of bytes of the current frame that are still to come, its last CRLF included: 0 if it is whole, and at its last
   * part. At the first part, `size + remaining - 2` is the size that the frame declares, unless `remaining` is 0 or 1.
   */
  get remaining(): number {
    return this.left;
  }

  override next(): number {
    if (this.left > 0) return this.#nextPart();
    const kind = super.next();
    if (this.left > 0) {
      this.#start = this.offset - this.frame()!.length;
      const headers = this.headers();
      this.#headersLeft = headers === undefined ? -1 : Number(argumentsOf(this).at(-2)) - headers.length;
    }
    return kind;
  }

  #nextPart(): number {
    const before = this.left;
    const taken = this.take(before);
    // After a fault it throws.
    if (taken === 0) return super.next();
    const part = this.frame()!;
    // Where CR and LF are, counted from the start of the part.
    const [cr, lf] = [before - 2, before - 1];
    const end = this.offset - taken;
    if (cr >= 0 && cr < taken && part[cr] !== CR) this.reject("BAD_TRAILER", end + cr, trailerError("CR"), this.#start);
    if (lf < taken && part[lf] !== LF) this.reject("BAD_TRAILER", end + lf, trailerError("LF"), this.#start);
    this.#bodyEnd = Math.max(0, Math.min(taken, cr));
    this.#headersEnd = Math.min(this.#headersLeft, this.#bodyEnd);
    if (this.#headersLeft > 0) this.#headersLeft -= this.#headersEnd;
    this.left = before - taken;
    this.kind = PART;
    return PART;
  }

  override get size(): number {
    return this.kind === PART ? this.#bodyEnd : super.size;
  }

  override flaw(): Flaw {
    return this.kind === PART ? undefined : super.flaw();
  }

  override headers(): Uint8Array | undefined {
    if (this.kind !== PART) return super.headers();
    return this.#headersEnd < 0 ? undefined : this.frame()!.subarray(0, this.#headersEnd);
  }

  override payload(): Uint8Array {
    return this.kind === PART ? this.frame()!.subarray(Math.max(0, this.#headersEnd), this.#bodyEnd) : super.payload();
  }
}
