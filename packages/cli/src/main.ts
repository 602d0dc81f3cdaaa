#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { bench } from "./commands/bench.ts";
import { decode } from "./commands/decode.ts";
import { demo } from "./commands/demo.ts";
import { play } from "./commands/play.ts";
import { pub } from "./commands/pub.ts";
import { reply } from "./commands/reply.ts";
import { req } from "./commands/req.ts";
import { rtt } from "./commands/rtt.ts";
import { serve } from "./commands/serve.ts";
import { sub } from "./commands/sub.ts";
import { tap } from "./commands/tap.ts";
import { visible } from "./format/format.ts";
import { redactArguments } from "./format/redact.ts";
import { Failure, handleOutputErrors, log } from "./output.ts";

const WRONG_USAGE = 2;

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
const program = new Command("natswire")
  .description("Publish, subscribe and send requests; print, check and replay the traffic of NATS connections.")
  .version(version)
  .showHelpAfterError("(add --help to list the options)")
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(redactArguments(text, process.argv)) })
  .addHelpText(
    "after",
    `
Exit codes: 0 success, 1 failed check or error, 2 wrong usage.
Output to a terminal has colours unless NO_COLOR is set.

Examples:
  $ natswire sub 'orders.>' --server nats://localhost:4222
  $ natswire tap --listen 4223 --upstream nats://localhost:4222`,
  );
for (const command of [pub, sub, req, reply, rtt, bench, tap, decode, play, serve, demo]) command(program);

handleOutputErrors();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
  else if (error instanceof Failure) {
    for (const line of error.message.split("\n")) log(visible(line));
    process.exitCode = 1;
  } else throw error;
}
