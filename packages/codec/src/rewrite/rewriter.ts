// SPDX-License-Identifier: Apache-2.0
import type { Positions } from "../decode/positions.ts";
import type { Scanner } from "../decode/scanner.ts";
import { COPY_LIMIT, Encoder } from "../encode/encoder.ts";
import { UsageError } from "../errors.ts";
import type { AnyFrame } from "../frames.ts";
import { type Changes, planOf } from "./changes.ts";
import { bodyLength, copyRaw, writeLineEnd, writeStart } from "./splice.ts";

/**
 * Collects what a proxy writes: an `Encoder` that also takes the frames of a scanner, as they came or with changes.
 *
 * - `pass` takes the current frame, or part of one, as it is; `splice` replaces some of it; `push` adds a frame of your own.
 * - Bodies of up to 8 KiB are copied. Larger ones are borrowed, as by `push`: leave the chunk as it is until its segments are
 *   released, or copy the chunk before you push it into the scanner. The `data` chunks of a Node socket stay as they are.
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
  /**
   * Queues the frame, or the part of one, that a scanner stands on, as it came.
   *
   * @throws UsageError BAD_FIELD if there is no frame; CLOSED if the encoder is broken
   */
  pass(scanner: Scanner): void {
    this.check();
    const at = scanner.positions();
    const length = at.end - at.start;
    if (length === 0) throw new UsageError("BAD_FIELD", "there is no frame to pass on: call next() first");
    this.#raw(at, at.start, this.reserve(Math.min(length, COPY_LIMIT)));
  }

  /**
   * Queues the frame that a scanner stands on, with some of its parts replaced: see `splice`.
   *
   * @throws UsageError as `splice` does, and CLOSED if the encoder is broken; nothing is queued
   */
  splice(scanner: Scanner, changes: Changes): void {
    this.check();
    const at = scanner.positions();
    const plan = planOf(scanner, at, changes);
    // Of the body, at most a header block and a payload are copied.
    const start = this.reserve(plan.maxLine + Math.min(bodyLength(at, plan), 2 * COPY_LIMIT + 2));
    let i = writeStart(at, plan, this.block, this.view, start);
    if (plan.body === undefined) {
      if (at.end - at.body <= COPY_LIMIT) return this.#raw(at, plan.rest, i);
      return this.#raw(at, at.body, copyRaw(at, plan.rest, at.body, this.block, this.view, i));
    }
    const { headers, payload } = plan.body;
    if (headers !== undefined) i = this.body(i, headers, headers.length);
    i = this.body(i, payload, payload.length);
    this.commit(writeLineEnd(this.block, i));
  }

  /** Copies the frame's own bytes from `from` on to `to`, or borrows them if they are many. */
  #raw(at: Positions, from: number, to: number): void {
    const length = at.end - from;
    this.commit(
      length > COPY_LIMIT
        ? this.body(to, at.bytes.subarray(from, at.end), length)
        : copyRaw(at, from, at.end, this.block, this.view, to),
    );
  }
}
