// SPDX-License-Identifier: Apache-2.0

/** One way to do a piece of work. */
export interface Contestant {
  readonly name: string;
  /** Does all the work once; returns a checksum of the result, equal for all contestants. */
  readonly run: () => number;
}

/** The times of a contestant; ratios are relative to the first contestant. */
export interface Result {
  readonly name: string;
  /** Nanoseconds per message, the median of all rounds. */
  readonly ns: number;
  /** The speed relative to the first contestant: the median of the ratios of all rounds, and the quartiles. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

// Contestants warm up in turns: code optimized for one alone would be optimized again, and worse, for the next.
const WARM_UPS = 20;
const WARM_UP = 3;
const SLICE = 4;

/**
 * Races contestants in one process. After a warm-up, each runs about 4 ms in every round, in shuffled order, so that
 * other processes slow down all of them.
 *
 * @param messages the number of messages that one `run` handles
 * @param clock returns milliseconds; default: elapsed time
 * @throws Error if two contestants return different checksums
 */
export function race(
  contestants: readonly Contestant[],
  messages: number,
  rounds: number,
  clock: () => number = () => performance.now(),
): Result[] {
  const sums = contestants.map(({ run }) => run());
  if (sums.some((sum) => sum !== sums[0])) {
    throw new Error(`different checksums: ${contestants.map(({ name }, i) => `${name} ${sums[i]}`).join(", ")}`);
  }
  let repeats: number[] = [];
  for (let turn = 0; turn < WARM_UPS; turn++) repeats = contestants.map(({ run }) => warmUp(run, clock));
  const times: number[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const which of shuffled(contestants.length)) {
      const { run } = contestants[which]!;
      const repeat = repeats[which]!;
      const began = clock();
      for (let i = 0; i < repeat; i++)
        if (run() !== sums[0]) throw new Error("a contestant returned another checksum than in its first run");
      times[which]!.push(((clock() - began) * 1e6) / repeat / messages);
    }
  }
  return contestants.map(({ name }, which) => {
    const own = times[which]!;
    const ratios = own.map((time, round) => times[0]![round]! / time);
    return {
      name,
      ns: quantile(own, 0.5),
      ratio: quantile(ratios, 0.5),
      low: quantile(ratios, 0.25),
      high: quantile(ratios, 0.75),
    };
  });
}

/** Runs for one turn of the warm-up; returns the number of runs that fill a slice. */
function warmUp(run: () => number, clock: () => number): number {
  const began = clock();
  let last = 0;
  do {
    const start = clock();
    run();
    last = clock() - start;
  } while (clock() - began < WARM_UP);
  return Math.max(1, Math.round(SLICE / Math.max(last, 0.01)));
}

function shuffled(length: number): number[] {
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * at)]!;
}
