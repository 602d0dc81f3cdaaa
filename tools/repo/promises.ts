// SPDX-License-Identifier: Apache-2.0

/** The tests that show each promise: the titles of each file. */
export type Tests = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface Promised {
  /** For example `S7`. */
  readonly number: string;
  readonly text: string;
}

/** Returns the promises in docs/reliability.md, in the order of their rows. */
export function promisesIn(reliability: string): Promised[] {
  return [...reliability.matchAll(/^\| \[([A-Z]\d+)\]\(results\/promises\.md#\w+\) \| (.*) \|$/gm)].map(
    ([, number = "", text = ""]) => ({ number, text }),
  );
}

/** Returns the text of docs/results/promises.md: each promise of docs/reliability.md, and the tests that show it. */
export function promisesPage(reliability: string, tests: Tests): string {
  const parts = promisesIn(reliability).map(
    ({ number, text }) => `## ${number}\n\n${fromResults(text)}.\n\n${listed(tests[number] ?? {})}`,
  );
  return `# Tests of the promises

Each promise of [Reliability](../reliability.md), and the tests that show it. A title is shortened if it names parameters of
several tests. The page is generated from \`tools/repo/promises.json\`. A test checks that every file and title exists.

${parts.join("\n")}`;
}

function listed(files: Tests[string]): string {
  const lines = Object.entries(files).map(
    ([file, titles]) => `- \`${file}\`\n${titles.map((title) => `  - ${title}\n`).join("")}`,
  );
  return lines.join("");
}

/** Returns the text with links that lead from docs/results. */
function fromResults(text: string): string {
  return text.replaceAll(/\]\((?!https:)/g, "](../");
}
