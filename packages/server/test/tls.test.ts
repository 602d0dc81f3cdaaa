// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { ServerConfig, TlsOffer } from "../src/index.ts";
import { ServerHarness } from "./server-harness.ts";

/** What a connection is greeted with, and who goes on in TLS. */
function greeting(tls: TlsOffer | undefined, config: Partial<ServerConfig> = {}): { info: object; starts: boolean } {
  const server = new ServerHarness(config);
  const peer = server.core.opened(0, tls);
  const [line = ""] = server.read(peer).split("\r\n");
  const flags = Object.entries(JSON.parse(line.slice("INFO ".length))).filter(([name]) => name.startsWith("tls"));
  return { info: Object.fromEntries(flags), starts: server.tlsStarted.has(peer) };
}

describe("INFO tells how to come to TLS, and what goes on in TLS does so behind it", () => {
  it.each([
    [undefined, {}, false],
    [{ when: "required", verify: false }, { tls_required: true }, true],
    [{ when: "required", verify: true }, { tls_required: true, tls_verify: true }, true],
    [{ when: "available", verify: false }, { tls_available: true }, true],
    [{ when: "first", verify: false }, { tls_required: true }, false],
  ] as const)("%j: %j, %s", (tls, info, starts) => {
    expect(greeting(tls)).toEqual({ info, starts });
  });
});

it("whoever is refused where it stands does not go on in TLS", () => {
  expect(greeting({ when: "required", verify: false }, { maxConnections: 0 }).starts).toBe(false);
});

it("a later INFO tells it too", () => {
  const server = new ServerHarness();
  const peer = server.core.opened(0, { when: "required", verify: false });
  server.read(peer);
  server.exchange(peer, 'CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n');
  server.core.advertise(["a:1"], 0);
  expect(server.read(peer)).toContain('"tls_required":true');
});
