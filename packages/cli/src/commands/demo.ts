// SPDX-License-Identifier: Apache-2.0
import { serve } from "@natswire/node";
import { Argument, type Command } from "commander";
import { credentialsOf, type ServerUrl, seconds, serverUrl } from "../arguments.ts";
import { runReconnect } from "../demo/reconnect.ts";
import { type DemoReporter, jsonReporter, type Outcome, terminalReporter } from "../demo/reporter.ts";
import { runScenes } from "../demo/run-scenes.ts";
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
    .option("--fast", "without --server: a PING every 200 ms instead of every 500 ms")
    .option("--json", "print one line of JSON per frame")
    .addHelpText("after", help)
    .action(run);
}

async function run(scene: string, options: Options, command: Command): Promise<void> {
  const { server, json } = options;
  if (scene === "reconnect" && server !== undefined) {
    command.error("error: demo reconnect starts its own servers and has no --server");
  }
  const reporter = json ? jsonReporter(print) : terminalReporter(print);
  const outcomes =
    scene === "reconnect" ? await playReconnect(options, reporter) : await playProtocol(options, reporter);
  const count = (outcome: Outcome): number => outcomes.filter((other) => other === outcome).length;
  const notObserved = count("not observed") > 0 ? `, ${count("not observed")} not observed` : "";
  const summary = `${count("held")} of ${outcomes.length} expectations held${notObserved}`;
  if (count("failed") > 0) throw new Failure(summary);
  if (!json) print(`\n${colours.green(summary)}`);
}

function playReconnect({ fast }: Options, reporter: DemoReporter): Promise<readonly Outcome[]> {
  const pingInterval = pingIntervalOf(fast);
  reporter.players(
    `A client and its servers 1 and 2. It sends PING every ${pingInterval / 1000} s and waits for PONG.`,
  );
  return runReconnect(pingInterval, reporter);
}

async function playProtocol(options: Options, reporter: DemoReporter): Promise<readonly Outcome[]> {
  const { server, fast } = options;
  const wait = options.wait * 1000;
  if (server !== undefined) {
    const { host, port } = server;
    reporter.players(`A client and ${host}:${port}. It waits at most ${options.wait} s for each PING of the server.`);
    return (await runScenes({ host, port }, reporter, { wait, credentials: credentialsOf(server) })).outcomes;
  }
  const pingInterval = pingIntervalOf(fast);
  const embedded = await serve({ pingInterval, pingMax: 2 });
  try {
    reporter.players(`A client and the embedded server, which sends PING every ${pingInterval / 1000} s.`);
    return (await runScenes({ host: "127.0.0.1", port: embedded.port }, reporter, { wait })).outcomes;
  } finally {
    await embedded.close();
  }
}

/** Returns the milliseconds between PINGs. */
function pingIntervalOf(fast = false): number {
  return fast ? 200 : 500;
}
