// SPDX-License-Identifier: Apache-2.0
import { copyBytes } from "../bytes.ts";
import type { Positions } from "../decode/positions.ts";
import type { Scanner } from "../decode/scanner.ts";
import { UsageError } from "../errors.ts";
import { utf8 } from "../text.ts";
import { type Changes, type NameEdit, type Plan, planOf } from "./changes.ts";

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
  return bytes.subarray(0, writeFrame(at, plan, bytes, 0));
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
  const at = scanner.positions();
  const plan = planOf(scanner, at, changes);
  if (start + plan.maxLine + bodyLength(at, plan) <= into.length) return writeFrame(at, plan, into, start);
  const bytes = splice(scanner, changes);
  if (start + bytes.length > into.length) return -1;
  into.set(bytes, start);
  return start + bytes.length;
}

/** Returns the length of the body, its CRLF included. */
export function bodyLength({ body, end }: Positions, plan: Plan): number {
  return plan.body === undefined ? end - body : (plan.body.headers?.length ?? 0) + plan.body.payload.length + 2;
}

function writeFrame(at: Positions, plan: Plan, into: Uint8Array, start: number): number {
  let i = writeLine(at, plan, into, start);
  if (plan.body === undefined) return copyBytes(at.bytes, at.body, at.end, into, i);
  const { headers, payload } = plan.body;
  if (headers !== undefined) {
    into.set(headers, i);
    i += headers.length;
  }
  into.set(payload, i);
  return writeLineEnd(into, i + payload.length);
}

/** Writes the control line, its line end included. Returns the position after it. */
export function writeLine(at: Positions, { subject, reply, body }: Plan, into: Uint8Array, start: number): number {
  const { bytes } = at;
  let from = at.start;
  let i = start;
  if (body !== undefined && body.hadHeaders !== (body.headers !== undefined)) {
    if (body.hadHeaders) from++;
    else into[i++] = H;
  }
  // In a grammar of your own, the reply may come first.
  const isReplyFirst = reply !== undefined && subject !== undefined && reply.from < subject.from;
  const first = isReplyFirst ? reply : subject;
  const second = isReplyFirst ? subject : reply;
  if (first !== undefined) {
    i = writeName(bytes, from, first, into, i);
    from = first.to;
  }
  if (second !== undefined) {
    i = writeName(bytes, from, second, into, i);
    from = second.to;
  }
  if (body === undefined) i = copyBytes(bytes, from, at.body, into, i);
  else {
    i = copyBytes(bytes, from, body.sizes, into, i);
    const head = body.headers?.length;
    if (head !== undefined) {
      i = writeText(`${head}`, into, i);
      into[i++] = SP;
    }
    i = writeText(`${(head ?? 0) + body.payload.length}`, into, i);
    i = writeLineEnd(into, i);
  }
  const length = i - start - 2;
  if (length > MAX_LINE) throw new UsageError("TOO_LARGE", `control line is ${length} bytes, limit ${MAX_LINE}`);
  return i;
}

/** Copies what is before a name, and writes the name. */
function writeName(bytes: Uint8Array, from: number, edit: NameEdit, into: Uint8Array, at: number): number {
  return writeText(edit.text, into, copyBytes(bytes, from, edit.from, into, at));
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
