// SPDX-License-Identifier: Apache-2.0
import { work } from "../../../packages/fuzz/src/work.ts";
import { type TargetData, targets } from "./targets.ts";
import type { UnderTest } from "./under-test.ts";

await work<TargetData>(async ({ target, codec: copy }) => {
  const codec = (await import(copy ?? "./under-test.js")) as UnderTest;
  const { laws, generate, all, notes } = targets[target]!;
  return { laws: laws(codec), generate: (random) => generate(codec, random), all, notes };
});
