// SPDX-License-Identifier: Apache-2.0
import * as io from "@natswire/io";
import { readHeaders } from "./headers.ts";
import { throughClient } from "./memory-client.ts";
import {
  type Codec,
  cursor,
  frames,
  made,
  type Stream,
  type StreamOptions,
  scan,
  serverRole,
  subjects,
} from "./parse.ts";
import { BATCH, type Publish, publish } from "./publish.ts";
import type { Contestant } from "./race.ts";
import { rewrite } from "./rewrite.ts";
import { oneDecoder, oneFrame } from "./singles.ts";

const CHUNK = 65_536;
const WHOLE = 4_000_000;

type Parse = (stream: Stream, codec: Codec) => Contestant[];

/** The contestants of each kind of work, and its streams. */
const parses: Readonly<Record<string, readonly [Parse, Readonly<Record<string, StreamOptions>>]>> = {
  scan: [
    scan,
    {
      "0 B": { size: 0, chunk: CHUNK },
      "16 B": { size: 16, chunk: CHUNK },
      "128 B": { size: 128, chunk: CHUNK },
      "1 KB": { size: 1024, chunk: CHUNK },
      "64 KB": { size: 65_536, chunk: WHOLE },
      "64 KB, chunks of 64 KB": { size: 65_536, chunk: CHUNK },
      "1 MB, chunks of 64 KB": { size: 1_048_576, chunk: CHUNK },
      "16 B, 100 subjects": { size: 16, chunk: CHUNK, subjects: 100 },
      "16 B, with reply": { size: 16, chunk: CHUNK, reply: true },
      "128 B, with headers": { size: 128, chunk: CHUNK, headers: true },
      "mixed sizes": { size: [0, 16, 128, 1024, 16, 40], chunk: CHUNK, subjects: 10 },
      "128 B, chunks of 1,400 B": { size: 128, chunk: 1400 },
      "128 B, chunks of 16 KB": { size: 128, chunk: 16_384 },
      "16 B, chunks of 1 B": { size: 16, chunk: 1 },
    },
  ],
  subject: [
    subjects,
    {
      "16 B": { size: 16, chunk: CHUNK },
      "16 B, 100 subjects": { size: 16, chunk: CHUNK, subjects: 100 },
      "16 B, all subjects different": { size: 16, chunk: CHUNK, subjects: Number.POSITIVE_INFINITY },
      "16 B, subjects in UTF-8": { size: 16, chunk: CHUNK, subjects: 10, name: "commandes.européennes" },
    },
  ],
  view: [
    cursor,
    {
      "16 B": { size: 16, chunk: CHUNK },
      "1 KB": { size: 1024, chunk: CHUNK },
      "mixed sizes, 100 subjects": { size: [0, 16, 128, 1024, 16, 40], chunk: CHUNK, subjects: 100 },
      "128 B, with headers": { size: 128, chunk: CHUNK, headers: true },
    },
  ],
  frame: [
    frames,
    {
      "0 B": { size: 0, chunk: CHUNK },
      "16 B": { size: 16, chunk: CHUNK },
      "128 B": { size: 128, chunk: CHUNK },
      "1 KB": { size: 1024, chunk: CHUNK },
      "64 KB": { size: 65_536, chunk: WHOLE },
      "16 B, 100 subjects": { size: 16, chunk: CHUNK, subjects: 100 },
      "16 B, with reply": { size: 16, chunk: CHUNK, reply: true },
      "128 B, with headers": { size: 128, chunk: CHUNK, headers: true },
      "128 B, chunks of 1,400 B": { size: 128, chunk: 1400 },
    },
  ],
  rewrite: [
    rewrite,
    {
      "16 B": { size: 16, chunk: CHUNK },
      "16 B, 100 subjects": { size: 16, chunk: CHUNK, subjects: 100 },
      "128 B": { size: 128, chunk: CHUNK },
      "2 KB": { size: 2048, chunk: CHUNK },
      "16 KB": { size: 16_384, chunk: CHUNK },
    },
  ],
  server: [
    serverRole,
    {
      "PUB 16 B": { size: 16, chunk: CHUNK },
      "HPUB 128 B": { size: 128, chunk: CHUNK, headers: true },
      SUB: { size: 0, chunk: CHUNK, subjects: 100, subscribes: true },
    },
  ],
};

const publishes: Readonly<Record<string, Publish>> = {
  "0 B": { size: 0, subjects: 1 },
  "16 B": { size: 16, subjects: 1 },
  "128 B": { size: 128, subjects: 1 },
  "1 KB": { size: 1024, subjects: 1 },
  "64 KB": { size: 65_536, subjects: 1 },
  "16 B, 100 subjects": { size: 16, subjects: 100 },
  "16 B, subject built for each": { size: 16, subjects: 100, built: true },
  "16 B, one subject in 75 repeats": { size: 16, subjects: 5000, firstOf: 75 },
  "16 B, with reply": { size: 16, subjects: 1, reply: true },
  "128 B, with headers": { size: 128, subjects: 1, headers: true },
};

/** A workload for a race. */
export interface Work {
  /** The references first, natswire last. */
  readonly contestants: readonly Contestant[];
  /** The number of messages that one `run` handles. */
  readonly messages: number;
}

/** Every workload by name. Each needs its own process, because the type feedback of one affects the next. */
export const workloads: ReadonlyMap<string, (codec: Codec) => Work | Promise<Work>> = new Map<
  string,
  (codec: Codec) => Work | Promise<Work>
>([
  ...Object.entries(parses).flatMap(([what, [parse, streams]]) =>
    Object.entries(streams).map(([name, options]): [string, (codec: Codec) => Work] => [
      `parse ${what} ${name}`,
      (codec) => {
        const stream = made(options, codec);
        return { contestants: parse(stream, codec), messages: stream.messages };
      },
    ]),
  ),
  ...Object.entries(publishes).map(([name, work]): [string, (codec: Codec) => Work] => [
    `encode ${name}`,
    (codec) => ({ contestants: publish(work, codec), messages: BATCH }),
  ]),
  ["headers of three lines", (codec) => ({ contestants: readHeaders(codec), messages: BATCH })],
  ["one frame", (codec) => ({ contestants: oneFrame(codec), messages: BATCH })],
  ["one decoder", (codec) => ({ contestants: oneDecoder(codec), messages: BATCH })],
  ["hooks, publish 16 B", (codec) => throughClient("publish", io, codec)],
  ["hooks, deliver 16 B", (codec) => throughClient("deliver", io, codec)],
]);
