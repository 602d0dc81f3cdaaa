// SPDX-License-Identifier: Apache-2.0
import { withoutUserinfo } from "@natswire/io/adapter";
import type { Command } from "commander";
import { parserOf } from "../arguments.ts";
import { count } from "../config/kinds.ts";
import { withConnection } from "../connection.ts";
import { jsonLine, visible } from "../format/format.ts";
import { formatSummary, Latencies } from "../measure/latencies.ts";
import { Failure, log, print } from "../output.ts";
import { addConnectionOptions, type ConnectionFlags } from "./connection-options.ts";

interface Flags extends ConnectionFlags {
  readonly count: number;
  readonly json?: true;
}

const help = `
A round trip is a PING of the client and the server's PONG. Every server is connected to, one after the other.

Examples:
  $ natswire rtt
  $ natswire rtt --server nats://one:4222,nats://two:4222 --count 20 --json`;

/** Adds the command `natswire rtt`: measures the round-trip time to servers. */
export function rtt(program: Command): void {
  const command = program
    .command("rtt")
    .description("measure the round-trip time to each server")
    .option("--count <number>", "round trips to each server", parserOf(count), 5)
    .option("-j, --json", "print one JSON object per server; times are in milliseconds");
  addConnectionOptions(command).addHelpText("after", help).action(run);
}

async function run(flags: Flags, command: Command): Promise<void> {
  const servers = flags.server.split(",").filter((server) => server.trim() !== "");
  for (const server of servers) {
    const name = withoutUserinfo(server.trim());
    try {
      const summary = await measure({ ...flags, server }, command);
      print(
        flags.json ? jsonLine({ server: name, count: flags.count, ...summary }) : `${name}: ${formatSummary(summary)}`,
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (flags.json) print(jsonLine({ server: name, error: error.message }));
      log(visible(error.message));
      process.exitCode = 1;
    }
  }
}

function measure(flags: Flags, command: Command): Promise<Readonly<Record<string, number>>> {
  return withConnection(flags, command, "until lost", async ({ client }) => {
    const times = new Latencies();
    for (let i = 0; i < flags.count; i++) times.record(await client.rtt({ timeout: flags.timeout }));
    return times.summary(50);
  });
}
