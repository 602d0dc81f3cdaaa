// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from "node:util";
import type { Transcript } from "./transcript.ts";

/**
 * Returns what a server does otherwise than was recorded, one line each: the step, the path to the value, and both values.
 *
 * The order of fields does not matter. If only one server answers with an error, the other fields are not compared. A step
 * that was recorded otherwise is a difference too.
 */
export function differencesOf(recorded: Transcript, played: Transcript): readonly string[] {
  return recorded.flatMap(({ do: step, got }, i) => {
    const other = played[i];
    const lines = [
      ...compare(step, JSON.parse(JSON.stringify(other?.do ?? null)), ""),
      ...compare(got, other?.got ?? {}, ""),
    ];
    return lines.map((line) => `step ${i + 1}${line}`);
  });
}

function compare(recorded: unknown, played: unknown, path: string): readonly string[] {
  if (isDeepStrictEqual(recorded, played)) return [];
  if (!isContainer(recorded) || !isContainer(played) || Array.isArray(recorded) !== Array.isArray(played))
    return [`${path}: recorded ${shown(recorded)}, played ${shown(played)}`];
  if ("error" in recorded !== "error" in played)
    return [`${path} error: recorded ${shown(recorded["error"])}, played ${shown(played["error"])}`];
  const keys = new Set([...Object.keys(recorded), ...Object.keys(played)]);
  return [...keys].flatMap((key) => compare(recorded[key], played[key], `${path} ${key}`));
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
