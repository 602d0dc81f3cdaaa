// SPDX-License-Identifier: Apache-2.0

import { byteLength } from "@natswire/codec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PayloadPool } from "../src/payload-pool.ts";

describe("PayloadPool", () => {
  const sizes = fc.oneof(fc.constantFrom(0, 8192, 8193, 65_536, 262_144, 262_145), fc.nat(300_000));

  it("keeps a copy unchanged until its bytes are released", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ size: sizes, on: fc.nat(1), releases: fc.nat(3) }), { maxLength: 40 }),
        (steps) => {
          // Two connections use the same store.
          const all = [0, 1].map(() => ({
            copies: new PayloadPool(),
            out: [] as (readonly [copy: Uint8Array, byte: number])[],
            marks: [0],
            released: 0,
            mark: 0,
          }));
          let byte = 0;
          for (const { size, on, releases } of steps) {
            const one = all[on]!;
            byte = (byte + 1) & 255;
            const copy = one.copies.copy(new Uint8Array(size).fill(byte));
            one.mark += size + 10;
            one.copies.holdUntil(one.mark);
            one.out.push([copy, byte]);
            one.marks.push(one.mark);
            for (const { out } of all) {
              for (const [held, was] of out) expect(held.every((each) => each === was)).toBe(true);
            }
            for (let i = 0; i < releases && one.out.length > 0; i++) {
              one.out.shift();
              one.marks.shift();
              one.released = one.marks[0]!;
              one.copies.release(one.released);
            }
          }
        },
      ),
    );
  });

  it("copies only the payloads that an encoder would borrow", () => {
    const copies = new PayloadPool();
    for (const size of [0, 8192]) {
      const payload = new Uint8Array(size);
      expect(copies.copy(payload)).toBe(payload);
    }
    for (const size of [8193, 262_144, 262_145]) {
      const payload = new Uint8Array(size).fill(7);
      const copy = copies.copy(payload);
      payload.fill(8);
      expect([copy.length, copy.every((byte) => byte === 7)]).toEqual([size, true]);
    }
  });

  it("copies no bytes of another payload, whatever length is reported", () => {
    const copies = new PayloadPool();
    for (let i = 1; i <= 3; i++) {
      copies.copy(new Uint8Array(20_000).fill(7));
      copies.holdUntil(i);
    }
    copies.release(3);
    const liar = (size: number): Uint8Array => Object.defineProperty(new Uint8Array(size), "length", { value: 40_000 });
    expect(byteLength(copies.copy(liar(5)))).toBe(5);
    const copy = copies.copy(liar(9000));
    expect([copy.length, copy.every((byte) => byte === 0)]).toEqual([9000, true]);
  });

  const SLAB = 262_144;

  /** Copies `slabs` payloads of a whole slab each, and holds each until its number is released. */
  function filled(copies: PayloadPool, slabs: number): Set<ArrayBufferLike> {
    const seen = new Set<ArrayBufferLike>();
    for (let i = 1; i <= slabs; i++) {
      seen.add(copies.copy(new Uint8Array(SLAB)).buffer);
      copies.holdUntil(i);
    }
    return seen;
  }

  it("puts payloads into one slab until it is full", () => {
    const copies = new PayloadPool();
    const buffers = [SLAB / 2, SLAB / 2, SLAB / 2].map((size) => {
      const { buffer } = copies.copy(new Uint8Array(size));
      copies.holdUntil(1);
      return buffer;
    });
    expect([buffers[0] === buffers[1], buffers[1] === buffers[2]]).toEqual([true, false]);
  });

  it("reuses at most sixteen released slabs", () => {
    const copies = new PayloadPool();
    const before = filled(copies, 20);
    expect(before.size).toBe(20);
    copies.release(19);
    copies.release(20);
    const again = [...filled(new PayloadPool(), 20)].filter((buffer) => before.has(buffer));
    expect(again.length).toBe(16);
  });

  it("does not reuse a slab of which a part is unreleased", () => {
    const copies = new PayloadPool();
    const [held, next] = filled(copies, 2);
    copies.release(0);
    const others = filled(new PayloadPool(), 20);
    expect([others.has(held!), others.has(next!)]).toEqual([false, false]);
    copies.release(1);
    const later = filled(new PayloadPool(), 20);
    expect([later.has(held!), later.has(next!)]).toEqual([true, false]);
  });
});
