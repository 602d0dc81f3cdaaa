// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Random } from "../../testkit/random.ts";
import { bundled, Coverage, entryOf } from "./coverage.ts";
import { Fuzzer } from "./fuzzer.ts";
import type { UnderTest } from "./reading.ts";
import { targets } from "./targets.ts";

/** Returns a few inputs that together reach the same coverage as all of them, shorter ones first. */
export async function distil(name: string, inputs: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const folder = mkdtempSync(join(tmpdir(), "natswire-fuzz-"));
  try {
    const file = join(folder, "codec.mjs");
    writeFileSync(file, await bundled(entryOf(name), true));
    const codec = (await import(pathToFileURL(file).href)) as UnderTest;
    const { laws, generate } = targets[name]!;
    const subject = { name, laws: laws(codec), generate: (random: Random) => generate(codec, random) };
    const fuzzer = new Fuzzer(subject, new Random(0), [], new Coverage());
    for (const input of [...inputs].sort((a, b) => a.length - b.length)) fuzzer.try(input);
    return fuzzer.corpus;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
