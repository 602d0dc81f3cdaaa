// SPDX-License-Identifier: Apache-2.0
import { serve } from "@natswire/node";
import { Argument, type Command } from "commander";
import { credentialsOf, type ServerUrl, seconds, serverUrl } from "../arguments.ts";
import { runReconnect } from "../demo/reconnect.ts";
import { jsonReporter, terminalReporter } from "../demo/reporter.ts";
import { type Outcome, runScenes } from "../demo/run-scenes.ts";
import { colours } from "../format/colours.ts";
import { Failure, print } from "../output.ts";

interface Options {
  readonly server?: ServerUrl;
  readonly wait: number;
  readonly fast?: boolean;
  readonly json?: boolean;
}

const help = `
Examples:
  $ natswire demo                                     a session with the embedded server
  $ natswire demo --server nats://127.0.0.1:4222      a session with your server
  $ natswire demo reconnect                           a client whose server stops answering`;

/** Adds the command `natswire demo`: a NATS session with every answer checked. */
export function demo(program: Command): void {
  program
    .command("demo")
    .description("show a NATS session byte by byte and check every answer")
    .addArgument(new Argument("[scene]", "what to show").choices(["protocol", "reconnect"]).default("protocol"))
    .option("--server <url>", "server to use instead of the embedded one", serverUrl)
    .option("--wait <seconds>", "seconds to wait for the server's PINGs and for its close", seconds, 10)
    .option("--fast", "embedded server: a PING every 200 ms instead of every second")
    .option("--json", "print one line of JSON per frame")
    .addHelpText("after", help)
    .action(run);
}

async function run(scene: string, options: Options, command: Command): Promise<void> {
  const { fast, server } = options;
  if (scene === "reconnect") {
    if (server !== undefined) command.error("error: demo reconnect starts its own servers and has no --server");
    if (options.json) command.error("error: demo reconnect has no --json");
    if (!(await runReconnect(fast ? 50 : 1000, print))) throw new Failure("the client did not reconnect as expected");
    return;
  }
  if (server !== undefined) return runProtocol(server, options);
  const embedded = await serve({ pingInterval: fast ? 200 : 1000, pingMax: 2 });
  try {
    await runProtocol({ host: "127.0.0.1", port: embedded.port }, options);
  } finally {
    await embedded.close();
  }
}

async function runProtocol(address: { host: string; port: number }, options: Options): Promise<void> {
  const { json, wait, server } = options;
  if (!json) print(`A NATS session with ${address.host}:${address.port}, byte by byte\n`);
  const { outcomes } = await runScenes(address, json ? jsonReporter(print) : terminalReporter(print), {
    wait: wait * 1000,
    credentials: server && credentialsOf(server),
  });
  const count = (outcome: Outcome): number => outcomes.filter((other) => other === outcome).length;
  const notObserved = count("not observed") > 0 ? `, ${count("not observed")} not observed` : "";
  const summary = `${count("held")} of ${outcomes.length} expectations held${notObserved}`;
  if (count("failed") > 0) throw new Failure(summary);
  if (!json) print(`\n${colours.green(summary)}`);
}
