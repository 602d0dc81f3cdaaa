// SPDX-License-Identifier: Apache-2.0
import { type ServerKind, serverKinds } from "../../testkit/servers.ts";
import { suite } from "../suite.ts";
import { type Adapter, limitationsOf } from "./adapters.ts";
import type { CaseResult } from "./run-all.ts";

/** The results of each adapter, by server and title. */
export type Results = ReadonlyMap<Adapter, ReadonlyMap<ServerKind, ReadonlyMap<string, CaseResult>>>;

/** Returns why a case cannot pass: a limitation of the adapter or of the server; `undefined` if it must pass. */
export function limitationOf(
  { limitations, transport }: Adapter,
  kind: ServerKind,
  title: string,
  version?: string,
): string | undefined {
  return limitations[title] ?? limitationsOf(kind, transport, version)[title];
}

// The table is about Debian's nats-server, whichever one the suite runs against.
const VERSION = "2.9";

/** Returns a table of the cases by adapter. Each cell has the embedded server's result and the real one's. */
export function tableOf(results: Results): string {
  const adapters = [...results.keys()];
  const reasons: string[] = [];
  const mark = (adapter: Adapter, kind: ServerKind, title: string): string => {
    const reason = limitationOf(adapter, kind, title, VERSION);
    if (reason === undefined) return results.get(adapter)?.get(kind)?.get(title)?.error === undefined ? "✓" : "✗";
    if (!reasons.includes(reason)) reasons.push(reason);
    return `–<sup>${reasons.indexOf(reason) + 1}</sup>`;
  };
  const rows = Object.keys(suite).map((title) => {
    const cells = adapters.map((adapter) => serverKinds.map((kind) => mark(adapter, kind, title)).join(" "));
    return `| ${[title, ...cells].join(" | ")} |`;
  });
  return [
    `| | ${adapters.map(({ title }) => title).join(" | ")} |`,
    `|---|${":-:|".repeat(adapters.length)}`,
    ...rows,
    "",
    ...reasons.map((reason, i) => `<sup>${i + 1}</sup> ${reason}${i < reasons.length - 1 ? "  " : ""}`),
  ].join("\n");
}
