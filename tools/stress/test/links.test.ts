// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { watchLinks } from "../src/links/run.ts";

it("decodes and encodes what the servers of clusters send each other", async () => {
  const { broken, verbs, spellings } = await watchLinks(0, 1);
  expect(broken, "run again with: npm run faults -- links --minutes 0 --seed 1").toEqual([]);
  // A connection of each kind, and no difference but those that docs/results/cluster.md lists.
  expect(Object.keys(verbs)).toEqual(expect.arrayContaining(["route LMSG", "leaf HMSG", "gateway RS-"]));
  const known = ["route INFO: a blank at the end", "leaf INFO: a blank at the end", "route LS-: two blanks"];
  expect(known).toEqual(expect.arrayContaining(Object.keys(spellings)));
});
