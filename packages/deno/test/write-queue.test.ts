// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import type { Conn } from "../src/native.ts";
import { WriteQueue } from "../src/write-queue.ts";

const KIB = 1024;

/** Writes segments of these sizes to a connection that takes at most `atOnce` bytes a write. */
async function written(sizes: readonly number[], atOnce: number): Promise<{ writes: number[]; isSame: boolean }> {
  const writes: number[] = [];
  const all: number[] = [];
  let told = 0;
  const conn: Partial<Conn> = {
    async write(bytes) {
      // Bytes are reported as written only after they are.
      expect(told).toBe(all.length);
      await Promise.resolve();
      const taken = bytes.subarray(0, atOnce);
      writes.push(taken.length);
      all.push(...taken);
      return taken.length;
    },
  };
  const queue = new WriteQueue({ written: (bytes) => (told += bytes), ready() {} }, (error) =>
    expect(error).toBe(undefined),
  );
  const segments = sizes.map((size, i) => new Uint8Array(size).fill(i));
  for (const segment of segments) queue.push(segment, false);
  queue.start(conn as Conn);
  await queue.idle();
  expect(told).toBe(all.length);
  return { writes, isSame: Buffer.concat(segments).equals(Uint8Array.from(all)) };
}

it("a write queue reports bytes as written after partial writes", async () => {
  const { writes, isSame } = await written([3, 0, 4, 9 * KIB, 1], 1000);
  expect(writes).toEqual([3, 4, ...Array.from({ length: 9 }, () => 1000), 216, 1]);
  expect(isSame).toBe(true);
});
