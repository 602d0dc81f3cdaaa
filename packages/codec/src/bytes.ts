// SPDX-License-Identifier: Apache-2.0
import { typeName, UsageError } from "./errors.ts";

// The getters of all typed arrays. They read the array itself: a subclass, an own property or a Proxy may report another
// length.
const typedArray: object = /* @__PURE__ */ Object.getPrototypeOf(Uint8Array.prototype);
const tagOf: Getter<string | undefined> = /* @__PURE__ */ getter(Symbol.toStringTag);
const bufferOf: Getter<ArrayBufferLike> = /* @__PURE__ */ getter("buffer");
const byteOffsetOf: Getter<number> = /* @__PURE__ */ getter("byteOffset");

// Fewer bytes are copied by a loop.
const LOOP_COPY = 64;
// From this many bytes to that many, four are copied at a time.
const MIN_WORDS = 16;
const WORDS_COPY = 96;

type Getter<T> = (this: Uint8Array) => T;

/** Returns the length of a Uint8Array without running code of the caller. Call it as `lengthOf.call(bytes)`. */
export const lengthOf: Getter<number> = /* @__PURE__ */ getter("length");

/** Returns whether a value is a Uint8Array of any realm. A Proxy is not: `isView` is false for it. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value instanceof Uint8Array || tagOf.call(value as Uint8Array) === "Uint8Array");
}

/**
 * Returns the number of bytes that an `Encoder` writes for a payload or a header block: its real length, whatever a subclass
 * reports.
 *
 * @param what the name of the value in the error; `payload` by default
 * @throws UsageError BAD_FIELD if it is not a Uint8Array
 */
export function byteLength(bytes: Uint8Array, what = "payload"): number {
  if (isBytes(bytes)) return lengthOf.call(bytes);
  throw new UsageError("BAD_FIELD", `${what} must be a Uint8Array, not ${typeName(bytes)}`);
}

/** Returns a plain view of the same bytes, without the caller's properties. */
export function plainView(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bufferOf.call(bytes), byteOffsetOf.call(bytes), lengthOf.call(bytes));
}

/**
 * Returns a chunk as bytes: a Uint8Array as it is, an ArrayBuffer as a view of it.
 *
 * @throws UsageError BAD_FIELD if it is neither
 */
export function chunkBytes(chunk: Uint8Array | ArrayBuffer): Uint8Array {
  if (isBytes(chunk)) return lengthOf.call(chunk) === chunk.length ? chunk : plainView(chunk);
  // The tag identifies an ArrayBuffer of another realm.
  if (Object.prototype.toString.call(chunk) === "[object ArrayBuffer]") return new Uint8Array(chunk);
  throw new UsageError("BAD_FIELD", `chunk must be a Uint8Array or an ArrayBuffer, not ${typeName(chunk)}`);
}

/** Copies `from..to` of some bytes to `at`; a few of them by a loop, which costs less than `set`. Returns the position after them. */
export function copyBytes(bytes: Uint8Array, from: number, to: number, into: Uint8Array, at: number): number {
  if (to - from < LOOP_COPY) for (let i = from; i < to; i++) into[at + i - from] = bytes[i]!;
  else into.set(bytes.subarray(from, to), at);
  return at + to - from;
}

/**
 * Copies `from..to` as `copyBytes` does, in a third of its time: four bytes at a time.
 *
 * @param view the memory of `bytes`; only read if at least 16 bytes are copied
 * @param intoView the memory of `into`
 */
export function copyWords(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  to: number,
  into: Uint8Array,
  intoView: DataView,
  at: number,
): number {
  let i = from;
  let end = at;
  if (to - from > WORDS_COPY) return copyBytes(bytes, from, to, into, at);
  if (to - from >= MIN_WORDS) {
    for (; i + 4 <= to; i += 4) {
      intoView.setInt32(end, view.getInt32(i, true), true);
      end += 4;
    }
  }
  for (; i < to; i++) into[end++] = bytes[i]!;
  return end;
}

/** Joins arrays of bytes. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function getter<T>(name: string | symbol): Getter<T> {
  return Object.getOwnPropertyDescriptor(typedArray, name)!.get as Getter<T>;
}
