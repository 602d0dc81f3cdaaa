// SPDX-License-Identifier: Apache-2.0

/**
 * Returns the smallest input found that still breaks the same law. It removes ever smaller pieces, then replaces bytes by
 * plainer ones. It stops if no single byte can be removed (1-minimal), or after `tries`.
 *
 * @param breaks returns whether an input still breaks the law
 */
export function minimise(input: Uint8Array, breaks: (input: Uint8Array) => boolean, tries = 20_000): Uint8Array {
  let best = input;
  let left = tries;
  const better = (candidate: Uint8Array): boolean => {
    if (left-- <= 0 || !breaks(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let piece = best.length >> 1; piece > 0; piece = piece === 1 ? 0 : piece >> 1) {
    for (let at = 0; at < best.length; ) if (!better(without(best, at, piece))) at += piece;
  }
  for (let again = true; again; ) {
    again = false;
    for (let at = 0; at < best.length; ) {
      if (better(without(best, at, 1))) again = true;
      else at++;
    }
  }
  for (const plain of "a0 ") {
    for (let at = 0; at < best.length; at++) {
      if ("a0 ".includes(String.fromCharCode(best[at]!))) continue;
      const candidate = best.slice();
      candidate[at] = plain.charCodeAt(0);
      better(candidate);
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
