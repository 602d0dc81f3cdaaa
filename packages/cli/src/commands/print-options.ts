// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { subjectPatterns, verbs } from "../arguments.ts";

/** Adds the options of a command that prints frames. */
export function addPrintOptions(command: Command): Command {
  return command
    .option(
      "--subject <pattern>",
      "print only frames whose subject matches, like 'orders.>'; repeatable",
      subjectPatterns,
    )
    .option("--verb <verbs>", "print only frames with these verbs, like MSG,HMSG,PUB", verbs)
    .option("--json", "print one JSON object per line; payloads are text or base64")
    .option("--full", "print long frames whole")
    .option("--keep-credentials", "print and record passwords, tokens, keys and signatures");
}
