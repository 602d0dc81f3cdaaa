// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { resolveConfig, type SessionConfig } from "../src/config.ts";
import { connectInfo, decideTls, nonceOf, PLAINTEXT_CREDENTIALS, tlsPolicyFor } from "../src/handshake.ts";
import { parseAddress } from "../src/servers/address.ts";
import { TestSession } from "./test-session.ts";

const config = (given: Partial<SessionConfig> = {}): SessionConfig =>
  resolveConfig({ random: () => {}, servers: ["nats://a"], ...given });

describe("tlsPolicyFor", () => {
  it.each<[string, string, Partial<SessionConfig>, boolean, string]>([
    ["no credentials", "nats://a", {}, false, "opportunistic"],
    ["a tls:// URL", "tls://a", { tls: "never" }, false, "require"],
    ["an earlier TLS connection", "nats://a", { tls: "never" }, true, "require"],
    ["a policy", "nats://ann:pw@a", { tls: "never" }, false, "never"],
    ["credentials of the runtime", "nats://a", { hasCredentials: true }, false, "credentials"],
    ["a user", "nats://ann:pw@a", {}, false, "credentials"],
    ["a token", "nats://t0ken@a", {}, false, "credentials"],
    ["an empty user and password", "nats://:@a", {}, false, "opportunistic"],
    ["allowPlaintextCredentials", "nats://ann:pw@a", { allowPlaintextCredentials: true }, false, "opportunistic"],
    ["credentials for loopback", "nats://ann:pw@localhost", {}, false, "opportunistic"],
  ])("with %s, returns %s", (_, url, given, wasSecure, policy) => {
    expect(tlsPolicyFor(parseAddress(url), config(given), wasSecure)).toBe(policy);
  });
});

describe("decideTls", () => {
  const refused = (detail: string): unknown => ({ reason: "TLS", detail });
  it.each([
    [{}, "opportunistic", false],
    [{ tls_available: true }, "opportunistic", true],
    [{ tls_required: true }, "opportunistic", true],
    [{ tls_available: true }, "require", true],
    [{}, "require", refused("TLS is required, but the server does not offer it")],
    [{ tls_available: true }, "credentials", true],
    [{}, "credentials", refused(PLAINTEXT_CREDENTIALS)],
    [{}, "never", false],
    [{ tls_available: true }, "never", false],
    [{ tls_required: true }, "never", refused('the server requires TLS, but the option tls is "never"')],
  ] as const)("decides by INFO %j and the policy %s", (info, policy, decided) => {
    expect(decideTls(info, policy, "tcp")).toEqual(decided);
  });

  it("never starts TLS on a WebSocket, whatever INFO says", () => {
    for (const info of [{}, { tls_available: true }, { tls_required: true }]) {
      expect(decideTls(info, "opportunistic", "ws")).toBe(false);
      expect(decideTls(info, "never", "ws")).toBe(false);
      expect(decideTls(info, "require", "ws")).toEqual(refused("TLS is required: use wss://"));
      expect(decideTls(info, "credentials", "ws")).toEqual(refused(PLAINTEXT_CREDENTIALS));
    }
  });
});

describe("a nonce", () => {
  it("has 11 to 128 base64url characters, or is missing", () => {
    for (const nonce of [undefined, "a".repeat(11), "Z_-9".repeat(32)]) {
      expect(nonceOf(nonce === undefined ? {} : { nonce })).toBe(nonce);
    }
    for (const nonce of ["", "a".repeat(10), "a".repeat(129), `${"a".repeat(11)}\n`, `${"a".repeat(11)}=`]) {
      expect(nonceOf({ nonce })).toEqual({
        reason: "PROTOCOL",
        detail: "the nonce in INFO is not valid: it must be 11 to 128 characters of A-Z a-z 0-9 _ -",
      });
    }
  });
});

describe("CONNECT", () => {
  it("has the options given, and no field for the others", () => {
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
    expect(new TestSession().connect()).not.toContain("name");
  });
});
