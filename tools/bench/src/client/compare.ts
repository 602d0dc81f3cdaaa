// SPDX-License-Identifier: Apache-2.0

import { type RuntimeName, runtime } from "../../../testkit/runtimes.ts";
import { gateOf } from "../gates.ts";
import { isJetStream, type Load, loads } from "./loads.ts";
import { natives } from "./natives.ts";
import { type Contestant, raceClients, type Standing, scripted } from "./race.ts";

/** The results of all contestants under a load on one runtime. */
export interface ClientRow {
  readonly load: string;
  readonly runtime: string;
  readonly standings: readonly Standing[];
  readonly gate: number | undefined;
}

// Another process may cause a low ratio: the best of up to three races counts.
const TRIES = 3;

/** The loads to race, the runtimes, and the number of rounds. */
export interface Choice {
  readonly words: readonly string[];
  readonly on: readonly RuntimeName[];
  readonly rounds: number;
  /** Whether to race only loads with a gate, only against the official client, in shorter rounds. */
  readonly isQuick: boolean;
}

/** Races the clients under each load whose name contains all words. */
export async function compareClients(
  { words, on, rounds, isQuick }: Choice,
  progress: (done: string) => void,
): Promise<ClientRow[]> {
  const chosen = loads.filter(({ name }) => words.every((word) => name.includes(word)));
  if (chosen.length === 0) throw new Error(`no load's name contains "${words.join(" ")}"`);
  const others = isQuick ? [] : natives((reason) => console.error(reason));
  const rows: ClientRow[] = [];
  for (const load of chosen) {
    for (const [i, name] of on.entries()) {
      const gate = gateOf(load.name, name);
      // Bun and Deno run only loads with a gate.
      if (gate === undefined && (isQuick || name === "bun" || name === "deno")) continue;
      const { command, version } = runtime(name);
      progress(`${load.name}, ${name} ${version}`);
      const onlyOfficial = isQuick || isJetStream(load.work);
      const contestants = [
        ...scripted(command, onlyOfficial ? ["official", "natswire"] : ["official", "natswire", "raw"]),
        ...(i === 0 && !onlyOfficial ? others : []),
      ];
      const shortened = isQuick ? { ...load, messages: load.messages / 4 } : load;
      const enough = gate !== undefined && isQuick ? gate / 2 : gate;
      const standings = await best(contestants, shortened, rounds, enough);
      rows.push({ load: load.name, runtime: `${name} ${version}`, gate, standings });
    }
  }
  return rows;
}

async function best(all: readonly Contestant[], load: Load, rounds: number, enough = 0): Promise<readonly Standing[]> {
  let found: readonly Standing[] | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const standings = await raceClients(all, load, rounds);
    if (found === undefined || ratioOf(standings) > ratioOf(found)) found = standings;
    if (ratioOf(found) >= enough) break;
  }
  return found!;
}

/** Returns the official client's CPU time relative to natswire's. */
export function ratioOf(standings: readonly Standing[]): number {
  return standings.find(({ name }) => name === "natswire")!.ratio;
}

/** Returns the rows below `part` of their gate. */
export function missed(rows: readonly ClientRow[], part: number): ClientRow[] {
  return rows.filter(({ standings, gate }) => gate !== undefined && ratioOf(standings) < gate * part);
}
