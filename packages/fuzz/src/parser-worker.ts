// SPDX-License-Identifier: Apache-2.0
import type { Limits } from "@natswire/codec";
import { CommandParser } from "./command.ts";
import { UnusableTarget } from "./finding.ts";
import type { Difference, Parser } from "./parser.ts";
import { parserTarget } from "./parser-laws.ts";
import type { Sender } from "./reading.ts";
import { report, work } from "./work.ts";

/** The parser that a worker fuzzes. */
export interface ParserData {
  /** The file URL of a module. */
  readonly module?: string | undefined;
  /** The command that runs a parser in another language. */
  readonly command?: string | undefined;
  /** In place of the module's own. */
  readonly from?: Sender | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** The places of differences that are intended, as findings name them. */
  readonly allow?: readonly string[] | undefined;
}

await work<ParserData>(async ({ module, command, from, limits, allow = [] }, monitor) => {
  const parser = command === undefined ? await imported(module!) : commandParser(command);
  const allowed = (difference: Difference): string | undefined =>
    allow.includes(difference.place) ? `--allow '${difference.place}'` : parser.allowed?.(difference);
  const exports = { ...parser, ...(from && { from }), ...(limits && { limits }), ...(allow.length > 0 && { allowed }) };
  return parserTarget(exports, (input, chunks) => monitor.begin(input, chunks));
});

async function imported(module: string): Promise<Partial<Parser>> {
  try {
    return (await import(module)) as Partial<Parser>;
  } catch (error) {
    throw new UnusableTarget(`the module throws when it is imported: ${(error as Error).stack ?? String(error)}`);
  }
}

function commandParser(command: string): Partial<Parser> {
  const parser = new CommandParser(command, (process) => report({ process }));
  return { default: (chunks) => parser.parse(chunks) };
}
