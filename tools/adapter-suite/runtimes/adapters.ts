// SPDX-License-Identifier: Apache-2.0
import type { RuntimeName } from "../../testkit/runtimes.ts";
import type { Page } from "./chromium.ts";
import type { Door, Told } from "./environment.ts";
import type { Played } from "./run-all.ts";
import { playIn } from "./run-in.ts";
import { canBeginWithTls, type Kind } from "./servers.ts";

/** An adapter in a runtime: a column of the table. */
export interface Player {
  readonly title: string;
  readonly door: Door;
  play(told: Told): Promise<Played[]>;
  /** What it cannot do, and why: these cases are shown to fail. */
  readonly lacks: Readonly<Record<string, string>>;
}

/** Every adapter in its own runtime. */
export function playersWith(page: Page): readonly Player[] {
  return [
    // The oldest there is, and the table is of it, whichever the tests run on.
    inRuntime("node", "Node 20", "@natswire/node"),
    inRuntime("node24", "Node 24", "@natswire/node"),
    inRuntime("deno", "Deno 2.9", "@natswire/deno", {
      "speaks TLS with a certificate of its own": "`Deno.startTls` takes no certificate of the client's",
    }),
    inRuntime("bun", "Bun 1.4", "@natswire/bun"),
    {
      title: "Chromium",
      door: "websocket",
      play: (told) => page.play(told),
      lacks: {
        "speaks TLS with a certificate of its own": "a browser shows a certificate its user chose, and no program can",
        "says that it was the certificate": "a browser does not tell a page why a WebSocket failed",
      },
    },
  ];
}

/** What a server cannot do, and why. */
export function lackedBy(kind: Kind, door: Door, release?: string): Readonly<Record<string, string>> {
  if (door === "websocket" || canBeginWithTls(kind, release)) return {};
  return { "speaks TLS from the first byte": "nats-server can since 2.10.4" };
}

function inRuntime(name: RuntimeName, title: string, adapter: string, lacks: Player["lacks"] = {}): Player {
  return { title, door: "tcp", play: (told) => playIn(name, adapter, told), lacks };
}
