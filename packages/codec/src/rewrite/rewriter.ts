// SPDX-License-Identifier: Apache-2.0
import type { Positions } from "../decode/positions.ts";
import type { Scanner } from "../decode/scanner.ts";
import { COPY_LIMIT, Encoder } from "../encode/encoder.ts";
import { UsageError } from "../errors.ts";
import type { AnyFrame, FrameInput } from "../frames.ts";
import { type Body, type Changes, planOf } from "./changes.ts";
import { PART, PartScanner } from "./part-scanner.ts";
import { bodyLength, copyRaw, writeLineEnd, writeStart } from "./splice.ts";

/**
 * Collects what a proxy writes: an `Encoder` that also takes the frames of a scanner, as they came or with changes.
 *
 * - `pass` takes the current frame, or part of one, as it is; `splice` replaces some of it; `push` adds a frame of your own.
 * - A frame whose headers and payload have up to 8 KiB together is copied. A larger one is borrowed, as by `push`: leave the
 *   chunk as it is until its segments are released, or copy the chunk before you push it into the scanner. The `data` chunks
 *   of a Node socket stay as they are.
 *
 * @example
 * ```ts
 * import { type ClientFrame, Scanner, clientFrames } from "@natswire/codec";
 * import { Rewriter, subjectStartsWith } from "@natswire/codec/rewrite";
 *
 * const scanner = new Scanner(clientFrames);
 * const out = new Rewriter<ClientFrame>();
 * scanner.push(new TextEncoder().encode("PUB orders.new 5\r\napple\r\nPING\r\n"));
 * while (scanner.next() !== 0) {
 *   if (subjectStartsWith(scanner, "orders.")) out.splice(scanner, { subject: { add: "eu." } });
 *   else out.pass(scanner);
 * }
 * console.log(JSON.stringify(new TextDecoder().decode(out.pull()))); // "PUB eu.orders.new 5\r\napple\r\nPING\r\n"
 * ```
 */
export class Rewriter<F extends AnyFrame = AnyFrame> extends Encoder<F> {
  // Whether later parts of a message follow.
  #isOpen = false;

  /**
   * Queues a frame of your own, as `Encoder.push` does.
   *
   * @throws UsageError as `Encoder.push` does; BAD_FIELD between two parts of a message
   */
  override push(frame: FrameInput<F>): void {
    this.#begin(false);
    super.push(frame);
  }

  /**
   * Queues the frame, or the part of one, that a scanner stands on, as it came.
   *
   * @throws UsageError BAD_FIELD if there is no frame, and for another frame between two parts of a message; CLOSED if the
   * encoder is broken
   */
  pass(scanner: Scanner): void {
    this.check();
    this.#begin(scanner.kind === PART);
    const at = scanner.positions();
    const length = at.end - at.start;
    if (length === 0) throw new UsageError("BAD_FIELD", "there is no frame to pass on: call next() first");
    this.#raw(at, at.start, this.reserve(isCopied(at) ? length : 0));
    this.#isOpen = isParted(scanner);
  }

  /**
   * Queues the frame that a scanner stands on, with some of its parts replaced: see `splice`.
   *
   * @throws UsageError as `splice` does, and CLOSED if the encoder is broken; nothing is queued
   */
  splice(scanner: Scanner, changes: Changes): void {
    this.check();
    this.#begin(scanner.kind === PART);
    const at = scanner.positions();
    const plan = planOf(scanner, at, changes);
    // Of the body, at most a header block and a payload are copied.
    const start = this.reserve(plan.maxLine + Math.min(bodyLength(at, plan), 2 * COPY_LIMIT + 2));
    const end = writeStart(at, plan, this.block, this.view, start);
    if (plan.body !== undefined) this.#newBody(plan.body, end);
    else if (isCopied(at)) this.#raw(at, plan.rest, end);
    else this.#raw(at, at.body, copyRaw(at, plan.rest, at.body, this.block, this.view, end));
    this.#isOpen = isParted(scanner);
  }

  #begin(isPart: boolean): void {
    if (this.#isOpen === isPart) return;
    const what = isPart
      ? "pass on the first part of a message before the later ones"
      : "a message is not complete: pass on its later parts first";
    throw new UsageError("BAD_FIELD", what);
  }

  #newBody({ headers, payload }: Body, at: number): void {
    let i = headers === undefined ? at : this.body(at, headers, headers.length);
    i = this.body(i, payload, payload.length);
    this.commit(writeLineEnd(this.block, i));
  }

  /** Copies the frame's own bytes from `from` on to `to`, or borrows them with a large body. */
  #raw(at: Positions, from: number, to: number): void {
    this.commit(
      isCopied(at)
        ? copyRaw(at, from, at.end, this.block, this.view, to)
        : this.body(to, at.bytes.subarray(from, at.end), at.end - from),
    );
  }
}

function isCopied({ body, bodyEnd }: Positions): boolean {
  return bodyEnd - body <= COPY_LIMIT;
}

function isParted(scanner: Scanner): boolean {
  return scanner instanceof PartScanner && scanner.remaining > 0;
}
