// SPDX-License-Identifier: Apache-2.0
import type { RuntimeName } from "../../testkit/runtimes.ts";
import { type ServerKind, supportsHandshakeFirst } from "../../testkit/servers.ts";
import type { Page } from "./chromium.ts";
import type { RemoteEnvironment, TransportKind } from "./environment.ts";
import type { CaseResult } from "./run-all.ts";
import { runIn } from "./run-in.ts";

/** An adapter in a runtime: a column of the table. */
export interface Adapter {
  readonly title: string;
  readonly transport: TransportKind;
  run(remote: RemoteEnvironment): Promise<CaseResult[]>;
  /** The cases it cannot pass, with the reason. The tests check that they fail. */
  readonly limitations: Readonly<Record<string, string>>;
}

/** Returns every adapter in its runtime. */
export function adaptersWith(page: Page): readonly Adapter[] {
  return [
    // The oldest supported Node, whichever one the tests run on.
    adapterIn("node", "Node 20", "@natswire/node"),
    adapterIn("node24", "Node 24", "@natswire/node"),
    adapterIn("deno", "Deno 2.9", "@natswire/deno", {
      "sends a client certificate": "`Deno.startTls` accepts no client certificate",
    }),
    adapterIn("bun", "Bun 1.4", "@natswire/bun"),
    {
      title: "Chromium",
      transport: "websocket",
      run: (remote) => page.run(remote),
      limitations: {
        "sends a client certificate": "a browser sends the certificate that its user chose; a page cannot choose one",
        "reports an untrusted certificate as a TLS error": "a browser does not tell a page why a WebSocket failed",
      },
    },
  ];
}

/** Returns the cases that a server cannot pass, with the reason. */
export function limitationsOf(
  kind: ServerKind,
  transport: TransportKind,
  version?: string,
): Readonly<Record<string, string>> {
  if (transport === "websocket" || supportsHandshakeFirst(kind, version)) return {};
  return { "uses TLS from the first byte (handshakeFirst)": "supported by nats-server since 2.10.4" };
}

function adapterIn(
  name: RuntimeName,
  title: string,
  adapter: string,
  limitations: Adapter["limitations"] = {},
): Adapter {
  return { title, transport: "tcp", run: (remote) => runIn(name, adapter, remote), limitations };
}
