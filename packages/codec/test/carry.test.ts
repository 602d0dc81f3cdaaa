// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Carry } from "../src/decode/carry.ts";
import { ChunkQueue } from "../src/decode/chunk-queue.ts";

const chunk = Uint8Array.from({ length: 400_000 }, (_, i) => i % 251);

/** Appends the next `count` bytes of the pattern. */
function append(carry: Carry, count: number, total = 0): void {
  carry.append(chunk, carry.length, carry.length + count, total);
}

function holds(carry: Carry, length: number): void {
  expect(carry.length).toBe(length);
  expect(Buffer.compare(carry.bytes.subarray(carry.start, carry.end), chunk.subarray(0, length))).toBe(0);
  expect(carry.view.buffer).toBe(carry.bytes.buffer);
}

describe("Carry", () => {
  it.each([0, 1, 63, 64, 65, 1000])("holds what was appended, %i bytes at a time", (count) => {
    const carry = new Carry();
    append(carry, count);
    append(carry, count);
    holds(carry, 2 * count);
  });

  it("allocates nothing before the first byte, then 1 KiB", () => {
    const carry = new Carry();
    expect(carry.bytes.length).toBe(0);
    append(carry, 1024);
    expect(carry.bytes.length).toBe(2048);
    const small = new Carry();
    append(small, 1);
    expect(small.bytes.length).toBe(1024);
    append(small, 511);
    expect(small.bytes.length).toBe(1024);
    append(small, 512);
    expect(small.bytes.length).toBe(1024);
    append(small, 1);
    expect(small.bytes.length).toBe(2050);
    holds(small, 1025);
  });

  it("appends each frame after the last, whose bytes do not change", () => {
    const carry = new Carry();
    append(carry, 300);
    const first = carry.bytes.subarray(carry.start, carry.end);
    carry.finish();
    expect(carry.length).toBe(0);
    append(carry, 300);
    expect([carry.start, carry.bytes.buffer === first.buffer]).toEqual([300, true]);
    append(carry, 424);
    carry.finish();
    expect(carry.bytes.length).toBe(1024);
    append(carry, 10);
    expect([carry.start, carry.bytes.length]).toEqual([0, 2048]);
    holds(carry, 10);
    expect(first).toEqual(chunk.subarray(0, 300));
  });

  it("doubles its slab up to 64 KiB", () => {
    const carry = new Carry();
    const sizes = new Set<number>();
    for (let frames = 0; frames < 400; frames++) {
      append(carry, 500);
      sizes.add(carry.bytes.length);
      carry.finish();
    }
    expect([...sizes]).toEqual([1024, 2048, 4096, 8192, 16_384, 32_768, 65_536]);
  });

  it.each([
    [16_384, 0, 32_768],
    [16_384, 20_000, 32_768],
    [16_385, 0, 32_770],
    [16_385, 20_000, 20_000],
    [16_385, 32_770, 32_770],
    [16_385, 32_771, 32_770],
    [16_385, 81_921, 32_770],
    [70_000, 135_536, 135_536],
  ])("holds %i bytes of a frame of %i in %i bytes", (held, total, taken) => {
    const carry = new Carry();
    append(carry, held, total);
    expect(carry.bytes.length).toBe(taken);
    holds(carry, held);
  });

  it.each([
    ["one byte behind 16 KiB", [16_384, 1]],
    ["all at once", [16_385]],
    ["in halves of blocks", Array.from({ length: 6 }, () => 32_768)],
    ["across blocks", [100, 20_000, 70_000, 50, 100_000]],
    ["a few bytes at a time", Array.from({ length: 2000 }, () => 63)],
  ])("joins a large frame once at most 64 KiB are missing: %s", (_, pieces) => {
    const total = 300_000;
    const carry = new Carry();
    for (const piece of pieces) append(carry, piece, total);
    const before = carry.bytes.length;
    expect(before).toBeLessThanOrEqual(32_768);
    append(carry, total - carry.length - 65_537, total);
    expect([carry.bytes.length, carry.length]).toEqual([before, total - 65_537]);
    append(carry, 1, total);
    expect(carry.bytes.length).toBe(total);
    holds(carry, total - 65_536);
    append(carry, 65_536, total);
    holds(carry, total);
    const first = carry.bytes;
    carry.finish();
    append(carry, 5);
    holds(carry, 5);
    expect(Buffer.compare(first.subarray(0, total), chunk.subarray(0, total))).toBe(0);
  });

  it("joins a frame that would fit into the slab if it were complete", () => {
    const carry = new Carry();
    for (let frames = 0; frames < 200; frames++) {
      append(carry, 500);
      carry.finish();
    }
    append(carry, 100, 90_000);
    append(carry, 20_000, 90_000);
    append(carry, 10_000, 90_000);
    holds(carry, 30_100);
    append(carry, 59_900, 90_000);
    holds(carry, 90_000);
  });

  it("releases a large frame that is given up", () => {
    const carry = new Carry();
    append(carry, 100, 300_000);
    append(carry, 100_000, 300_000);
    carry.finish();
    expect(carry.length).toBe(0);
    append(carry, 20, 300_000);
    expect(carry.start).toBe(100);
    holds(carry, 20);
  });

  it("keeps a slab of at most 4 KiB while idle", () => {
    const carry = new Carry();
    carry.trim();
    expect(carry.bytes.length).toBe(0);
    const kept: boolean[] = [];
    for (const size of [1024, 2048, 4096, 8192]) {
      while (carry.bytes.length < size) {
        append(carry, 500);
        carry.finish();
      }
      const { buffer } = carry.bytes;
      const { start } = carry;
      carry.trim();
      kept.push(carry.bytes.buffer === buffer && carry.view.buffer === buffer && carry.start === start);
    }
    expect(kept).toEqual([true, true, true, false]);
    expect([carry.bytes.length, carry.start, carry.end]).toEqual([0, 0, 0]);
    append(carry, 20_000);
    carry.finish();
    carry.trim();
    expect(carry.bytes.length).toBe(0);
    append(carry, 10);
    expect(carry.bytes.length).toBe(1024);
    holds(carry, 10);
  });

  it("continues in its slab after a large frame", () => {
    const carry = new Carry();
    append(carry, 100);
    carry.finish();
    const slab = carry.bytes.buffer;
    append(carry, 20_000);
    expect(carry.bytes.buffer).not.toBe(slab);
    carry.finish();
    append(carry, 5);
    expect([carry.bytes.buffer === slab, carry.start]).toEqual([true, 100]);
    holds(carry, 5);
  });
});

describe("ChunkQueue", () => {
  it("is first in, first out, counts bytes and releases what was taken", () => {
    const queue = new ChunkQueue();
    const [a, b, c] = [1, 2, 3].map((length) => new Uint8Array(length));
    queue.push(a!);
    queue.push(b!);
    const next = (): Uint8Array => queue.shift().chunk;
    expect([queue.bytes, next(), queue.bytes]).toEqual([3, a, 2]);
    queue.push(c!);
    expect([queue.bytes, next(), queue.bytes, next(), queue.bytes]).toEqual([5, b, 3, c, 0]);
    queue.push(b!);
    queue.clear();
    expect(queue.bytes).toBe(0);
    queue.push(c!);
    expect([next(), queue.bytes]).toEqual([c, 0]);
  });
});
