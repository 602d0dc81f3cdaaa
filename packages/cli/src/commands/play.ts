// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { REDACTED } from "@natswire/io/adapter";
import { serve } from "@natswire/node";
import type { Command } from "commander";
import { credentialsOf, fieldPaths, milliseconds, type ServerUrl, serverUrl } from "../arguments.ts";
import { isGzip } from "../decode/input.ts";
import { colours } from "../format/colours.ts";
import { formatCount } from "../format/format.ts";
import { Failure, formatError, log, print, TLS_REQUIRED } from "../output.ts";
import { playScript } from "../replay/player.ts";
import { type CompareOptions, scriptFromRecording } from "../replay/recorded-script.ts";
import { formatDifferences, summarize } from "../replay/report.ts";
import { parseScript, type Script, type Step } from "../replay/script.ts";
import { isRecording, type RecordingEntry, readRecording } from "../tap/recording.ts";

interface Options {
  readonly to?: ServerUrl;
  readonly serve?: boolean;
  readonly timeout: number;
  readonly ignore?: readonly string[];
  readonly exact?: boolean;
}

// Bytes of a file. It is held in memory as one string, which cannot be much longer.
const MAX_FILE = 256 * 1024 * 1024;

const help = `
A transcript has one line for each line of the protocol:
  1 -> CONNECT {"verbose":false}   client 1 sends it, with CRLF; ␍ ␊ ␉ ␠ \\xNN {x*100} stand for bytes
  1 <- MSG foo 1 *                 the server must send it to client 1; * and … match anything
  1 <- (closed)                    the server must close the connection
  2 -> PING                        a second client
  # a comment
INFO is skipped unless a line expects it.
From a recording of natswire tap, it sends what the clients sent and expects what the server sent.
Times, random names, and what INFO says of release and connection match by shape, unless --exact is given.
The credentials in --to replace the hidden ones of the recording.

Examples:
  $ natswire play session.txt --to nats://localhost:4222
  $ natswire play recording.jsonl --to nats://localhost:4222 --ignore max_payload,config.metadata`;

/** Adds the command `natswire play`: sends one side of a transcript and checks the other. */
export function play(program: Command): void {
  program
    .command("play")
    .description("send the client side of a transcript to a server and check its answers")
    .argument("<file>", "a transcript, or a recording of natswire tap")
    .option("--to <url>", "server to play against", serverUrl)
    .option("--serve", "play against the embedded server")
    .option("--timeout <ms>", "milliseconds to wait for each line of the server", milliseconds, 2000)
    .option(
      "--ignore <fields>",
      "fields of INFO and of JSON payloads that may differ, such as max_payload,state.bytes; repeatable",
      fieldPaths,
    )
    .option("--exact", "compare every byte of a recording, and the order of all answers of a connection")
    .addHelpText("after", help)
    .action(run);
}

async function run(file: string, options: Options, command: Command): Promise<void> {
  const { to, timeout } = options;
  if ((to === undefined) === (options.serve === undefined)) command.error("error: give either --to <url> or --serve");
  const { ignore = [], exact = false } = options;
  if (exact && ignore.length > 0) command.error("error: --exact compares everything: give it without --ignore");
  const script = await readScript(file, { ignore, exact });
  const embedded = options.serve ? await serve() : undefined;
  const address = to ?? { host: "127.0.0.1", port: embedded?.port ?? 0 };
  try {
    const steps = to === undefined ? script.steps : script.steps.map((step) => withCredentials(step, to));
    const result = await playScript({ ...script, steps }, { address, timeout });
    for (const field of script.unusedFields()) log(`--ignore ${field}: no INFO and no JSON payload has this field`);
    if (result.differences.length === 0) {
      print(colours.green(`sent ${formatCount(result.sent, "line")}, received ${result.expected} as expected`));
      return;
    }
    for (const line of formatDifferences(result.differences, steps, file)) print(line);
    const reason = result.tlsRequired ? `\n${TLS_REQUIRED}` : hintFor(steps, to);
    throw new Failure(`${file}: ${summarize(result)}${reason}`);
  } finally {
    await embedded?.close();
  }
}

async function readScript(file: string, options: CompareOptions): Promise<Script> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${formatError(error)}`);
  }
  if (bytes.length > MAX_FILE) throw new Failure(`${file} is too long: ${bytes.length} bytes, limit ${MAX_FILE}`);
  if (isGzip(bytes)) bytes = await uncompress(file, bytes);
  const script = isRecording(bytes) ? await readRecorded(bytes, options) : readTranscript(bytes, options);
  if (script.steps.length === 0) throw new Failure(`${file} has nothing to play: it sends and expects nothing`);
  return script;
}

async function uncompress(file: string, bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_FILE });
  } catch (error) {
    throw new Failure(`cannot uncompress ${file}: ${(error as Error).message}`);
  }
}

function readTranscript(bytes: Uint8Array, { ignore, exact }: CompareOptions): Script {
  if (exact || ignore.length === 0) return parseScript(Buffer.from(bytes).toString());
  throw new Failure("--ignore is for recordings: in a transcript, write * for what may differ");
}

async function readRecorded(recording: Uint8Array, options: CompareOptions): Promise<Script> {
  const entries: RecordingEntry[] = [];
  for await (const entry of readRecording([recording])) entries.push(entry);
  const undecoded = entries.find(
    (entry) => "event" in entry && (entry.event === "malformed" || entry.event === "encrypted"),
  );
  if (undecoded !== undefined) {
    throw new Failure(
      `cannot play the recording: connection ${undecoded.connection} has bytes that were not decoded and not recorded`,
    );
  }
  return scriptFromRecording(entries, options);
}

/** Returns a hint if a play may have failed because credentials are missing. */
function hintFor(script: readonly Step[], to: ServerUrl | undefined): string {
  const isMissing = to !== undefined && to.user === undefined && script.some((step) => redactedOptions(step));
  return isMissing ? "\nthe recording hides credentials: give them with --to nats://name:password@host:port" : "";
}

/** Returns a CONNECT with the credentials of the URL in place of the hidden ones; other steps unchanged. */
function withCredentials(step: Step, server: ServerUrl): Step {
  const credentials = credentialsOf(server);
  const options = redactedOptions(step);
  if (options === undefined || credentials === undefined) return step;
  const visibleOptions = Object.entries(options).filter(([, value]) => value !== REDACTED);
  const connect = { ...Object.fromEntries(visibleOptions), ...credentials };
  return { ...step, bytes: Buffer.from(`CONNECT ${JSON.stringify(connect)}\r\n`) } as Step;
}

/** Returns the options of a CONNECT that has hidden credentials, or `undefined`. */
function redactedOptions(step: Step): object | undefined {
  if (step.op !== "send") return undefined;
  const [, json] = /^CONNECT (\{.*\})\r\n$/.exec(Buffer.from(step.bytes).toString()) ?? [];
  return json?.includes(`"${REDACTED}"`) ? JSON.parse(json) : undefined;
}
