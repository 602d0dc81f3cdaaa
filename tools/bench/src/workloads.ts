// SPDX-License-Identifier: Apache-2.0
import { frames, made, type Stream, scan } from "./parse.ts";
import { BATCH, publish } from "./publish.ts";
import { type Result, race } from "./race.ts";

const streams: Readonly<Record<string, Stream>> = {
  "0 B": { size: 0, chunk: 65_536 },
  "16 B": { size: 16, chunk: 65_536 },
  "128 B": { size: 128, chunk: 65_536 },
  "1 KB": { size: 1024, chunk: 65_536 },
  "64 KB": { size: 65_536, chunk: 65_536 },
  "16 B, 100 subjects": { size: 16, chunk: 65_536, subjects: 100 },
  "16 B, with reply": { size: 16, chunk: 65_536, reply: true },
  "128 B, with headers": { size: 128, chunk: 65_536, headers: true },
  "128 B, chunks of 1,400 B": { size: 128, chunk: 1400 },
  "16 B, chunks of 1 B": { size: 16, chunk: 1 },
};

const writes: Readonly<Record<string, readonly [size: number, subjects: number]>> = {
  "0 B": [0, 1],
  "16 B": [16, 1],
  "128 B": [128, 1],
  "1 KB": [1024, 1],
  "64 KB": [65_536, 1],
  "16 B, 100 subjects": [16, 100],
};

type Race = (rounds: number) => Result[];

/** Every workload by name; each belongs into a process of its own, since type feedback of one changes another. */
export const workloads: ReadonlyMap<string, Race> = new Map([
  ...Object.entries(streams).flatMap(([name, stream]): [string, Race][] => [
    [`scan ${name}`, (rounds) => parse(stream, scan, rounds)],
    [`frames ${name}`, (rounds) => parse(stream, frames, rounds)],
  ]),
  ...Object.entries(writes).map(([name, [size, subjects]]): [string, Race] => [
    `encode ${name}`,
    (rounds) => race(publish(size, subjects), BATCH, rounds),
  ]),
]);

function parse(stream: Stream, contestants: typeof scan, rounds: number): Result[] {
  const { chunks, messages } = made(stream);
  return race(contestants(chunks), messages, rounds);
}
