// SPDX-License-Identifier: Apache-2.0

import { withBundle } from "../../../packages/fuzz/src/bundle.ts";
import { Coverage } from "../../../packages/fuzz/src/coverage.ts";
import { Fuzzer } from "../../../packages/fuzz/src/fuzzer.ts";
import { Random } from "../../testkit/random.ts";
import { entryOf } from "./entry.ts";
import { targets } from "./targets.ts";
import type { UnderTest } from "./under-test.ts";

/** Returns a few inputs that together reach the same coverage as all of them, shorter ones first. */
export function distil(name: string, inputs: readonly Uint8Array[]): Promise<Uint8Array[]> {
  return withBundle(entryOf(name), true, async (module) => {
    const codec = (await import(module)) as UnderTest;
    const { laws, generate } = targets[name]!;
    const subject = { laws: laws(codec), generate: (random: Random) => generate(codec, random) };
    const fuzzer = new Fuzzer(subject, new Random(0), [], new Coverage());
    for (const input of [...inputs].sort((a, b) => a.length - b.length)) await fuzzer.try(input);
    return fuzzer.corpus;
  });
}
