// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "@natswire/node";
import type { Command } from "commander";
import { parserOf, subject, wholeNumber } from "../arguments.ts";
import { duration } from "../config/kinds.ts";
import { withConnection } from "../connection.ts";
import { formatMilliseconds } from "../measure/latencies.ts";
import { type MessageFormat, printMessage } from "../messages/message-printer.ts";
import { type OutgoingMessage, outgoingMessages, type SendFlags } from "../messages/outgoing.ts";
import { Failure, log, outputReady } from "../output.ts";
import { addConnectionOptions, type ConnectionFlags } from "./connection-options.ts";
import { addReceiveOptions, addSendOptions, bodyHelp, checkBody, checkFormat } from "./message-options.ts";

interface Flags extends ConnectionFlags, SendFlags, MessageFormat {
  readonly replies: number;
  readonly replyTimeout?: number;
}

const help = `${bodyHelp}
Replies go to stdout, the time of each to stderr. Fewer replies than asked for are an error.

Examples:
  $ natswire req greet ann --raw
  $ natswire req who --replies 0 --timeout 500ms --json`;

/** Adds the command `natswire req`: sends requests and prints the replies. */
export function req(program: Command): void {
  const command = program
    .command("req")
    .alias("request")
    .description("send a request and print the replies")
    .argument("<subject>", "subject of the service", subject)
    .argument("[body]", "body of the request; - reads stdin")
    .option("--replies <number>", "replies to wait for; 0 takes all until the timeout", wholeNumber, 1)
    .option("--reply-timeout <time>", "end after this time without another reply", parserOf(duration));
  addConnectionOptions(addReceiveOptions(addSendOptions(command)))
    .addHelpText("after", help)
    .action(run);
}

async function run(to: string, body: string | undefined, flags: Flags, command: Command): Promise<void> {
  checkBody(body, flags, command);
  checkFormat(flags, command);
  await withConnection(flags, command, "until lost", async ({ client }) => {
    for await (const message of outgoingMessages(to, body, flags, client.info?.max_payload))
      await request(client, message, flags);
  });
}

/** Sends a request and prints the replies. */
async function request(client: Connection, message: OutgoingMessage, flags: Flags): Promise<void> {
  const { replies, replyTimeout: stall, timeout: maxWait } = flags;
  const { subject, payload, headers } = message;
  const strategy = stall === undefined ? "timer" : "stall";
  const maxMessages = replies === 0 ? undefined : replies;
  const started = performance.now();
  let received = 0;
  for await (const reply of client.requestMany(subject, payload, { headers, strategy, stall, maxWait, maxMessages })) {
    received++;
    log(`received after ${formatMilliseconds(performance.now() - started)}`);
    printMessage(reply, undefined, flags);
    await outputReady();
  }
  if (received >= Math.max(1, replies)) return;
  const count = replies <= 1 ? "no reply" : `${received} of ${replies} replies`;
  const waited = stall !== undefined && received > 0 ? `${stall} ms after the last one` : `${maxWait} ms`;
  throw new Failure(`TIMEOUT: ${count} on "${subject}" within ${waited}`);
}
