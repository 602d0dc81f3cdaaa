// SPDX-License-Identifier: Apache-2.0

/** One way of doing a piece of work. */
export interface Contestant {
  readonly name: string;
  /** Does all of the work once and returns a checksum of what it made, equal for all contestants. */
  readonly run: () => number;
}

/** How a contestant did; the ratios are against the first one of the race. */
export interface Result {
  readonly name: string;
  /** Nanoseconds a message, the median of all rounds. */
  readonly ns: number;
  /** How many times as fast as the first contestant: the median of the ratios round by round, and their quartiles. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

// In turns: code that was optimized for the first contestant alone would be optimized anew, and worse, for the others.
const WARM_UPS = 20;
const WARM_UP = 3;
const SLICE = 4;

/**
 * Races contestants in one process: after a warm-up each runs about 4 ms in every round, in shuffled order, so that
 * what disturbs the machine disturbs all of them.
 *
 * @param messages how many messages one `run` handles
 * @param clock returns milliseconds; those that passed if left out
 * @throws Error if two contestants made different things of the same input
 */
export function race(
  contestants: readonly Contestant[],
  messages: number,
  rounds: number,
  clock: () => number = () => performance.now(),
): Result[] {
  const sums = contestants.map(({ run }) => run());
  if (sums.some((sum) => sum !== sums[0])) {
    throw new Error(`the contestants disagree: ${contestants.map(({ name }, i) => `${name} ${sums[i]}`).join(", ")}`);
  }
  let repeats: number[] = [];
  for (let turn = 0; turn < WARM_UPS; turn++) repeats = contestants.map(({ run }) => warmUp(run, clock));
  const times: number[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const which of shuffled(contestants.length)) {
      const { run } = contestants[which]!;
      const repeat = repeats[which]!;
      const began = clock();
      for (let i = 0; i < repeat; i++) if (run() !== sums[0]) throw new Error("a contestant changed its mind");
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

/** Runs for one turn of the warm-up; returns how many runs fill a slice. */
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
