// SPDX-License-Identifier: Apache-2.0
import { throughClient } from "../memory-client.ts";
import { type Work, workloads } from "../workloads.ts";
import type { Build } from "./build.ts";
import { fanOut } from "./server.ts";
import { publishing, receiving, requesting } from "./session.ts";

const CHUNK = 65_536;

const codecRows = [
  ...["scan", "frame"].flatMap((what) => [
    `parse ${what} 16 B`,
    `parse ${what} 128 B`,
    `parse ${what} 16 B, 100 subjects`,
    `parse ${what} 16 B, with reply`,
    `parse ${what} 128 B, with headers`,
    `parse ${what} 128 B, chunks of 1,400 B`,
  ]),
  "encode 16 B",
  "encode 1 KB",
  "encode 64 KB",
  "encode 16 B, 100 subjects",
  "encode 16 B, subject built for each",
  "encode 16 B, one subject in 75 repeats",
];

/** Every row by name: the hot paths of a build, without IO. The last contestant of each row runs the build. */
export const rows: ReadonlyMap<string, (build: Build) => Work | Promise<Work>> = new Map<
  string,
  (build: Build) => Work | Promise<Work>
>([
  ...codecRows.map((name): [string, (build: Build) => Work | Promise<Work>] => [
    name,
    ({ codec }) => workloads.get(name)!(codec),
  ]),
  ["session publish 16 B", (build) => publishing(16, build)],
  ["session publish 1 KB", (build) => publishing(1024, build)],
  ["session subscribe 16 B", (build) => receiving({ size: 16, chunk: CHUNK }, build)],
  ["session request, 500 at once 16 B", (build) => requesting(16, build)],
  ["client publish 16 B", ({ io, codec }) => throughClient("publish", io, codec)],
  ["client deliver 16 B", ({ io, codec }) => throughClient("deliver", io, codec)],
  ["server fan-out to 10, 16 B", (build) => fanOut(10, { size: 16, chunk: CHUNK }, build)],
]);
