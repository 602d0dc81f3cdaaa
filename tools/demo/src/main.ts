// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";
import { serve } from "@natswire/node";
import pc from "picocolors";
import { type Account, play } from "./play.ts";
import { reconnect } from "./reconnect.ts";
import { json, terminal } from "./show.ts";

const usage = `Plays the NATS Protocol Demo on the wire, and checks every answer.

  npm run demo                                     against the embedded server
  npm run demo -- --server nats://127.0.0.1:4222   against a server of yours
  npm run demo -- reconnect                        a client, two servers, and one of them falls silent

  --server URL   a nats-server to play against
  --wait N       seconds to wait for its PINGs and for being cut off (10)
  --fast         PING interval of the embedded server 200 ms instead of 1 s
  --json         print the frames, one line of JSON each
  --help         this text`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: "string" },
    wait: { type: "string", default: "10" },
    fast: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

process.exitCode = values.help ? help() : await run();

function help(): number {
  console.log(usage);
  return 0;
}

async function run(): Promise<number> {
  const wait = Number(values.wait) * 1000;
  if (!(wait > 0)) return fail("--wait takes a number of seconds above 0");
  if (positionals.length > 0 && positionals.join(" ") !== "reconnect")
    return fail(`there is no demo ${positionals.join(" ")}`);
  if (positionals.length > 0) return (await reconnect(values.fast ? 50 : 1000, (line) => console.log(line))) ? 0 : 1;
  if (values.server !== undefined) {
    const url = URL.canParse(values.server) ? new URL(values.server) : undefined;
    if (url?.protocol !== "nats:" || url.hostname === "") return fail("--server takes nats://host:port");
    return perform(url.hostname.replace(/^\[|\]$/g, ""), Number(url.port || 4222), wait);
  }
  const server = await serve({}, { pingInterval: values.fast ? 200 : 1000, pingMax: 2 });
  try {
    return await perform("127.0.0.1", server.port, wait);
  } finally {
    await server.close();
  }
}

async function perform(host: string, port: number, wait: number): Promise<number> {
  const print = (line: string): void => console.log(line);
  if (!values.json) print(`A NATS session with ${host}:${port}, byte by byte\n`);
  let account: Account;
  try {
    account = await play(host, port, wait, values.json ? json(print) : terminal(print));
  } catch (error) {
    return fail(`cannot play against ${host}:${port}: ${(error as Error).message}`);
  }
  const count = (outcome: string): number => account.outcomes.filter((one) => one === outcome).length;
  const failed = count("failed");
  if (!values.json) {
    const unseen = count("not observed") > 0 ? `, ${count("not observed")} not observed` : "";
    const line = `${count("held")} of ${account.outcomes.length} expectations held${unseen}`;
    print(`\n${failed === 0 ? pc.green(line) : pc.red(line)}`);
  }
  return failed === 0 ? 0 : 1;
}

function fail(message: string): number {
  console.error(message);
  return 1;
}
