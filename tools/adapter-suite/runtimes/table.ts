// SPDX-License-Identifier: Apache-2.0
import { suite } from "../suite.ts";
import { lackedBy, type Player } from "./adapters.ts";
import type { Played } from "./run-all.ts";
import { type Kind, kinds } from "./servers.ts";

/** How an adapter did, by server and case. */
export type Results = ReadonlyMap<Player, ReadonlyMap<Kind, ReadonlyMap<string, Played>>>;

/** Why a case need not be: what the adapter, or the server, cannot do. */
export function excuse({ lacks, door }: Player, kind: Kind, title: string, release?: string): string | undefined {
  return lacks[title] ?? lackedBy(kind, door, release)[title];
}

// Debian's: the table is of it, whichever the suite is played against.
const RELEASE = "2.9";

/** Cases as rows, adapters as columns; in each place the embedded server and then the real one. */
export function tableOf(results: Results): string {
  const players = [...results.keys()];
  const reasons: string[] = [];
  const mark = (player: Player, kind: Kind, title: string): string => {
    const reason = excuse(player, kind, title, RELEASE);
    if (reason === undefined) return results.get(player)?.get(kind)?.get(title)?.error === undefined ? "✓" : "✗";
    if (!reasons.includes(reason)) reasons.push(reason);
    return `–<sup>${reasons.indexOf(reason) + 1}</sup>`;
  };
  const rows = Object.keys(suite).map((title) => {
    const cells = players.map((player) => kinds.map((kind) => mark(player, kind, title)).join(" "));
    return `| ${[title, ...cells].join(" | ")} |`;
  });
  return [
    `| | ${players.map(({ title }) => title).join(" | ")} |`,
    `|---|${":-:|".repeat(players.length)}`,
    ...rows,
    "",
    ...reasons.map((reason, i) => `<sup>${i + 1}</sup> ${reason}${i < reasons.length - 1 ? "  " : ""}`),
  ].join("\n");
}
