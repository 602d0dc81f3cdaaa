#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { decode } from "./commands/decode.ts";
import { demo } from "./commands/demo.ts";
import { play } from "./commands/play.ts";
import { serve } from "./commands/serve.ts";
import { tap } from "./commands/tap.ts";
import { withoutUrlCredentials } from "./credentials.ts";
import { endWithOutput, Failure, tell } from "./output.ts";
import { visible } from "./words.ts";

const WRONG_USAGE = 2;

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
const program = new Command("natswire")
  .description("See, check and play what is said on NATS connections.")
  .version(version)
  .showHelpAfterError("(--help shows what there is)")
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(withoutUrlCredentials(text, process.argv)) })
  .addHelpText(
    "after",
    `
Exit codes: 0 all is well, 1 what was checked failed, 2 wrong usage.
NO_COLOR=1 turns colours off; in a pipe there are none.

Example:
  $ natswire tap --listen 4223 --upstream nats://localhost:4222`,
  );
for (const command of [tap, decode, play, serve, demo]) command(program);

endWithOutput();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
  else if (error instanceof Failure) {
    for (const line of error.message.split("\n")) tell(visible(line));
    process.exitCode = 1;
  } else throw error;
}
