// SPDX-License-Identifier: Apache-2.0

/** A key that an object of a JSON text has twice. */
export interface Duplicate {
  readonly path: string;
  /** The line of the second one, from 1. */
  readonly line: number;
}

/** An object or an array that has begun, and where it is. */
interface Open {
  readonly path: string;
  /** The keys of the object until now; `undefined` in an array. */
  readonly keys: Set<string> | undefined;
  /** The key or the index of the present entry. */
  entry: string | number;
}

// A key with its colon, another string, or what structures the text.
const TOKEN = /("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\],]/g;

/**
 * Finds the first key that is given twice. `JSON.parse` and nats-server take the last one silently.
 *
 * @param json a valid JSON text
 */
export function findDuplicate(json: string): Duplicate | undefined {
  const open: Open[] = [];
  for (const { 0: token, 1: quoted, index } of json.matchAll(TOKEN)) {
    const within = open.at(-1);
    if (token === "{" || token === "[") {
      const path = within === undefined ? "" : pathOf(within);
      open.push({ path, keys: token === "{" ? new Set() : undefined, entry: 0 });
    } else if (token === "}" || token === "]") open.pop();
    else if (token === "," && typeof within?.entry === "number") within.entry++;
    else if (quoted !== undefined && within?.keys !== undefined) {
      within.entry = JSON.parse(quoted) as string;
      if (within.keys.has(within.entry)) return { path: pathOf(within), line: json.slice(0, index).split("\n").length };
      within.keys.add(within.entry);
    }
  }
  return undefined;
}

function pathOf({ path, entry }: Open): string {
  if (typeof entry === "number") return `${path}[${entry}]`;
  return path === "" ? entry : `${path}.${entry}`;
}
