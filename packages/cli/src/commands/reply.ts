// SPDX-License-Identifier: Apache-2.0
import type { Message } from "@natswire/node";
import type { Command } from "commander";
import { type Headers, parserOf, queueGroup, subjectPattern } from "../arguments.ts";
import { count } from "../config/kinds.ts";
import { formatCount } from "../format/format.ts";
import { type MessageFormat, printMessage } from "../messages/message-printer.ts";
import { expand } from "../messages/template.ts";
import { flushAndExit, log, outputReady, waitForInterrupt } from "../output.ts";
import { addConnectionOptions, type ConnectionFlags, withConnection } from "./connection-options.ts";
import { addHeaderOption, addReceiveOptions, checkFormat } from "./message-options.ts";

interface Flags extends ConnectionFlags, MessageFormat {
  readonly header?: Headers;
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
  const interrupted = waitForInterrupt(false);
  let received = 0;
  let answered = 0;
  await withConnection(flags, command, "reconnects", async ({ client }) => {
    const subscription = client.subscribe(subject, { queue: queue || undefined, max, overflow: "pause" });
    const answer = async (): Promise<void> => {
      for await (const request of subscription) {
        if (respond(request, ++received, body, flags)) answered++;
        else log(`[#${received}] not answered: the message has no usable reply subject`);
        printMessage(request, received, flags);
        await outputReady();
      }
    };
    const ended = answer();
    await Promise.race([ended, subscription.ready({ timeout })]);
    log(`answering requests on ${subject}; press ctrl+c to drain and exit`);
    await Promise.race([
      ended.then(() => client.flush({ timeout })),
      interrupted.then(() => client.drain({ timeout })),
    ]);
    const error = client.isClosed ? await client.closed : undefined;
    if (error !== undefined) throw error;
  });
  log(`answered ${answered} of ${formatCount(received, "request")}`);
  await flushAndExit();
}

function respond(request: Message, count: number, body: string | undefined, flags: Flags): boolean {
  const text = (template: string): string =>
    flags.templates ? expand(template, { count, request: request.text() }) : template;
  const own = (flags.header ?? []).map(([name, value]) => [name, text(value)] as const);
  const headers = body === undefined ? [...(request.headers ?? []), ...own] : own;
  const payload = body === undefined ? request.payload : text(body);
  return request.respond(payload, headers.length === 0 ? {} : { headers });
}
