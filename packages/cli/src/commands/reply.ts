// SPDX-License-Identifier: Apache-2.0
import { type Message, UsageError } from "@natswire/node";
import type { Command } from "commander";
import { type HeaderPairs, parserOf, queueGroup, subjectPattern } from "../arguments.ts";
import { count } from "../config/kinds.ts";
import { drain, withConnection } from "../connection.ts";
import { formatCount, visible } from "../format/format.ts";
import { type MessageFormat, printMessage } from "../messages/message-printer.ts";
import { expand } from "../messages/template.ts";
import { flushAndExit, log, outputReady, waitForInterrupt } from "../output.ts";
import { addConnectionOptions, type ConnectionFlags } from "./connection-options.ts";
import { addHeaderOption, addReceiveOptions, checkFormat } from "./message-options.ts";

interface Flags extends ConnectionFlags, MessageFormat {
  readonly header?: HeaderPairs;
  readonly echo?: true;
  readonly queue: string;
  readonly count?: number;
  readonly templates: boolean;
}

const help = `
The body may have {{Request}}, the text of the request, and {{Count}} {{TimeStamp}} {{Time}} {{Unix}} {{UnixNano}} {{ID}} {{Random 10 100}}
Requests go to stdout, everything else to stderr. A lost connection is made again.

Examples:
  $ natswire reply greet 'hello, {{Request}}'
  $ natswire reply 'echo.>' --echo --count 10`;

/** Adds the command `natswire reply`: answers requests. */
export function reply(program: Command): void {
  const command = program
    .command("reply")
    .description("answer requests until ctrl+c, and print them")
    .argument("<subject>", "subject or pattern of the requests", subjectPattern)
    .argument("[body]", "body of the replies; without one, requests are echoed")
    .option("--echo", "reply with the body and headers of the request")
    .option("-q, --queue <group>", "queue group; '' for none", queueGroup, "NATS-RPLY-22")
    .option("--count <number>", "end after this many requests", parserOf(count))
    .option("--no-templates", "send {{…}} as it is");
  addConnectionOptions(addReceiveOptions(addHeaderOption(command)))
    .addHelpText("after", help)
    .action(run);
}

async function run(subject: string, body: string | undefined, flags: Flags, command: Command): Promise<void> {
  checkFormat(flags, command);
  if (body !== undefined && flags.echo) command.error("error: give either a body or --echo");
  const { queue, count: max, timeout } = flags;
  let received = 0;
  let answered = 0;
  await withConnection(flags, command, "reconnects", async ({ client }) => {
    const interrupted = waitForInterrupt(false);
    const subscription = client.subscribe(subject, { queue: queue || undefined, max, overflow: "pause" });
    const answer = async (): Promise<void> => {
      for await (const request of subscription) {
        const problem = respond(request, ++received, body, flags);
        if (problem === undefined) answered++;
        else log(`[#${received}] not answered: ${visible(problem)}`);
        printMessage(request, received, flags);
        await outputReady();
      }
    };
    const ended = answer();
    await Promise.race([ended, subscription.ready({ timeout })]);
    log(`answering requests on ${subject}; press ctrl+c to drain and exit`);
    await Promise.race([ended.then(() => client.flush({ timeout })), interrupted.then(() => drain(client, timeout))]);
    const error = client.isClosed ? await client.closed : undefined;
    if (error !== undefined) throw error;
  });
  log(`answered ${answered} of ${formatCount(received, "request")}`);
  await flushAndExit();
}

/** Answers a request. Returns why that is not possible: the one who sent it must not end this command. */
function respond(request: Message, count: number, body: string | undefined, flags: Flags): string | undefined {
  const text = (template: string): string =>
    flags.templates ? expand(template, { count, request: request.text() }) : template;
  const own = (flags.header ?? []).map(([name, value]) => [name, text(value)] as const);
  const headers = body === undefined ? [...(request.headers ?? []), ...own] : own;
  try {
    const isSent = request.respond(
      body === undefined ? request.payload : text(body),
      headers.length === 0 ? {} : { headers },
    );
    return isSent ? undefined : "the message has no usable reply subject";
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}
