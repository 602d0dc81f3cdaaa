// SPDX-License-Identifier: Apache-2.0
import { repository } from "./packages.mjs";
import { testTitles } from "./test-titles.ts";

/** The tests that show each promise: the titles of each file. */
export type Tests = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface Promised {
  /** For example `S7`. */
  readonly number: string;
  readonly text: string;
}

const RUNS = `${repository()}/actions/workflows/release.yml`;

/** Returns the promises in docs/reliability.md, in the order of their rows. */
export function promisesIn(reliability: string): Promised[] {
  return [...reliability.matchAll(/^\| \[([A-Z]\d+)\]\(results\/promises\.md#\w+\) \| (.*) \|$/gm)].map(
    ([, number = "", text = ""]) => ({ number, text }),
  );
}

/**
 * Returns the text of docs/results/promises.md: each promise of docs/reliability.md, and the tests that show it.
 *
 * @param read returns the code of a file of the repository
 */
export function promisesPage(reliability: string, tests: Tests, read: (file: string) => string): string {
  const parts = promisesIn(reliability).map(
    ({ number, text }) => `## ${number}\n\n${fromResults(text)}.\n\n${listed(tests[number] ?? {}, read)}`,
  );
  return `# Tests of the promises

Each promise of [Reliability](../reliability.md), and the tests that show it. A title begins with what the test describes. \`%s\`,
\`%j\` and \`\${…}\` stand for the parameters of several tests.

The page is a list, not a result, so it has no date. \`npm test\` runs all of these tests, and fails if one of them fails. CI runs it for
every pull request and for every commit on \`main\`: [the last runs](${RUNS}), with dates. In a clone where
\`npm test\` has run, \`npx vitest run FILE\` runs the tests of one file.

The page is generated from \`tools/repo/promises.json\`. A test checks that every file and title exists.

${parts.join("\n")}`;
}

function listed(files: Tests[string], read: (file: string) => string): string {
  const lines = Object.entries(files).map(([file, titles]) => {
    const all = testTitles(read(file));
    const full = titles.flatMap((title) => {
      const found = all.filter((one) => one.includes(title));
      return found.length === 0 ? [title] : found;
    });
    return `- [\`${file}\`](../../${file})\n${[...new Set(full)].map((title) => `  - ${escaped(title)}\n`).join("")}`;
  });
  return lines.join("");
}

/** Escapes what Markdown reads as HTML or emphasis. */
function escaped(title: string): string {
  return title.replaceAll(/[<*_]/g, "\\$&");
}

/** Returns the text with links that lead from docs/results. */
function fromResults(text: string): string {
  return text.replaceAll(/\]\((?!https:)/g, "](../");
}
