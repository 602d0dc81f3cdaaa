// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from "node:util";
import type { Limits } from "@natswire/codec";
import { escaped } from "./escape.ts";
import type { Random } from "./random.ts";

/** The codec under test, as its users import it: a build, an instrumented copy, or one with a planted bug. */
export type Codec = typeof import("@natswire/codec");

/** Who sends the bytes: a server sends server frames, a client sends client frames. */
export type Sender = "server" | "client";

/** What a decoder made of a stream. */
export interface Reading {
  readonly frames: readonly unknown[];
  readonly fault: { readonly code: string; readonly offset: number } | undefined;
  /** The position of the first byte that belongs to no frame. */
  readonly rest: number;
}

/** Decodes chunks. All frames are kept to the end, so the bytes that they borrow must not change. */
export function read(codec: Codec, chunks: readonly Uint8Array[], from: Sender, limits?: Partial<Limits>): Reading {
  const decoder = new codec.Decoder<unknown>(from === "server" ? codec.serverFrames : codec.clientFrames, limits);
  const frames: unknown[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame = decoder.pull(); frame !== undefined; frame = decoder.pull()) frames.push(frame);
    }
  } catch (error) {
    if (!(error instanceof codec.ProtocolError)) throw error;
    return { frames, fault: { code: error.code, offset: error.offset }, rest: decoder.offset };
  }
  return { frames, fault: undefined, rest: decoder.offset };
}

/** Returns whether two readings have the same frames, code and offset. */
export function sameReading(a: Reading, b: Reading): boolean {
  return (
    a.rest === b.rest &&
    a.fault?.code === b.fault?.code &&
    a.fault?.offset === b.fault?.offset &&
    a.frames.length === b.frames.length &&
    a.frames.every((frame, i) => sameFrame(frame, b.frames[i]))
  );
}

/** Returns whether two frames are equal, field by field. */
export function sameFrame(a: unknown, b: unknown): boolean {
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let fields = 0;
  for (const name in left) {
    const x = left[name];
    const y = right[name];
    fields++;
    if (x instanceof Uint8Array ? y instanceof Uint8Array && sameBytes(x, y) : Object.is(x, y)) continue;
    if (typeof x !== "object" || !isDeepStrictEqual(x, y)) return false;
  }
  for (const _ in right) fields--;
  return fields === 0;
}

/** Returns whether the bytes are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Cuts a stream into chunks with memory of their own: byte by byte or anywhere, with empty chunks among them. */
export function cut(stream: Uint8Array, random: Random): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  const longest = random.once(4) ? 1 : 2 + random.below(random.once(2) ? 8 : stream.length + 1);
  for (let at = 0; at < stream.length; ) {
    const some = longest === 1 || chunks.at(-1)?.length === 0 ? 1 : random.below(longest);
    const end = Math.min(stream.length, at + some);
    chunks.push(stream.slice(at, end));
    at = end;
  }
  return chunks;
}

/** Formats a reading in one line. */
export function formatReading({ frames, fault, rest }: Reading): string {
  const words = frames.map((frame) =>
    JSON.stringify(frame, (_, value: unknown) => (value instanceof Uint8Array ? escaped(value) : value)),
  );
  words.push(fault === undefined ? `rest from ${rest}` : `! ${fault.code} @ ${fault.offset}`);
  return words.join(" ");
}
