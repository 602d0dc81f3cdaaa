// SPDX-License-Identifier: Apache-2.0
/** The global variable in which instrumented code keeps its counters. */
export const COUNTERS = "__natswire_fuzz__";

interface Counters {
  s: Record<string, number> | Uint32Array;
  f: Record<string, number> | Uint32Array;
  b: Record<string, number[] | Uint32Array>;
}

/** Tracks which counters of the instrumented module an input moved, and how far. */
export class Coverage {
  readonly #counters: Uint32Array;
  // For each counter, one bit for each power of two that it has reached.
  readonly #reached: Uint8Array;
  /** The number of pairs of counter and power that were reached so far. */
  points = 0;

  /** Takes the counters of the module that was imported last. */
  constructor() {
    const files = Object.values((globalThis as unknown as Record<string, Record<string, Counters>>)[COUNTERS] ?? {});
    const groups = files.flatMap(({ s, f, b }) => [s, f, ...Object.values(b)]);
    const size = groups.reduce((sum, group) => sum + Object.keys(group).length, 0);
    this.#counters = new Uint32Array(size);
    this.#reached = new Uint8Array(size);
    // One array instead of many objects: it is read and cleared at once.
    let at = 0;
    const place = (group: object): Uint32Array => {
      const length = Object.keys(group).length;
      at += length;
      return this.#counters.subarray(at - length, at);
    };
    for (const file of files) {
      file.s = place(file.s);
      file.f = place(file.f);
      for (const branch of Object.keys(file.b)) file.b[branch] = place(file.b[branch]!);
    }
  }

  /** Sets all counters to 0, before an input. */
  clear(): void {
    this.#counters.fill(0);
  }

  /** Returns whether the input since `clear` reached something new. */
  isNew(): boolean {
    const counters = this.#counters;
    const before = this.points;
    for (let i = 0; i < counters.length; i++) {
      const count = counters[i]!;
      if (count === 0) continue;
      const bit = 1 << Math.min(7, 31 - Math.clz32(count));
      if ((this.#reached[i]! & bit) !== 0) continue;
      this.#reached[i]! |= bit;
      this.points++;
    }
    return this.points > before;
  }

  /** The number of statements and branches executed since `clear`: a measure of work that no machine changes. */
  get work(): number {
    return this.#counters.reduce((sum, count) => sum + count, 0);
  }
}
