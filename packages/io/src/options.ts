// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { badField } from "./bad-field.ts";

/** Options of other clients, and of ours in other words. */
const aliases: Readonly<Record<string, string>> = {
  server: "servers",
  url: "servers",
  username: "user",
  password: "pass",
  authorizer: "authorize",
  reconnectDelayHandler: "reconnectDelay",
  reconnectJitter: "reconnectTimeWait",
};

/**
 * Checks that every option is known.
 *
 * @throws UsageError BAD_FIELD names the first unknown option, and the known one that is spelled most like it
 */
export function checkOptions(given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    const hint = meant === undefined ? `the options are ${[...known].sort().join(", ")}` : `did you mean "${meant}"?`;
    throw new UsageError("BAD_FIELD", `unknown option "${name}"; ${hint}`);
  }
}

/**
 * Checks that a function got no more arguments than it takes.
 *
 * @throws UsageError BAD_FIELD says how to call it
 */
export function checkNoMore(more: readonly unknown[], usage: string): void {
  if (more.length > 0) throw new UsageError("BAD_FIELD", `too many arguments; write ${usage}`);
}

/**
 * Returns the options of `connect`, which takes a server's URL in place of them.
 *
 * @throws UsageError BAD_FIELD if they are neither
 */
export function optionsOf<Options extends object>(given: Options | string): Options {
  if (typeof given === "string") return { servers: given } as object as Options;
  if (Array.isArray(given)) throw new UsageError("BAD_FIELD", "several servers are an option; write { servers: […] }");
  if (typeof given !== "object" || given === null) throw badField("the options", "an object or a URL", given);
  return given;
}

/** Returns the known name that is spelled most like it, in any case; `undefined` if none is close. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const alias = aliases[name];
  if (alias !== undefined && known.includes(alias)) return alias;
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least && distance <= Math.max(2, candidate.length / 3) && distance < name.length)
      [found, least] = [candidate, distance];
  }
  return found;
}

/** Returns how many letters must be added, removed or changed to make one word of the other. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
