// SPDX-License-Identifier: Apache-2.0
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { Command, CommanderError, Option } from "commander";
import { count, inputs, limits, seconds, seed, texts } from "./arguments.ts";
import { UnusableTarget } from "./finding.ts";
import { formatFindings } from "./format.ts";
import { fuzzParser, type ParserTask, repeatOf } from "./fuzz-parser.ts";
import { clearProgress, formatProgress, showProgress } from "./progress.ts";

const UNUSABLE = 2;
const SECONDS = 20;

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
const program = new Command("natswire-fuzz")
  .description("Fuzz a parser of the NATS protocol: in JavaScript, or in any language as a command.")
  .version(version)
  .option("--target <file>", "a module that exports `from` and a function of chunks")
  .option("--command <command>", "a program that reads chunks as JSON lines, and writes frames")
  .addOption(new Option("--from <sender>", "the sender of the bytes, for a command").choices(["server", "client"]))
  .option("--limits <limits>", "the parser's own: line=BYTES,info=BYTES,payload=BYTES,strictLineEnd=true", limits)
  .option(
    "--allow <place>",
    "a difference that is intended, as a finding names it: 'msg, BAD_TRAILER'; repeatable",
    texts,
  )
  .option("--time <seconds>", `how long it runs (default: ${SECONDS})`, seconds)
  .option("--inputs <count>", "stops after this many inputs in place of a time", count)
  .option("--timeout <seconds>", "how long a call may take", seconds, 5)
  .option("--seed <number>", "starts the random generator: the same seed repeats a run (default: random)", seed)
  .option("--workers <count>", "threads (default: one for each core)", count, availableParallelism())
  .option("--blind", "without coverage: more inputs, less depth; imports the module without a bundle", false)
  .option("--input <text>", "plays one input, escaped as it is printed; repeatable", inputs)
  .showHelpAfterError("(add --help to list the options)")
  .exitOverride()
  .addHelpText(
    "after",
    `
Exit codes: 0 no findings, 1 findings, 2 wrong usage or a target that cannot be fuzzed.

Examples:
  $ npx @natswire/fuzz --target ./my-parser.mjs --time 60
  $ npx @natswire/fuzz --command 'python3 parser.py' --from server`,
  )
  .action(fuzz);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : UNUSABLE;
  else if (error instanceof UnusableTarget) {
    clearProgress();
    console.error(error.message);
    process.exitCode = UNUSABLE;
  } else throw error;
}

/** Fuzzes, or plays inputs, and prints the findings. */
async function fuzz(): Promise<void> {
  const given = program.opts<Omit<ParserTask, "guided" | "only"> & { blind: boolean; input?: Uint8Array[] }>();
  const name = checkedName(given);
  const { blind, input: only, seed = Date.now() % 1_000_000_000 } = given;
  const time = given.time ?? (given.inputs === undefined && only === undefined ? SECONDS : undefined);
  const stop = new AbortController();
  // A second ctrl+c ends the process.
  process.once("SIGINT", () => stop.abort());
  const workers = only === undefined ? given.workers : 1;
  const task: ParserTask = {
    ...given,
    seed,
    time,
    workers,
    only,
    guided: !blind && only === undefined,
    signal: stop.signal,
  };
  if (only === undefined) console.log(`seed ${seed}, ${workers === 1 ? "1 worker" : `${workers} workers`}`);
  const outcome = await fuzzParser(task, (progress) => showProgress(name, progress));
  clearProgress();
  console.log(formatProgress(name, outcome));
  for (const [reason, times] of Object.entries(outcome.notes))
    console.log(`    ${times} differences allowed: ${reason}`);
  if (outcome.found.length === 0) return;
  console.log(`\n${formatFindings(outcome.found, repeatOf(task, "npx @natswire/fuzz"))}`);
  process.exitCode = 1;
}

/** Returns the file or the command. @throws CommanderError if there is not exactly one, or its sender is missing */
function checkedName({ target, command, from }: Pick<ParserTask, "target" | "command" | "from">): string {
  const name = target ?? command;
  if (name === undefined) return program.error("error: write --target FILE or --command COMMAND");
  if (target !== undefined && command !== undefined) program.error("error: write --target or --command, not both");
  if (command !== undefined && from === undefined)
    program.error("error: --command needs --from server or --from client");
  return name;
}
