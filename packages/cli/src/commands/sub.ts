// SPDX-License-Identifier: Apache-2.0
import type { Subscription } from "@natswire/node";
import type { Command } from "commander";
import { parserOf, queueGroup, subjectPatterns } from "../arguments.ts";
import { count } from "../config/kinds.ts";
import { drain, withConnection } from "../connection.ts";
import { formatCount } from "../format/format.ts";
import { type MessageFormat, printMessage } from "../messages/message-printer.ts";
import { flushAndExit, log, outputReady, waitForInterrupt } from "../output.ts";
import { addConnectionOptions, type ConnectionFlags } from "./connection-options.ts";
import { addReceiveOptions, checkFormat } from "./message-options.ts";

interface Flags extends ConnectionFlags, MessageFormat {
  readonly queue?: string;
  readonly count?: number;
}

// Bytes that may wait for a slow reader of stdout, before the connection is paused.
const MAX_WAITING = 8 * 1024 * 1024;

const help = `
A lost connection is made again. Messages go to stdout, everything else to stderr.

Examples:
  $ natswire sub 'orders.>' --timestamp
  $ natswire sub orders.new --count 1 --json | jq .payload`;

/** Adds the command `natswire sub`: prints the messages of subjects. */
export function sub(program: Command): void {
  const command = program
    .command("sub")
    .alias("subscribe")
    .description("print the messages of subjects until ctrl+c")
    .argument("<subject...>", "subjects or patterns, like 'orders.>'", subjectPatterns)
    .option("--queue <group>", "share the messages with the other members of a queue group", queueGroup)
    .option("--headers-only", "print no payloads")
    .option("--count <number>", "end after this many messages", parserOf(count))
    .option("-t, --timestamp", "print when each message was received");
  addConnectionOptions(addReceiveOptions(command)).addHelpText("after", help).action(run);
}

async function run(subjects: readonly string[], flags: Flags, command: Command): Promise<void> {
  checkFormat(flags, command);
  const { queue, count: max, timeout } = flags;
  let received = 0;
  await withConnection(flags, command, "reconnects", async ({ client }) => {
    const interrupted = waitForInterrupt(false);
    const subscriptions = subjects.map((subject) =>
      client.subscribe(subject, { queue: queue || undefined, max, maxBytes: MAX_WAITING, overflow: "pause" }),
    );
    const read = async (subscription: Subscription): Promise<void> => {
      for await (const message of subscription) {
        if (received === max) break;
        printMessage(message, ++received, flags);
        if (received === max) for (const other of subscriptions) other.unsubscribe();
        await outputReady();
      }
    };
    const ended = Promise.all(subscriptions.map(read));
    await Promise.race([ended, Promise.all(subscriptions.map((subscription) => subscription.ready({ timeout })))]);
    log(`subscribed to ${subjects.join(", ")}; press ctrl+c to drain and exit`);
    await Promise.race([ended, interrupted.then(() => drain(client, timeout))]);
    const error = client.isClosed ? await client.closed : undefined;
    if (error !== undefined) throw error;
  });
  log(`received ${formatCount(received, "message")}`);
  await flushAndExit();
}
