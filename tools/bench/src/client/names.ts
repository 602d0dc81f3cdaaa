// SPDX-License-Identifier: Apache-2.0

/** The durable consumer of each stream. */
export const CONSUMER = "shipping";
/** The number of keys of each bucket. */
export const KEYS = 1_000;

/** Returns the name of a contestant's stream or bucket. */
export function streamOf(subject: string): string {
  return subject.replaceAll(".", "-");
}

/** Returns a key of a bucket. */
export function keyName(i: number): string {
  return `item-${i}`;
}

/** Returns the value of a key, different for each key. */
export function keyValue(i: number, size: number): Uint8Array {
  return new TextEncoder().encode(String(i).padStart(size, "."));
}
