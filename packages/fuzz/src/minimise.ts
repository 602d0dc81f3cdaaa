// SPDX-License-Identifier: Apache-2.0
import { concat } from "./escape.ts";

const PLAIN = "a0 ";

/** How inputs are divided into parts, such as frames. */
export interface Parts {
  readonly split: (input: Uint8Array) => Uint8Array[];
  /** Returns plainer forms of a part. */
  readonly plainer: (part: Uint8Array) => Uint8Array[];
}

const WHOLE: Parts = { split: (input) => [input], plainer: () => [] };

/**
 * Returns the smallest input found that still breaks the same law. It removes whole parts, makes those that are left
 * plainer, removes ever smaller pieces, then replaces bytes by plainer ones. It stops if no single byte can be removed (1-minimal), or after `tries`.
 *
 * @param breaks returns whether an input still breaks the law
 */
export async function minimise(
  input: Uint8Array,
  breaks: (input: Uint8Array) => Promise<boolean>,
  { split, plainer }: Parts = WHOLE,
  tries = 20_000,
): Promise<Uint8Array> {
  let best = input;
  let left = tries;
  const better = async (candidate: Uint8Array): Promise<boolean> => {
    if (left-- <= 0 || !(await breaks(candidate))) return false;
    best = candidate;
    return true;
  };
  let parts = split(input);
  for (let count = parts.length >> 1; count > 0; count >>= 1) {
    for (let at = 0; at < parts.length; ) {
      const rest = [...parts.slice(0, at), ...parts.slice(at + count)];
      if (await better(concat(rest))) parts = rest;
      else at += count;
    }
  }
  for (let at = 0; at < parts.length; at++) {
    for (const plain of plainer(parts[at]!)) {
      const changed = [...parts.slice(0, at), plain, ...parts.slice(at + 1)];
      if (await better(concat(changed))) parts = changed;
    }
  }
  for (let piece = best.length >> 1; piece > 0; piece >>= 1) {
    for (let at = 0; at < best.length; ) if (!(await better(without(best, at, piece)))) at += piece;
  }
  for (let again = true; again; ) {
    again = false;
    for (let at = 0; at < best.length; ) {
      if (await better(without(best, at, 1))) again = true;
      else at++;
    }
  }
  for (const plain of PLAIN) {
    for (let at = 0; at < best.length; at++) {
      if (PLAIN.includes(String.fromCharCode(best[at]!))) continue;
      const candidate = best.slice();
      candidate[at] = plain.charCodeAt(0);
      await better(candidate);
    }
  }
  return best;
}

function without(bytes: Uint8Array, at: number, count: number): Uint8Array {
  const rest = new Uint8Array(Math.max(at, bytes.length - count));
  rest.set(bytes.subarray(0, at));
  rest.set(bytes.subarray(at + count), at);
  return rest;
}
