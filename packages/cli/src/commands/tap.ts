// SPDX-License-Identifier: Apache-2.0
import type { ListenAddress } from "@natswire/io";
import { urlOf } from "@natswire/io/adapter";
import { type Command, Option } from "commander";
import { listenAddress, type ServerUrl, serverUrl } from "../arguments.ts";
import { fail, flushAndExit, formatError, log, printOrSkip, waitForInterrupt } from "../output.ts";
import { ConnectionMonitor, type FrameSink } from "../tap/connection-monitor.ts";
import { Printer, type PrintOptions } from "../tap/printer.ts";
import { startProxy } from "../tap/proxy.ts";
import { Recorder } from "../tap/recording.ts";
import { Statistics } from "../tap/statistics.ts";
import { addPrintOptions } from "./print-options.ts";

interface Options extends PrintOptions {
  readonly listen: ListenAddress;
  readonly upstream: ServerUrl;
  readonly record?: string;
}

const help = `
Clients connect to the tap instead of the server. It forwards all bytes unchanged in both directions.
TLS and bytes that are not NATS are forwarded, too, but not decoded. Frames are printed to stdout, messages to stderr.

Example:
  $ natswire tap --listen 4223 --upstream nats://localhost:4222 --subject 'orders.>'`;

/** Adds the command `natswire tap`: a proxy that prints the frames that pass through it. */
export function tap(program: Command): void {
  const command = program
    .command("tap")
    .description("print the frames between clients and a server, as a proxy")
    .addOption(
      optionWithDefault(
        "--listen <[host:]port>",
        "address for clients; port 0 picks a free one",
        listenAddress,
        "4223",
      ),
    )
    .addOption(
      optionWithDefault(
        "--upstream <url>",
        "server to forward to; credentials in the URL are ignored, clients send their own",
        serverUrl,
        "nats://localhost:4222",
      ),
    )
    .option("--record <file>", "write all frames to a file for decode and play; filters do not apply");
  addPrintOptions(command).addHelpText("after", help).action(run);
}

/** Returns an option whose default is shown in the help as it would be typed. */
function optionWithDefault<T>(flags: string, description: string, parse: (text: string) => T, value: string): Option {
  return new Option(flags, description).argParser(parse).default(parse(value), value);
}

async function run(options: Options, command: Command): Promise<void> {
  const { listen, upstream, record } = options;
  if (isSameAddress(listen, upstream)) command.error("error: --upstream is the address of the tap itself");
  const statistics = new Statistics();
  const recorder = record === undefined ? undefined : new Recorder(record, options);
  const printer = new Printer(options, printOrSkip);
  const sinks: FrameSink[] = [statistics, ...(recorder === undefined ? [] : [recorder]), printer];
  const started = performance.now();
  let connections = 0;
  const interrupted = waitForInterrupt();
  const proxy = await startProxy(listen, { host: upstream.host, port: upstream.port }, () => {
    const monitor = new ConnectionMonitor(++connections, sinks, () => performance.now() - started);
    monitor.event("opened");
    return {
      received: (from, chunk) => monitor.received(from, chunk),
      unreachable: (error) => monitor.event("unreachable", `${upstream.url}: ${formatError(error)}`),
      closed: () => monitor.event("closed"),
    };
  }).catch(fail);
  log(`${urlOf("nats", { ...listen, port: proxy.port })} is listening and forwards to ${upstream.url}`);
  log("press ctrl+c to close all connections and exit");
  await interrupted;
  await proxy.close();
  recorder?.close();
  for (const line of statistics.report()) log(line);
  await flushAndExit();
}

/** Returns whether a connection to one address may reach the other. Names of all interfaces include the loopback. */
function isSameAddress(a: ListenAddress, b: ListenAddress): boolean {
  const hosts = [a.host, b.host];
  const areLocal = hosts.every((host) => /^(localhost|0\.0\.0\.0|::1?|127\.[\d.]+)$/i.test(host));
  const hasAny = hosts.some((host) => /^(localhost|0\.0\.0\.0|::)$/i.test(host));
  return a.port === b.port && (a.host === b.host || (areLocal && hasAny));
}
