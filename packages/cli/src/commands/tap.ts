// SPDX-License-Identifier: Apache-2.0
import type { ListenAddress } from "@natswire/io";
import { urlOf } from "@natswire/io/adapter";
import { type Command, Option } from "commander";
import { place, type Server, server } from "../arguments.ts";
import { type Audience, Conversation } from "../conversation.ts";
import { end, failedAt, interrupted, printInPassing, reasonOf, tell } from "../output.ts";
import { Printer, type PrintOptions } from "../printer.ts";
import { proxy } from "../proxy.ts";
import { Recorder } from "../recording.ts";
import { Statistics } from "../statistics.ts";
import { printing } from "./printing.ts";

interface Options extends PrintOptions {
  readonly listen: ListenAddress;
  readonly upstream: Server;
  readonly record?: string;
}

const example = `
Clients connect to the tap instead of the server; what they say and hear is passed on byte by byte.
What is not NATS, or becomes TLS, is passed on too, and not read. Frames go to stdout, all else to stderr.

Example:
  $ natswire tap --listen 4223 --upstream nats://localhost:4222 --subject 'orders.>'`;

/** `natswire tap`: a proxy that shows what is said. */
export function tap(program: Command): void {
  const command = program
    .command("tap")
    .description("show what clients and a server say to each other, as a proxy between them")
    .addOption(option("--listen <[host:]port>", "where clients connect to", place, "4223"))
    .addOption(
      option(
        "--upstream <url>",
        "the server; a name and password in it are not used, clients say their own",
        server,
        "nats://localhost:4222",
      ),
    )
    .option("--record <file>", "write all frames to a file, for decode and play; filters do not apply");
  printing(command).addHelpText("after", example).action(run);
}

/** An option whose default is written as a person would. */
function option<T>(flags: string, about: string, read: (text: string) => T, usual: string): Option {
  return new Option(flags, about).argParser(read).default(read(usual), usual);
}

async function run(options: Options, command: Command): Promise<void> {
  const { listen, upstream, record } = options;
  if (isSame(listen, upstream)) command.error("error: --upstream is the tap itself");
  const statistics = new Statistics();
  const recorder = record === undefined ? undefined : new Recorder(record, options);
  const audience: Audience[] = [
    statistics,
    ...(recorder === undefined ? [] : [recorder]),
    new Printer(options, printInPassing),
  ];
  const began = performance.now();
  let last = 0;
  const stop = interrupted();
  const running = await proxy(listen, { host: upstream.host, port: upstream.port }, () => {
    const conversation = new Conversation(++last, audience, () => performance.now() - began);
    conversation.event("opened");
    return {
      heard: (from, chunk) => conversation.hear(from, chunk),
      unreachable: (error) => conversation.event("unreachable", `${upstream.url}: ${reasonOf(error)}`),
      closed: () => conversation.event("closed"),
    };
  }).catch(failedAt(listen));
  tell(`${urlOf("nats", { ...listen, port: running.port })} is listening, and passes on to ${upstream.url}`);
  tell("ctrl+c cuts connections and exits");
  await stop;
  await running.close();
  recorder?.close();
  for (const line of statistics.report()) tell(line);
  await end();
}

/** Whether who connects to one may reach the other. Two addresses of this machine are two places, but for names of all. */
function isSame(one: ListenAddress, other: ListenAddress): boolean {
  const hosts = [one.host, other.host];
  const isHere = hosts.every((host) => /^(localhost|0\.0\.0\.0|::1?|127\.[\d.]+)$/i.test(host));
  const isAny = hosts.some((host) => /^(localhost|0\.0\.0\.0|::)$/i.test(host));
  return one.port === other.port && (one.host === other.host || (isHere && isAny));
}
