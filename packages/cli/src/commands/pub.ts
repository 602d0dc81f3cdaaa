// SPDX-License-Identifier: Apache-2.0
import { parsePubAck } from "@natswire/codec/jetstream";
import { type Connection, ConnectionError } from "@natswire/node";
import type { Command } from "commander";
import { subject } from "../arguments.ts";
import { withConnection } from "../connection.ts";
import { formatCount } from "../format/format.ts";
import { type OutgoingMessage, outgoingMessages, type SendFlags } from "../messages/outgoing.ts";
import { Failure, interruptSignal, log, outputReady, print } from "../output.ts";
import { addConnectionOptions, type ConnectionFlags } from "./connection-options.ts";
import { addSendOptions, bodyHelp, checkBody } from "./message-options.ts";

interface Flags extends ConnectionFlags, SendFlags {
  readonly reply?: string;
  readonly jetstream?: true;
  readonly quiet?: true;
}

const help = `${bodyHelp}
The command ends after the server has received the messages.

Examples:
  $ natswire pub orders.new apple -H 'Kind: new'
  $ tail -f access.log | natswire pub logs --send-on newline`;

/** Adds the command `natswire pub`: publishes messages. */
export function pub(program: Command): void {
  const command = program
    .command("pub")
    .alias("publish")
    .description("publish messages")
    .argument("<subject>", "subject to publish to", subject)
    .argument("[body]", "body of the messages; - reads stdin")
    .option("--reply <subject>", "subject for answers", subject)
    .option("-J, --jetstream", "wait until a stream has stored each message")
    .option("-q, --quiet", "print errors only");
  addConnectionOptions(addSendOptions(command)).addHelpText("after", help).action(run);
}

async function run(to: string, body: string | undefined, flags: Flags, command: Command): Promise<void> {
  checkBody(body, flags, command);
  const { reply, timeout, quiet, sleep, jetstream } = flags;
  if (jetstream && reply !== undefined) command.error("error: --jetstream and --reply exclude each other");
  const isSeries = flags.count > 1 || flags.sendOn === "newline";
  let messages = 0;
  let bytes = 0;
  await withConnection(flags, command, "until lost", async ({ client, check }) => {
    const interrupt = isSeries ? interruptSignal() : undefined;
    for await (const message of outgoingMessages(to, body, flags, client.info?.max_payload, interrupt)) {
      if (jetstream) await store(client, message, flags);
      else if (!client.publish(message.subject, message.payload, { headers: message.headers, reply }))
        await client.ready({ timeout });
      // The server gets each message, and reports its error, before the next one.
      if (sleep !== undefined) await client.flush({ timeout });
      check();
      messages++;
      bytes += message.payload.length;
    }
    await client.flush({ timeout });
    check();
    if (interrupt?.aborted) throw new Failure(`interrupted after ${formatCount(messages, "message")} to ${to}`);
  });
  if (!quiet) log(`published ${formatCount(messages, "message")} to ${to}, ${formatCount(bytes, "byte")}`);
}

/** Publishes to a stream, and prints where the message was stored. */
async function store(client: Connection, message: OutgoingMessage, { timeout, quiet }: Flags): Promise<void> {
  const { subject, payload, headers } = message;
  const answer = await client.request(subject, payload, { headers, timeout }).catch((error) => {
    const isUnknown = error instanceof ConnectionError && error.code === "NO_RESPONDERS";
    throw isUnknown ? new Failure(`NO_RESPONDERS: no stream stores messages of "${subject}"`) : error;
  });
  const ack = parsePubAck(answer.payload);
  if (ack === undefined) throw new Failure(`the answer on "${subject}" is not that of a stream`);
  if (ack.error !== undefined) throw new Failure(`not stored: ${ack.error.description}, code ${ack.error.code}`);
  if (quiet) return;
  print(`stored in ${ack.stream}, sequence ${ack.sequence}${ack.duplicate ? ", a duplicate" : ""}`);
  await outputReady();
}
