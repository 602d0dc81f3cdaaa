// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { resolveConfig, type SessionConfig } from "../src/config.ts";
import { connectInfo, decideTls, nonceOf, tlsPolicyFor } from "../src/handshake.ts";
import { parseAddress } from "../src/servers/address.ts";

const config = (given: Partial<SessionConfig> = {}): SessionConfig =>
  resolveConfig({ random: () => {}, servers: ["nats://a"], ...given });

describe("what TLS is to a server", () => {
  it.each<[string, string, Partial<SessionConfig>, boolean, string]>([
    ["nothing to hide", "nats://a", {}, false, "opportunistic"],
    ["a URL that says so", "tls://a", { tls: "never" }, false, "require"],
    ["a connection that was in TLS before", "nats://a", { tls: "never" }, true, "require"],
    ["the policy that is set", "nats://ann:pw@a", { tls: "never" }, false, "never"],
    ["the runtime's credentials", "nats://a", { hasCredentials: true }, false, "require"],
    ["a name", "nats://ann:pw@a", {}, false, "require"],
    ["a token", "nats://t0ken@a", {}, false, "require"],
    ["credentials that may be seen", "nats://ann:pw@a", { allowPlaintextCredentials: true }, false, "opportunistic"],
    ["credentials for this machine", "nats://ann:pw@localhost", {}, false, "opportunistic"],
  ])("with %s, %s", (_, url, given, wasSecure, policy) => {
    expect(tlsPolicyFor(parseAddress(url), config(given), wasSecure)).toBe(policy);
  });
});

describe("whether to go on in TLS", () => {
  const refused = (detail: string): unknown => ({ reason: "TLS", detail });
  it.each([
    [{}, "opportunistic", false],
    [{ tls_available: true }, "opportunistic", true],
    [{ tls_required: true }, "opportunistic", true],
    [{ tls_available: true }, "require", true],
    [{}, "require", refused("TLS is required, and the server does not offer it")],
    [{}, "never", false],
    [{ tls_available: true }, "never", false],
    [{ tls_required: true }, "never", refused("the server requires TLS, and the session must not use it")],
  ] as const)("where the server says %j and the policy is %s", (info, policy, decided) => {
    expect(decideTls(info, policy, "tcp")).toEqual(decided);
  });

  it("a WebSocket that is not in TLS never goes on in it, whatever the server says to those who come by TCP", () => {
    for (const info of [{}, { tls_available: true }, { tls_required: true }]) {
      expect(decideTls(info, "opportunistic", "ws")).toBe(false);
      expect(decideTls(info, "never", "ws")).toBe(false);
      expect(decideTls(info, "require", "ws")).toEqual(refused("TLS is required: use wss://"));
    }
  });
});

describe("a nonce", () => {
  it("is 11 to 128 letters of base64url, or none", () => {
    for (const nonce of [undefined, "a".repeat(11), "Z_-9".repeat(32)]) {
      expect(nonceOf(nonce === undefined ? {} : { nonce })).toBe(nonce);
    }
    for (const nonce of ["", "a".repeat(10), "a".repeat(129), `${"a".repeat(11)}\n`, `${"a".repeat(11)}=`]) {
      expect(nonceOf({ nonce })).toEqual({ reason: "PROTOCOL", detail: "the server's nonce is no nonce" });
    }
  });
});

describe("CONNECT", () => {
  it("has what was given and nothing that was not", () => {
    expect(connectInfo(config({ noEcho: true, verbose: true, pedantic: true }), {}, { jwt: "j" }, true)).toEqual({
      verbose: true,
      pedantic: true,
      tls_required: true,
      echo: false,
      lang: "natswire",
      version: "0.0.0",
      protocol: 1,
      headers: false,
      no_responders: false,
      jwt: "j",
    });
    expect(Object.keys(connectInfo(config(), { headers: true }, {}, false))).not.toContain("name");
  });
});
