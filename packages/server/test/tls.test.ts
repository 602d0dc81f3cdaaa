// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { ServerConfig, TlsOffer } from "../src/index.ts";
import { ServerHarness } from "./server-harness.ts";

/** Returns the TLS fields of the first INFO, and whether the connection starts TLS. */
function greeting(tls: TlsOffer | undefined, config: Partial<ServerConfig> = {}): { info: object; starts: boolean } {
  const server = new ServerHarness(config);
  const peer = server.core.opened(0, tls);
  const [line = ""] = server.read(peer).split("\r\n");
  const flags = Object.entries(JSON.parse(line.slice("INFO ".length))).filter(([name]) => name.startsWith("tls"));
  return { info: Object.fromEntries(flags), starts: server.tlsStarted.has(peer) };
}

describe("a TLS offer", () => {
  it.each([
    [undefined, {}, false],
    [{ when: "required", verify: false }, { tls_required: true }, true],
    [{ when: "required", verify: true }, { tls_required: true, tls_verify: true }, true],
    [{ when: "available", verify: false }, { tls_available: true }, true],
    [{ when: "first", verify: false }, { tls_required: true }, false],
  ] as const)("%j is announced as %j (starts TLS: %s)", (tls, info, starts) => {
    expect(greeting(tls)).toEqual({ info, starts });
  });

  it("starts no TLS for a rejected connection", () => {
    expect(greeting({ when: "required", verify: false }, { maxConnections: 0 }).starts).toBe(false);
  });

  it("is announced in a later INFO too", () => {
    const server = new ServerHarness();
    const peer = server.core.opened(0, { when: "required", verify: false });
    server.read(peer);
    server.exchange(peer, 'CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n');
    server.core.advertise(["a:1"], 0);
    expect(server.read(peer)).toContain('"tls_required":true');
  });
});
