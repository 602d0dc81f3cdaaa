// SPDX-License-Identifier: Apache-2.0
import { serve } from "@natswire/node";
import { Argument, type Command } from "commander";
import { loginOf, type Server, seconds, server } from "../arguments.ts";
import { colours } from "../colours.ts";
import { type Account, play } from "../demo/play.ts";
import { reconnect } from "../demo/reconnect.ts";
import { json, terminal } from "../demo/show.ts";
import { Failure, print, reasonOf } from "../output.ts";

interface Options {
  readonly server?: Server;
  readonly wait: number;
  readonly fast: boolean;
  readonly json: boolean;
}

const example = `
Example:
  $ natswire demo                                     against the embedded server
  $ natswire demo --server nats://127.0.0.1:4222      against a server of yours
  $ natswire demo reconnect                           a client, two servers, and one of them falls silent`;

/** `natswire demo`: a NATS session on the wire, with every answer checked. */
export function demo(program: Command): void {
  program
    .command("demo")
    .description("play a NATS session byte by byte, and check every answer")
    .addArgument(new Argument("[scene]", "what is played").choices(["protocol", "reconnect"]).default("protocol"))
    .option("--server <url>", "a nats-server to play against", server)
    .option("--wait <seconds>", "how long to wait for its PINGs and for being cut off", seconds, 10)
    .option("--fast", "PING interval of the embedded server 200 ms instead of 1 s", false)
    .option("--json", "print the frames, one line of JSON each", false)
    .addHelpText("after", example)
    .action(run);
}

async function run(scene: string, options: Options, command: Command): Promise<void> {
  const { fast, server: other } = options;
  if (scene === "reconnect") {
    if (other !== undefined) command.error("error: reconnect plays with servers of its own, not with --server");
    if (options.json) command.error("error: reconnect has no --json");
    if (!(await reconnect(fast ? 50 : 1000, print))) throw new Failure("the client did not come back as it should");
    return;
  }
  if (other !== undefined) return perform(other.host, other.port, options);
  const embedded = await serve({ pingInterval: fast ? 200 : 1000, pingMax: 2 });
  try {
    await perform("127.0.0.1", embedded.port, options);
  } finally {
    await embedded.close();
  }
}

async function perform(host: string, port: number, options: Options): Promise<void> {
  if (!options.json) print(`A NATS session with ${host}:${port}, byte by byte\n`);
  const login = options.server && loginOf(options.server);
  let account: Account;
  try {
    account = await play(host, port, options.wait * 1000, options.json ? json(print) : terminal(print), login);
  } catch (error) {
    throw new Failure(`cannot play against ${host}:${port}: ${reasonOf(error)}`);
  }
  const count = (outcome: string): number => account.outcomes.filter((one) => one === outcome).length;
  const failed = count("failed");
  const unseen = count("not observed") > 0 ? `, ${count("not observed")} not observed` : "";
  const line = `${count("held")} of ${account.outcomes.length} expectations held${unseen}`;
  if (failed > 0) throw new Failure(line);
  if (!options.json) print(`\n${colours.green(line)}`);
}
