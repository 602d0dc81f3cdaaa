// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { REDACTED } from "@natswire/io/adapter";
import { serve } from "@natswire/node";
import type { Command } from "commander";
import { loginOf, milliseconds, type Server, server } from "../arguments.ts";
import { colours } from "../colours.ts";
import { Failure, print, reasonOf } from "../output.ts";
import { type Account, play as playScript } from "../player.ts";
import { type Entry, isRecording, readRecording } from "../recording.ts";
import { readScript, type Step, scriptOf } from "../script.ts";
import { counted } from "../words.ts";

interface Options {
  readonly to?: Server;
  readonly serve: boolean;
  readonly timeout: number;
}

// Bytes of a file: its lines are held in memory, and a string cannot be much longer.
const LONGEST = 256 * 1024 * 1024;

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
  const script = await read(file);
  const embedded = options.serve ? await serve() : undefined;
  const place = to ?? { host: "127.0.0.1", port: embedded?.port ?? 0 };
  try {
    const said = to === undefined ? script : script.map((step) => withCredentials(step, to));
    report(file, await playScript(said, { to: place, patience: timeout }), hintFor(script, to));
  } finally {
    await embedded?.close();
  }
}

function report(file: string, account: Account, hint: string): void {
  if (account.held) {
    print(colours.green(`${counted(account.said, "line")} said, ${account.heard} heard as expected`));
    return;
  }
  for (const line of account.diff) {
    print(line.startsWith("-") ? colours.red(line) : line.startsWith("+") ? colours.green(line) : line);
  }
  throw new Failure(`${file}:${account.line}: ${account.reason}${hint}`);
}

async function read(file: string): Promise<Step[]> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${reasonOf(error)}`);
  }
  if (bytes.length > LONGEST)
    throw new Failure(`${file} is too long to be played: ${bytes.length} of ${LONGEST} bytes`);
  const script = isRecording(bytes) ? await recorded(bytes) : readScript(bytes.toString());
  if (script.length === 0) throw new Failure(`${file} says nothing, and expects nothing`);
  return script;
}

async function recorded(bytes: Uint8Array): Promise<Step[]> {
  const entries: Entry[] = [];
  for await (const entry of readRecording([bytes])) entries.push(entry);
  const unread = entries.find((entry) => "event" in entry && entry.event === "unread");
  if (unread !== undefined) {
    throw new Failure(
      `connection ${unread.connection} of the recording has bytes that were not read: it cannot be played`,
    );
  }
  return scriptOf(entries);
}

/** What may be missing where a play failed. */
function hintFor(script: readonly Step[], to: Server | undefined): string {
  const isMissing = to !== undefined && to.user === undefined && script.some((step) => hiding(step) !== undefined);
  return isMissing ? "\nthe recording hides credentials: --to nats://name:password@host" : "";
}

/** A CONNECT with the name and password that the recording hides. */
function withCredentials(step: Step, server: Server): Step {
  const login = loginOf(server);
  const options = hiding(step);
  if (options === undefined || login === undefined) return step;
  const shown = Object.entries(options).filter(([, value]) => value !== REDACTED);
  return {
    ...step,
    bytes: Buffer.from(`CONNECT ${JSON.stringify({ ...Object.fromEntries(shown), ...login })}\r\n`),
  } as Step;
}

/** What a CONNECT says, where something of it is hidden. */
function hiding(step: Step): object | undefined {
  if (step.op !== "say") return undefined;
  const [, json] = /^CONNECT (\{.*\})\r\n$/.exec(Buffer.from(step.bytes).toString()) ?? [];
  return json?.includes(`"${REDACTED}"`) ? JSON.parse(json) : undefined;
}
