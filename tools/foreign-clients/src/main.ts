// SPDX-License-Identifier: Apache-2.0
// Other people's clients, unmodified, against the embedded server.
//
//   node tools/foreign-clients/dist/main.js            all, and writes the table
//   node tools/foreign-clients/dist/main.js go rust    those two
import { built, type Client, clients, missing } from "./clients.ts";
import { play } from "./session.ts";
import { inMarkdown, type Row, record } from "./table.ts";

const wanted = process.argv.slice(2);
const chosen = clients.filter(({ language }) => wanted.length === 0 || wanted.includes(language.toLowerCase()));
if (chosen.length === 0) throw new Error(`no client for ${wanted.join(" ")}`);

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
if (wanted.length === 0) record(rows);

async function outcomeOf(client: Client): Promise<Row["outcome"]> {
  const absent = missing(client);
  if (absent.length > 0) return { missing: absent };
  let command: readonly string[];
  try {
    command = built(client);
  } catch (error) {
    return { version: "", shown: [], fault: `cannot be built: ${(error as Error).message}` };
  }
  return play(command);
}
