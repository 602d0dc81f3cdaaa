// SPDX-License-Identifier: Apache-2.0

/** Returns the known name that is spelled most like a name, in any case; `undefined` if none is close. For "did you mean". */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let found: string | undefined;
  let least = name.length;
  for (const candidate of known) {
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase(), Math.max(2, candidate.length / 3));
    if (distance < least) [found, least] = [candidate, distance];
  }
  return found;
}

/** Returns how many letters must be added, removed or changed to make one word of the other; infinite if more than `most`. */
function distanceOf(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return Number.POSITIVE_INFINITY;
  if (a === "" || b === "") return a.length + b.length;
  const [restOfA, restOfB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return distanceOf(restOfA, restOfB, most);
  const pairs = [
    [restOfA, b],
    [a, restOfB],
    [restOfA, restOfB],
  ] as const;
  return 1 + Math.min(...pairs.map(([one, other]) => distanceOf(one, other, most - 1)));
}
