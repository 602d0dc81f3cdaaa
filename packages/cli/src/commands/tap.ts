// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import type { Command } from "commander";
import { terminalOf } from "../format/terminal.ts";
import { fail, flushAndExit, formatError, log, printOrSkip, waitForInterrupt } from "../output.ts";
import { formatAddress, isSameAddress } from "../tap/addresses.ts";
import {
  type ConnectionEvent,
  ConnectionMonitor,
  type EventDetails,
  type FrameSink,
  startClock,
} from "../tap/connection-monitor.ts";
import { DeferredWork } from "../tap/deferred-work.ts";
import { ConnectionFaults } from "../tap/faults.ts";
import { listenFor } from "../tap/listener.ts";
import { Printer } from "../tap/printer.ts";
import { forwardBetween, type ProxyObserver } from "../tap/proxy.ts";
import { Rates } from "../tap/rates.ts";
import { Recorder } from "../tap/recording.ts";
import { Statistics } from "../tap/statistics.ts";
import { connectorTo } from "../tap/upstream.ts";
import { formatFaults } from "./fault-options.ts";
import { addTapOptions, type TapFlags, tapSetup } from "./tap-options.ts";

const help = `
Clients connect to the tap instead of the server. It forwards all bytes in both directions, unchanged except for INFO.
Bytes that are not NATS are forwarded, too, but not decoded. Frames are printed to stdout, messages to stderr.

Examples:
  $ natswire tap --listen 4223 --upstream nats://localhost:4222 --subject 'orders.>'
  $ natswire tap --listen ws://127.0.0.1:8080 --upstream tls://demo.nats.io`;

/** Adds the command `natswire tap`: a proxy that prints the frames that pass through it. */
export function tap(program: Command): void {
  const command = program.command("tap").description("print the frames between clients and a server, as a proxy");
  addTapOptions(command).addHelpText("after", help).action(run);
}

async function run(flags: TapFlags, command: Command): Promise<void> {
  const { listen, upstream, listenTls, upstreamOptions, rules, faults } = tapSetup(flags, command);
  if (isSameAddress(listen, upstream)) command.error("error: --upstream is the address of the tap itself");
  const upstreamUrl = formatAddress(upstream);
  const statistics = new Statistics();
  const recorder = flags.record === undefined ? undefined : new Recorder(flags.record, flags);
  const printer = new Printer(flags, printOrSkip, terminalOf(process.stdout));
  const rates = flags.stats === undefined ? undefined : new Rates(flags, printOrSkip);
  const sinks: FrameSink[] = [statistics, ...(recorder === undefined ? [] : [recorder]), rates ?? printer];
  const now = startClock();
  if (rates !== undefined) setInterval(() => rates.report(now()), 1000 * (flags.stats as number));
  // Bytes pass first: frames are decoded and printed after all sockets that are ready were read.
  const later = new DeferredWork(() => recorder?.flush());
  let connections = 0;
  const observe = (client: string | undefined): ProxyObserver => {
    const monitor = new ConnectionMonitor(++connections, sinks, flags);
    const event = (name: ConnectionEvent["event"], details: EventDetails = {}): void => {
      const at = now();
      later.add(() => monitor.event(at, name, details));
    };
    event("opened", { time: new Date().toISOString(), ...(client !== undefined && { client }) });
    return {
      received(from, chunk, fault) {
        const at = now();
        later.add(() => monitor.received(at, from, chunk, fault));
      },
      stalled: () => event("stalled", { reason: "nothing is forwarded any more" }),
      unreachable: (error) => event("unreachable", { reason: `${upstreamUrl}: ${formatUnreachable(error)}` }),
      closed: (error) => event("closed", error && isFault(error) ? { reason: error.message } : {}),
    };
  };
  const interrupted = waitForInterrupt();
  const connect = await connectorTo(upstream, upstreamOptions);
  const open = new Set<Duplex>();
  const listener = await listenFor(listen, listenTls, {
    accepted({ stream, address }) {
      const server = connect();
      for (const one of [stream, server]) {
        open.add(one);
        one.once("close", () => open.delete(one));
      }
      const observer = observe(address);
      forwardBetween(
        stream,
        server,
        { info: rules, protocol: flags.protocol, faults: faults && new ConnectionFaults(faults, connections) },
        observer,
      );
    },
    failed: (address, error) => log(`${address}: ${error.message}`),
  }).catch(fail);
  // A tap that cannot listen leaves the last recording as it is.
  recorder?.start();
  log(`${listener.url} is listening and forwards to ${upstreamUrl}`);
  if (faults !== undefined) log(`faults: ${formatFaults(flags)}; repeat them with --seed ${faults.seed}`);
  log("press ctrl+c to close all connections and exit");
  await Promise.race([interrupted, printer.finished]);
  for (const stream of open) stream.destroy();
  await listener.close();
  later.run();
  recorder?.close();
  for (const line of statistics.report()) log(line);
  if (statistics.hasMalformed || recorder?.hasFailed === true) process.exitCode = 1;
  await flushAndExit();
}

/** Returns whether an error says more than that the client has gone. */
function isFault(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code !== "ECONNRESET";
}

/** Returns why the server cannot be reached. */
function formatUnreachable(error: Error): string {
  const isUnknownCa = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(String((error as NodeJS.ErrnoException).code));
  return isUnknownCa ? `${error.message}; name its CA with --upstream-tlsca` : formatError(error);
}
