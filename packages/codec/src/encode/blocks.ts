// SPDX-License-Identifier: Apache-2.0

/** The size of an encoder's first block in bytes. */
export const FIRST_BLOCK = 4096;
const BLOCK = 65_536;
// Fewer and larger writes cost less (`client publish 1 KB`).
const LARGE_BLOCK = 262_144;
// How many blocks of one size are kept.
const MAX_SPARE = 16;
// Blocks that no encoder uses, by their size: one pool for all encoders, so that an idle connection holds none.
const spares: Readonly<Record<number, Uint8Array<ArrayBuffer>[]>> = { [BLOCK]: [], [LARGE_BLOCK]: [] };

/**
 * Returns a block of at least `bytes`: of 4, 64 or 256 KiB, or as large as needed.
 *
 * @param last the size of the block that it replaces, or 0. A block that was filled is replaced by a larger one.
 */
export function takeBlock(bytes: number, last: number): Uint8Array<ArrayBuffer> {
  const size = Math.max(bytes, bytes > BLOCK || last >= BLOCK ? LARGE_BLOCK : BLOCK);
  return spares[size]?.pop() ?? new Uint8Array(last === 0 && bytes <= FIRST_BLOCK ? FIRST_BLOCK : size);
}

/** Returns whether a block has a size that other encoders use. */
export function isReusable(block: Uint8Array): boolean {
  return spares[block.length] !== undefined;
}

/** Keeps a block for the next encoder that needs one. Returns false if it is of another size, or enough are kept. */
export function keepBlock(block: Uint8Array<ArrayBuffer>): boolean {
  const spare = spares[block.length];
  if (spare === undefined || spare.length === MAX_SPARE) return false;
  spare.push(block);
  return true;
}
