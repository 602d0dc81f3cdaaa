// SPDX-License-Identifier: Apache-2.0

import { writeFileSync } from "node:fs";
import { putMarked } from "../../repo/marked.ts";
import type { Client } from "./clients.ts";
import { capabilities, type Outcome } from "./session.ts";

/** A client and its result, or the programs without which it could not be run. */
export interface Row {
  readonly client: Client;
  readonly outcome: Outcome | { readonly missing: readonly string[] };
}

const COMMAND = "npm run prove -- foreign";
const RESULTS = "docs/results/foreign.md";

export function inMarkdown(rows: readonly Row[]): string {
  return [
    `| client | ${capabilities.join(" | ")} |`,
    `|---|${capabilities.map(() => ":-:|").join("")}`,
    ...rows.map(({ client, outcome }) => `| ${titleOf(client, outcome)} | ${cellsOf(outcome).join(" | ")} |`),
  ].join("\n");
}

function titleOf({ language, library }: Client, outcome: Row["outcome"]): string {
  const version = "missing" in outcome ? "" : ` ${outcome.version}`;
  return `${language}: ${library}${version}`;
}

function cellsOf(outcome: Row["outcome"]): string[] {
  if ("missing" in outcome) return [`not run: missing ${outcome.missing.join(", ")}`, ...Array(9).fill("")];
  return capabilities.map((one) => (outcome.shown.includes(one) ? "yes" : "**no**"));
}

/** Writes the table to docs/results and docs/server.md. */
export function record(rows: readonly Row[]): void {
  const date = new Date().toISOString().slice(0, 10);
  const note = `\`${COMMAND}\`, ${date}; versions from the clients' CONNECT.`;
  const faults = rows.flatMap(({ client, outcome }) =>
    "fault" in outcome && outcome.fault !== undefined
      ? [`${client.language}:\n\n\`\`\`\n${outcome.fault}\n\`\`\``]
      : [],
  );
  const parts = ["# Foreign clients against the embedded server", note, inMarkdown(rows), meaning, ...faults];
  writeFileSync(RESULTS, `${parts.join("\n\n")}\n`);
  putMarked("docs/server.md", "foreign", `${inMarkdown(rows)}\n\n${note}`);
}

const meaning = `The clients are unmodified, from their own registries. \`tools/foreign-clients/clients\` has one program for each language. All
do the same:

| column | what the program checks |
|---|---|
| connect | the client connects |
| publish | the program that runs the server receives a message |
| subscribe | two messages arrive, in order |
| wildcards | \`orders.*.new\` and \`orders.>\` receive what they match, and nothing else |
| queue groups | each of two members receives some of 100 messages, and no message arrives twice |
| request | a request gets its reply |
| no responders | a request without a subscriber fails at once |
| headers | headers return as they were sent |
| reconnect | after the server is closed and another one is opened on its port, the client subscribes again and receives the next message |
| drain | a connection that drains handles all of 1,000 messages, and closes |`;
