// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const MEBIBYTE = 1 << 20;
const child = fileURLToPath(new URL("../dist/memory.js", import.meta.url));
const limits: readonly (readonly [name: string, mebibytes: number])[] = [
  ["a MSG line of 64 MiB without end", 1],
  ["an INFO of 64 MiB without end", 4],
  ["1,000 connections that declare 1 MiB", 16],
  ["a million PINGs that are scanned", 2],
  ["a million PINGs that are not pulled", 2],
  ["100 MiB of messages that are dropped", 2],
  // 16 KiB per connection.
  ["1,000 idle connections of a server", 15],
  ["1,000 idle connections of a server that were busy", 15],
  ["200,000 subjects, each published to once", 16],
  ["1,000 idle connections over sockets", 15],
  ["1,000 idle connections over sockets that were busy", 15],
  ["10,000 refused dials", 1],
  ["a million messages through a client", 1],
];

describe("memory in a process with a heap of 40 MiB", () => {
  const inChild = (...args: string[]): unknown =>
    JSON.parse(
      execFileSync(process.execPath, ["--max-old-space-size=40", "--expose-gc", child, ...args], { encoding: "utf8" }),
    );

  it("has a limit for every case", () => {
    expect(inChild()).toEqual(limits.map(([name]) => name));
  });

  it.each(limits)("for %s is less than %i MiB", (name, mebibytes) => {
    expect((inChild(name) as { most: number }).most).toBeLessThan(mebibytes * MEBIBYTE);
  });
});
