// SPDX-License-Identifier: Apache-2.0
// Runs unmodified clients in other languages against the embedded server.
//
//   node tools/foreign-clients/dist/main.js            runs all and writes the table
//   node tools/foreign-clients/dist/main.js go rust    runs those two
import { built, type Client, clients, missing } from "./clients.ts";
import { run } from "./session.ts";
import { inMarkdown, type Row, record } from "./table.ts";

const languages = process.argv.slice(2);
const chosen = clients.filter(({ language }) => languages.length === 0 || languages.includes(language.toLowerCase()));
if (chosen.length === 0) throw new Error(`no client in ${languages.join(" ")}`);

const rows: Row[] = [];
for (const client of chosen) {
  process.stderr.write(`\r\x1b[K${client.language}: ${client.library}`);
  rows.push({ client, outcome: await outcomeOf(client) });
}
process.stderr.write("\r\x1b[K");
console.log(inMarkdown(rows));
for (const { client, outcome } of rows) {
  if (!("fault" in outcome) || outcome.fault === undefined) continue;
  console.error(`\n${client.language}: ${outcome.fault}`);
  process.exitCode = 1;
}
if (languages.length === 0) record(rows);

async function outcomeOf(client: Client): Promise<Row["outcome"]> {
  const absent = missing(client);
  if (absent.length > 0) return { missing: absent };
  let command: readonly string[];
  try {
    command = built(client);
  } catch (error) {
    return { version: "", shown: [], fault: `the build failed: ${(error as Error).message}` };
  }
  return run(command);
}
