// SPDX-License-Identifier: Apache-2.0
import { type Command, Option } from "commander";
import { header, parserOf } from "../arguments.ts";
import { count, duration } from "../config/kinds.ts";
import type { MessageFormat } from "../messages/message-printer.ts";
import type { SendFlags } from "../messages/outgoing.ts";

/** Explains where a body comes from. */
export const bodyHelp = `
The body is the argument. Without one, or with -, it is stdin, unless stdin is a terminal.
In a body argument, the subject and headers: {{Count}} {{TimeStamp}} {{Time}} {{Unix}} {{UnixNano}} {{ID}} {{Random 10 100}}`;

/** Adds the options of a command that sends messages. */
export function addSendOptions(command: Command): Command {
  return addHeaderOption(command)
    .option("--file <file>", "read the body from a file")
    .option("--count <number>", "number of messages", parserOf(count), 1)
    .option("--sleep <time>", "time between messages, like 100ms", parserOf(duration))
    .addOption(
      new Option("--send-on <end>", "eof: stdin is one body; newline: each line is one")
        .choices(["eof", "newline"])
        .default("eof"),
    )
    .option("--no-templates", "send {{…}} as it is");
}

/** Refuses several bodies. */
export function checkBody(body: string | undefined, { file, sendOn }: SendFlags, command: Command): void {
  if (body !== undefined && file !== undefined) command.error("error: give either a body or --file");
  if (sendOn === "newline" && (file !== undefined || (body ?? "-") !== "-"))
    command.error("error: --send-on newline reads stdin: give no other body");
}

/** Adds the option for headers of sent messages. */
export function addHeaderOption(command: Command): Command {
  return command.option("-H, --header <header>", 'header, "Name: value"; repeatable', header);
}

/** Adds the options of how received messages are printed. */
export function addReceiveOptions(command: Command): Command {
  return command
    .option("-r, --raw", "print payloads only, each with a line end after it")
    .option("--json", "print one JSON object per line; payloads are text or base64");
}

/** Refuses two formats at once. */
export function checkFormat({ raw, json }: MessageFormat, command: Command): void {
  if (raw && json) command.error("error: --raw and --json exclude each other");
}
