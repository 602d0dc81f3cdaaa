// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import { ConnectionError } from "@natswire/node";
import type { Command } from "commander";
import { parserOf, subject, subjectPattern } from "../arguments.ts";
import { bytes, count, duration } from "../config/kinds.ts";
import { withConnections } from "../connection.ts";
import { jsonLine } from "../format/format.ts";
import { type BenchResult, formatResult, resultCsv, resultFields } from "../measure/bench-report.ts";
import { BenchRun } from "../measure/bench-run.ts";
import { type BenchKind, loads } from "../measure/loads.ts";
import type { Tally } from "../measure/tally.ts";
import { Failure, flushAndExit, formatError, interruptSignal, log, print } from "../output.ts";
import { addConnectionOptions, type ConnectionFlags } from "./connection-options.ts";

interface Flags extends ConnectionFlags {
  readonly clients: number;
  readonly msgs?: number;
  readonly size: number;
  readonly duration?: number;
  readonly sleep?: number;
  readonly json?: true;
  readonly csv?: string;
  readonly progress: boolean;
}

// Milliseconds, and messages.
const DURATION = 60_000;
const MESSAGES = 100_000;

const help = `
All clients run in one process. MB are millions of bytes of payloads. Ctrl+c prints what was measured so far.

Examples:`;

const commands: readonly { kind: BenchKind; description: string; examples: readonly string[] }[] = [
  {
    kind: "pub",
    description: "publish as fast as the server takes it",
    examples: ["bench pub bench --size 16", "bench pub bench --clients 2 --msgs 1000000 --csv pub.csv"],
  },
  {
    kind: "sub",
    description: "receive the messages of natswire bench pub, each client all of them",
    examples: ["bench sub bench", "bench sub 'bench.>' --clients 2 --msgs 1000000 --json"],
  },
  {
    kind: "req",
    description: "send requests, each client one after the other, and measure the latency",
    examples: ["bench req bench --msgs 10000", "bench req bench --clients 10 --duration 5s"],
  },
  {
    kind: "reply",
    description: "answer the requests of natswire bench req, until ctrl+c",
    examples: ["bench reply bench", "bench reply bench --clients 2 --sleep 10ms"],
  },
];

/** Adds the command `natswire bench`: measures messages per second and latencies. */
export function bench(program: Command): void {
  const command = program
    .command("bench")
    .description("measure messages per second and latencies")
    .addHelpText("after", `${help}\n  $ natswire bench sub bench\n  $ natswire bench pub bench`);
  for (const { kind, description, examples } of commands) add(command, kind, description, examples);
}

function add(bench: Command, kind: BenchKind, description: string, examples: readonly string[]): void {
  const receives = kind === "sub" || kind === "reply";
  const command = bench
    .command(kind)
    .description(description)
    .argument("<subject>", "subject of the messages", receives ? subjectPattern : subject)
    .option("--clients <number>", "connections", parserOf(count), 1);
  if (kind === "req") command.alias("request");
  if (kind === "reply") command.option("--msgs <number>", "end after this many requests", parserOf(count));
  else command.option("--msgs <number>", "number of messages", parserOf(count), MESSAGES);
  if (kind !== "sub") command.option("--size <bytes>", "size of the payloads", parserOf(bytes), 128);
  if (kind === "reply")
    command.option("--duration <time>", "end this time after the first request", parserOf(duration));
  else command.option("--duration <time>", "end this time after the first message", parserOf(duration), DURATION);
  if (kind !== "sub") command.option("--sleep <time>", "time between messages, like 1ms", parserOf(duration));
  command
    .option("--json", "print the result as one JSON object")
    .option("--csv <file>", "also write the result to a CSV file")
    .option("--no-progress", "print no progress to a terminal");
  addConnectionOptions(command)
    .addHelpText("after", `${help}\n${examples.map((example) => `  $ natswire ${example}`).join("\n")}`)
    .action((subject: string, flags: Flags, command: Command) => run(kind, subject, flags, command));
}

async function run(kind: BenchKind, subject: string, flags: Flags, command: Command): Promise<void> {
  const { clients, msgs, size = 0, sleep: pause, timeout } = flags;
  const receives = kind === "sub" || kind === "reply";
  const expected = kind === "sub" && msgs !== undefined ? msgs * clients : msgs;
  const payload = Buffer.alloc(size, "x");
  await withConnections(clients, flags, command, "until lost", async (connections) => {
    const benchmark = new BenchRun(clients, { messages: expected, duration: flags.duration }, interruptSignal());
    const working = connections.map(({ client }, i) => {
      const messages = msgs === undefined || receives ? msgs : shareOf(msgs, clients, i);
      return loads[kind](
        client,
        benchmark.tallies[i] as Tally,
        { subject, payload, messages, pause, timeout },
        benchmark,
      );
    });
    const check = (): void => {
      for (const connection of connections) connection.check();
    };
    const ended = benchmark.wait(working, check, flags.progress && process.stderr.isTTY);
    if (receives) {
      await Promise.all(connections.map(({ client }) => client.flush({ timeout })));
      if (!benchmark.signal.aborted) log(`waiting for messages on ${subject}; press ctrl+c to end`);
    }
    const failure = await ended;
    // Of messages that were denied, or of none, there is nothing to report.
    if (failure !== undefined && (benchmark.messages === 0 || isDenied(failure))) throw failure;
    report({ kind, subject, tallies: benchmark.tallies, latencies: benchmark.latencies, expected }, flags);
    if (failure !== undefined) throw failure;
  });
  await flushAndExit();
}

function isDenied(error: Error): boolean {
  return error instanceof ConnectionError && error.code === "PERMISSION";
}

/** Prints the result, and writes it to a file. */
function report(result: BenchResult, { json, csv }: Flags): void {
  print(json ? jsonLine(resultFields(result)) : formatResult(result));
  if (csv === undefined) return;
  try {
    writeFileSync(csv, resultCsv(result));
  } catch (error) {
    throw new Failure(`cannot write ${csv}: ${formatError(error)}`);
  }
}

/** Returns how many messages a client sends, so that all together send the whole number. */
function shareOf(messages: number, clients: number, index: number): number {
  return Math.floor(messages / clients) + (index < messages % clients ? 1 : 0);
}
