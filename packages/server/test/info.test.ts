// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { ServerHarness } from "./server-harness.ts";

// The longest INFO line that is sent, without its line end.
const MAX_INFO = 1_048_576;
const later = 'CONNECT {"verbose":false,"protocol":1}\r\n';

/** Returns the INFO in what a client has received. */
function infoIn(text: string): Record<string, unknown> {
  return JSON.parse(/^INFO (.*)\r\n/m.exec(text)![1]!);
}

describe("INFO", () => {
  it.each([
    ["2.9", "2.9.10"],
    ["2.14", "2.14.0"],
  ] as const)("has these fields and no others at first (compat: %s)", (compat, version) => {
    const server = new ServerHarness({ compat, port: 4321 });
    const info = infoIn(server.read(server.core.opened(0)));
    expect(info).toEqual({
      server_id: expect.stringMatching(/^N[A-Z2-7]{55}$/),
      server_name: info["server_id"],
      version,
      proto: 1,
      go: "natswire",
      host: "127.0.0.1",
      port: 4321,
      headers: true,
      max_payload: 1_048_576,
      client_id: 1,
    });
  });

  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
    ["fe80::1%eth0", "fe80::1%eth0"],
  ])("has the client's IP address: %s", (address, expected) => {
    const server = new ServerHarness();
    const peer = server.core.opened(0, undefined, address);
    expect(infoIn(server.read(peer))).toMatchObject({ client_id: 1, client_ip: expected });
    expect(server.core.connection(peer)?.address).toBe(expected);
    const answer = server.exchange(peer, `${later}PING\r\n`);
    expect(infoIn(answer)).toMatchObject({ connect_info: true, client_ip: expected });
  });

  it("names the account after the first PONG only (compat: 2.14)", () => {
    const server = new ServerHarness({ compat: "2.14" });
    const peer = server.core.opened(0);
    const first = infoIn(server.read(peer));
    const answer = server.exchange(peer, `${later}PING\r\n`);
    expect(answer).toMatch(/^PONG\r\nINFO /);
    expect(infoIn(answer)).toEqual({ ...first, connect_info: true, remote_account: "$G" });
    expect(server.exchange(peer, "PING\r\n")).toBe("PONG\r\n");
    server.core.advertise(["a:1"], 0);
    expect(infoIn(server.read(peer))).toEqual({ ...first, connect_urls: ["a:1"] });
  });

  it("is sent after the first PONG only if it has changed (compat: 2.9)", () => {
    const server = new ServerHarness({ compat: "2.9" });
    const [before, after] = [server.core.opened(0), server.core.opened(0)];
    const first = infoIn(server.read(after));
    server.read(before);
    expect(server.exchange(before, `${later}PING\r\n`)).toBe("PONG\r\n");
    server.send(after, later);
    server.core.advertise(["a:1"], 0);
    const answer = server.exchange(after, "PING\r\n");
    expect(answer).toMatch(/^PONG\r\nINFO /);
    expect(infoIn(answer)).toEqual({ ...first, connect_urls: ["a:1"] });
  });

  it("has room for every field beside the longest advertised server list", () => {
    const server = new ServerHarness({ authRequired: true });
    const advertises = (length: number): boolean => {
      try {
        server.core.advertise(["x".repeat(length)], 0);
        return true;
      } catch {
        return false;
      }
    };
    let [accepted, rejected] = [MAX_INFO - 1000, MAX_INFO];
    while (rejected - accepted > 1) {
      const length = (accepted + rejected) >> 1;
      if (advertises(length)) accepted = length;
      else rejected = length;
    }
    expect(advertises(accepted)).toBe(true);
    server.core.lameDuck(1000, 1000, 0);
    const text = server.read(server.core.opened(0, { when: "available", verify: true }, "f".repeat(64)));
    expect(infoIn(text)).toMatchObject({
      client_id: 1,
      nonce: expect.any(String),
      tls_available: true,
      tls_verify: true,
      ldm: true,
    });
    // The rest is for an id of 16 digits.
    expect(MAX_INFO - text.trimEnd().length).toBe(15);
  });
});
