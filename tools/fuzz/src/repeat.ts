// SPDX-License-Identifier: Apache-2.0
import { escaped } from "../../../packages/fuzz/src/escape.ts";
import { groupOf } from "../../../packages/fuzz/src/finding.ts";
import { quoted, type Repeat } from "../../../packages/fuzz/src/format.ts";
import { repeatOf as repeatOfParser } from "../../../packages/fuzz/src/fuzz-parser.ts";
import { targets } from "./targets.ts";

/** Returns how to repeat the findings of a target, or of a module with a parser. */
export function repeatOf(target: string): Repeat {
  if (targets[target] === undefined) return repeatOfParser({ target }, "npm run fuzz --");
  return {
    command: ({ input }) => `npm run fuzz -- --target ${target} --input ${quoted(escaped(input))}`,
    tests(findings) {
      const tests = findings.map((finding) => {
        const [law, name, text] = [groupOf(finding), target, escaped(finding.input)].map((one) => JSON.stringify(one));
        return `it(${law}, () => holds(${name}, ${text}));`;
      });
      return ["as test cases for tools/fuzz/test/corpus.test.ts", tests.join("\n")];
    },
  };
}
