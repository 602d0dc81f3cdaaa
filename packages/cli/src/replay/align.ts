// SPDX-License-Identifier: Apache-2.0

/** An item of each sequence, or one of them alone. */
export type Pair<E, R> = readonly [E, R] | readonly [E, undefined] | readonly [undefined, R];

/** What it costs that two items are paired: 0 if they are equal. */
export type Cost<E, R> = (expected: E, received: R) => number;

/** What an item costs that is alone. */
export const UNPAIRED = 4;

// Cells of the table, above which items are paired one by one.
const MAX_CELLS = 2 ** 20;

/** Pairs the items of two sequences, in order, at the lowest cost: as few as possible differ. */
export function align<E, R>(expected: readonly E[], received: readonly R[], cost: Cost<E, R>): Pair<E, R>[] {
  let start = 0;
  let ends = [expected.length, received.length] as const;
  const isEqual = (e: number, r: number): boolean => cost(expected[e] as E, received[r] as R) === 0;
  while (start < ends[0] && start < ends[1] && isEqual(start, start)) start++;
  while (start < ends[0] && start < ends[1] && isEqual(ends[0] - 1, ends[1] - 1)) ends = [ends[0] - 1, ends[1] - 1];
  const middle = alignMiddle(expected.slice(start, ends[0]), received.slice(start, ends[1]), cost);
  const pairs = (from: number, to: number, shift: number): Pair<E, R>[] =>
    expected.slice(from, to).map((item, i) => [item, received[from + shift + i] as R]);
  return [...pairs(0, start, 0), ...middle, ...pairs(ends[0], expected.length, ends[1] - ends[0])];
}

function alignMiddle<E, R>(expected: readonly E[], received: readonly R[], cost: Cost<E, R>): Pair<E, R>[] {
  const columns = received.length + 1;
  if ((expected.length + 1) * columns > MAX_CELLS) return pairInOrder(expected, received);
  // The lowest cost of the items after each position.
  const costs = new Int32Array((expected.length + 1) * columns);
  for (let e = expected.length; e >= 0; e--) {
    for (let r = received.length; r >= 0; r--) {
      if (e === expected.length || r === received.length) {
        costs[e * columns + r] = UNPAIRED * (expected.length - e + received.length - r);
        continue;
      }
      const paired = cost(expected[e] as E, received[r] as R) + at(e + 1, r + 1);
      costs[e * columns + r] = Math.min(paired, UNPAIRED + at(e + 1, r), UNPAIRED + at(e, r + 1));
    }
  }
  function at(e: number, r: number): number {
    return costs[e * columns + r] as number;
  }

  const pairs: Pair<E, R>[] = [];
  for (let e = 0, r = 0; e < expected.length || r < received.length; ) {
    const both = e < expected.length && r < received.length;
    if (both && at(e, r) === cost(expected[e] as E, received[r] as R) + at(e + 1, r + 1)) {
      pairs.push([expected[e++] as E, received[r++] as R]);
    } else if (e < expected.length && at(e, r) === UNPAIRED + at(e + 1, r)) pairs.push([expected[e++] as E, undefined]);
    else pairs.push([undefined, received[r++] as R]);
  }
  return pairs;
}

function pairInOrder<E, R>(expected: readonly E[], received: readonly R[]): Pair<E, R>[] {
  const both = Math.min(expected.length, received.length);
  return [
    ...expected.slice(0, both).map((item, i): Pair<E, R> => [item, received[i] as R]),
    ...expected.slice(both).map((item): Pair<E, R> => [item, undefined]),
    ...received.slice(both).map((item): Pair<E, R> => [undefined, item]),
  ];
}
