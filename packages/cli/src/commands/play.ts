// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { serve } from "@natswire/node";
import { HIDDEN } from "@natswire/runtime";
import type { Command } from "commander";
import { milliseconds, type Server, server } from "../arguments.ts";
import { colours } from "../colours.ts";
import { Failure, print, reasonOf } from "../output.ts";
import { type Account, play as playScript } from "../player.ts";
import { isRecording, readRecording } from "../recording.ts";
import { readScript, type Step, scriptOf } from "../script.ts";

interface Options {
  readonly to?: Server;
  readonly serve: boolean;
  readonly timeout: number;
}

const example = `
A transcript has a line for each line on the wire:
  C: CONNECT {"verbose":false}   said, with CRLF behind it; ␍ ␊ ␉ ␠ \\xNN {x*100} are bytes
  S: MSG foo 1 *                 expected; * and … stand for anything; INFO is passed over where it is not expected
  S: (closed)                    the server closes the connection
  C2: PING                       a second connection
  # a remark
A recording of natswire tap is played likewise: its clients' side is said, its server's expected, whatever its INFO says.
Name and password of the URL take the place of those that the recording hides.

Example:
  $ natswire play session.txt --to nats://localhost:4222`;

/** `natswire play`: says one side of a transcript, and checks the other. */
export function play(program: Command): void {
  program
    .command("play")
    .description("say a transcript's or recording's client side to a server, and compare the answers")
    .argument("<file>", "a transcript, or a recording of natswire tap")
    .option("--to <url>", "the server", server)
    .option("--serve", "play against the embedded server", false)
    .option("--timeout <ms>", "how long each answer may take", milliseconds, 2000)
    .addHelpText("after", example)
    .action(run);
}

async function run(file: string, options: Options, command: Command): Promise<void> {
  const { to, timeout } = options;
  if ((to === undefined) !== options.serve) command.error("error: either --to a server, or --serve");
  const script = read(file);
  const embedded = options.serve ? await serve() : undefined;
  try {
    const place = to ?? { host: "127.0.0.1", port: embedded?.port ?? 0 };
    report(
      file,
      await playScript(to === undefined ? script : script.map((step) => withCredentials(step, to)), {
        to: place,
        patience: timeout,
      }),
    );
  } finally {
    await embedded?.close();
  }
}

function report(file: string, account: Account): void {
  if (account.held) {
    print(colours.green(`${account.said} lines said, ${account.heard} heard as expected`));
    return;
  }
  for (const line of account.diff) {
    print(line.startsWith("-") ? colours.red(line) : line.startsWith("+") ? colours.green(line) : line);
  }
  throw new Failure(`${file}:${account.line}: ${account.why}`);
}

function read(file: string): Step[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${reasonOf(error)}`);
  }
  return isRecording(bytes) ? scriptOf(readRecording(bytes.toString())) : readScript(bytes.toString());
}

/** A CONNECT whose name and password the recording hides. */
function withCredentials(step: Step, { user, password }: Server): Step {
  if (step.op !== "say" || user === undefined) return step;
  const [, json] = /^CONNECT (\{.*\})\r\n$/.exec(Buffer.from(step.bytes).toString()) ?? [];
  if (!json?.includes(`"${HIDDEN}"`)) return step;
  const shown = Object.entries(JSON.parse(json)).filter(([, value]) => value !== HIDDEN);
  const said = password === undefined ? { auth_token: user } : { user, pass: password };
  return { ...step, bytes: Buffer.from(`CONNECT ${JSON.stringify({ ...Object.fromEntries(shown), ...said })}\r\n`) };
}
