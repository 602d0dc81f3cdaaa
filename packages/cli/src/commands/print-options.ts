// SPDX-License-Identifier: Apache-2.0
import { type Command, InvalidArgumentError, Option } from "commander";
import { numberAboveZero, subjectPatterns, verbs } from "../arguments.ts";
import { PROTOCOLS } from "../protocols.ts";

/** Adds the options of a command that prints frames. */
export function addPrintOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--protocol <name>", "protocol of the connections; auto detects it from INFO and CONNECT")
        .choices(PROTOCOLS)
        .default("auto"),
    )
    .option(
      "--subject <pattern>",
      "print only frames whose subject matches, like 'orders.>'; repeatable",
      subjectPatterns,
    )
    .option("--verb <verbs>", "print only frames with these verbs, like MSG,HMSG,PUB", verbs)
    .option("--connection <numbers>", "print only these connections, like 1,4", connections)
    .option("--name <text>", "print only connections whose name in CONNECT has this text")
    .option("--grep <expression>", "print only frames whose whole text matches", expression)
    .option("--no-ping", "do not print PING and PONG")
    .option("-c, --count <frames>", "exit after this number of printed frames", numberAboveZero)
    .addOption(
      new Option("--time <style>", "time since the start, since the line before, or of the day")
        .choices(["relative", "delta", "clock"])
        .default("relative"),
    )
    .option("--json", "print one JSON object per line; payloads are text or base64")
    .option("--pretty", "print payloads of JSON on several lines")
    .option("--full", "print long frames whole")
    .option("--keep-credentials", "print and record passwords, tokens, keys and signatures");
}

function connections(value: string, earlier: readonly number[] = []): readonly number[] {
  if (/^[1-9]\d*(,[1-9]\d*)*$/.test(value)) return [...earlier, ...value.split(",").map(Number)];
  throw new InvalidArgumentError("Write the numbers of connections, like 1,4.");
}

function expression(value: string): RegExp {
  try {
    return new RegExp(value, "u");
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}
