// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { Failure } from "../output.ts";
import type { Config } from "./config.ts";
import { findDuplicate } from "./duplicates.ts";
import { readText } from "./files.ts";
import { readKeys } from "./keys.ts";
import { checkRules } from "./rules.ts";
import { authorizerOf } from "./users.ts";

// A text that does not begin as JSON, or has a line with a comment or a bare key.
const OWN_FORMAT = /^\s*[^\s{["]|^[\s{]*(?:#|\/\/|[a-z_]\w*\s*[:={])/im;
const ADVICE = "if this is nats-server's own format, write JSON: keys and texts in quotes, commas, no comments";

/**
 * Reads the configuration of a server: a JSON file with nats-server's keys.
 *
 * @throws Failure that names the file and the key that is not valid; it never shows a secret
 */
export async function readConfig(file: string): Promise<Config> {
  // Some editors of Windows begin a file with a byte order mark.
  const json = readText(file).replace(/^\uFEFF/, "");
  const problem = problemOf(json);
  if (problem !== undefined) {
    const hint = OWN_FORMAT.test(json) ? `; ${ADVICE}` : "";
    throw new Failure(`${file}:${lineOf(problem, json)}: not valid JSON: ${problem}${hint}`);
  }
  const twin = findDuplicate(json);
  if (twin !== undefined) throw new Failure(`${file}:${twin.line}: ${twin.path} is given twice; remove one of them`);
  try {
    const config = readKeys(JSON.parse(json), "");
    checkRules(config);
    // Checks the users, so that an error names the file.
    await authorizerOf(config);
    return config;
  } catch (error) {
    if (error instanceof Failure || error instanceof UsageError) throw new Failure(`${file}: ${error.message}`);
    throw error;
  }
}

/** Returns why a text is not JSON, without the part of it that the parser quotes: it may be a secret. */
function problemOf(json: string): string | undefined {
  try {
    JSON.parse(json);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/, (\.{3})?".*$/s, "");
  }
}

/** Returns the line of a problem: up to there, the text has the same one. */
function lineOf(problem: string, json: string): number {
  const lines = json.split("\n");
  const isCut = problem.startsWith("Unexpected end");
  return isCut ? lines.length : 1 + lines.findIndex((_, i) => problemOf(lines.slice(0, i + 1).join("\n")) === problem);
}
