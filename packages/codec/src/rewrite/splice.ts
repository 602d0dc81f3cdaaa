// SPDX-License-Identifier: Apache-2.0
import { copyWords } from "../bytes.ts";
import type { Positions } from "../decode/positions.ts";
import type { Scanner } from "../decode/scanner.ts";
import { UsageError } from "../errors.ts";
import { utf8 } from "../text.ts";
import { type Changes, type Plan, planOf } from "./changes.ts";
import { checkPosition } from "./encode-into.ts";

const MAX_LINE = 65_536;
const SP = 0x20;
const CR = 0x0d;
const LF = 0x0a;
const H = 0x48;

/**
 * Returns the frame that a scanner stands on with some of its parts replaced. All other bytes are copied as they are, so a
 * name with a flaw stays what it was. The bytes belong to the caller.
 *
 * The subject of SUB can be changed, and every part of a message. The sizes in the control line are written anew if they
 * change. Of a frame that comes in parts, only the names can be changed, at its first part.
 *
 * @throws UsageError BAD_SUBJECT if a new name cannot be sent; BAD_NUMBER if `cut` leaves nothing of a name; TOO_LARGE if the
 * line exceeds 65,536 bytes or the body 999,999,999; BAD_FIELD if the frame does not have the part, for a change with another
 * name, and if there is no frame
 *
 * @example
 * ```ts
 * import { Scanner, clientFrames } from "@natswire/codec";
 * import { splice } from "@natswire/codec/rewrite";
 *
 * const scanner = new Scanner(clientFrames);
 * scanner.push(new TextEncoder().encode("PUB orders.new inbox.1 5\r\napple\r\n"));
 * scanner.next();
 * const changed = splice(scanner, { subject: { add: "eu." }, payload: new TextEncoder().encode("pear") });
 * console.log(JSON.stringify(new TextDecoder().decode(changed))); // "PUB eu.orders.new inbox.1 4\r\npear\r\n"
 * ```
 */
export function splice(scanner: Scanner, changes: Changes): Uint8Array {
  const at = scanner.positions();
  const plan = planOf(scanner, at, changes);
  const bytes = new Uint8Array(plan.maxLine + bodyLength(at, plan));
  return bytes.subarray(0, writeFrame(at, plan, bytes, new DataView(bytes.buffer), 0));
}

/**
 * Writes what `splice` returns into memory of the caller.
 *
 * @param into where to write: other memory than the chunk
 * @param start the position of the first byte
 * @returns the position after the frame, or -1 if there is not enough room: the bytes from `start` on are then undefined
 * @throws UsageError as `splice` does
 */
export function spliceInto(scanner: Scanner, changes: Changes, into: Uint8Array, start = 0): number {
  checkPosition(start);
  const at = scanner.positions();
  const plan = planOf(scanner, at, changes);
  if (start + plan.maxLine + bodyLength(at, plan) <= into.length) {
    return writeFrame(at, plan, into, new DataView(into.buffer, into.byteOffset, into.length), start);
  }
  const bytes = splice(scanner, changes);
  if (start + bytes.length > into.length) return -1;
  into.set(bytes, start);
  return start + bytes.length;
}

/** Returns the length of the body, its CRLF included. */
export function bodyLength({ body, end }: Positions, plan: Plan): number {
  return plan.body === undefined ? end - body : (plan.body.headers?.length ?? 0) + plan.body.payload.length + 2;
}

function writeFrame(at: Positions, plan: Plan, into: Uint8Array, view: DataView, start: number): number {
  let i = writeStart(at, plan, into, view, start);
  if (plan.body === undefined) return copyRaw(at, plan.rest, at.end, into, view, i);
  const { headers, payload } = plan.body;
  if (headers !== undefined) {
    into.set(headers, i);
    i += headers.length;
  }
  into.set(payload, i);
  return writeLineEnd(into, i + payload.length);
}

/**
 * Writes the changed start of a frame: up to its last changed name or, if headers or payload change, its whole line. Returns
 * the position after it. The frame's own bytes continue at `plan.rest`.
 */
export function writeStart(at: Positions, plan: Plan, into: Uint8Array, view: DataView, start: number): number {
  const { first, second, body } = plan;
  let from = at.start;
  let i = start;
  if (body !== undefined && body.hadHeaders !== (body.headers !== undefined)) {
    if (body.hadHeaders) from++;
    else into[i++] = H;
  }
  if (first !== undefined) {
    i = writeText(first.text, into, copyRaw(at, from, first.from, into, view, i));
    from = first.to;
  }
  if (second !== undefined) {
    i = writeText(second.text, into, copyRaw(at, from, second.from, into, view, i));
    from = second.to;
  }
  if (body !== undefined) {
    i = copyRaw(at, from, body.sizes, into, view, i);
    from = at.body;
    const head = body.headers?.length;
    if (head !== undefined) {
      i = writeText(`${head}`, into, i);
      into[i++] = SP;
    }
    i = writeText(`${(head ?? 0) + body.payload.length}`, into, i);
    i = writeLineEnd(into, i);
  }
  const length = i - start + at.body - from - 2;
  if (length > MAX_LINE) rejectLength(length);
  return i;
}

function rejectLength(length: number): never {
  throw new UsageError("TOO_LARGE", `control line is ${length} bytes, limit ${MAX_LINE}`);
}

/** Copies some of the frame's own bytes. Returns the position after them. */
export function copyRaw(
  { bytes, view }: Positions,
  from: number,
  to: number,
  into: Uint8Array,
  intoView: DataView,
  at: number,
): number {
  return copyWords(bytes, view, from, to, into, intoView, at);
}

function writeText(text: string, into: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return at + utf8.encodeInto(text, into.subarray(at)).written;
    into[at + i] = code;
  }
  return at + text.length;
}

/** Writes CRLF. Returns the position after it. */
export function writeLineEnd(into: Uint8Array, at: number): number {
  into[at] = CR;
  into[at + 1] = LF;
  return at + 2;
}
