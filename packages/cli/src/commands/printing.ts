// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { patterns, verbs } from "../arguments.ts";

/** The options of a command that prints frames. */
export function printing(command: Command): Command {
  return command
    .option(
      "--subject <pattern>",
      "only frames with such a subject, as 'orders.>'; may be given several times",
      patterns,
    )
    .option("--verb <verbs>", "only these verbs, as MSG,HMSG,PUB", verbs)
    .option("--json", "one JSON object a line, payloads as text or base64")
    .option("--full", "cut nothing, however long")
    .option("--keep-credentials", "show what CONNECT says of passwords, tokens, keys and signatures");
}
