// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { expect, it } from "vitest";
import { Copies } from "../src/copies.ts";

const sizes = fc.oneof(fc.constantFrom(0, 8192, 8193, 65_536, 262_144, 262_145), fc.nat(300_000));

it("a copy stays as it is until what was written with it is released, whoever copies meanwhile", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ size: sizes, on: fc.nat(1), releases: fc.nat(3) }), { maxLength: 40 }),
      (steps) => {
        // Two connections use the same store.
        const all = [0, 1].map(() => ({
          copies: new Copies(),
          out: [] as (readonly [copy: Uint8Array, byte: number])[],
          marks: [0],
          released: 0,
          mark: 0,
        }));
        let byte = 0;
        for (const { size, on, releases } of steps) {
          const one = all[on]!;
          byte = (byte + 1) & 255;
          const copy = one.copies.of(new Uint8Array(size).fill(byte));
          one.mark += size + 10;
          one.copies.until(one.mark);
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

it("what an encoder copies itself is not copied twice, and what is copied is not the caller's", () => {
  const copies = new Copies();
  for (const size of [0, 8192]) {
    const payload = new Uint8Array(size);
    expect(copies.of(payload)).toBe(payload);
  }
  for (const size of [8193, 262_144, 262_145]) {
    const payload = new Uint8Array(size).fill(7);
    const copy = copies.of(payload);
    payload.fill(8);
    expect([copy.length, copy.every((byte) => byte === 7)]).toEqual([size, true]);
  }
});
