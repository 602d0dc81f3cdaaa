// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Responses } from "../../src/auth/responses.ts";
import type { Compat } from "../../src/config.ts";
import { ServerHarness } from "../server-harness.ts";

describe("responses", () => {
  it.each<[Compat, boolean[]]>([
    ["2.9", [true, false]],
    ["2.14", [false, false]],
  ])("are opened again by the same reply subject in 2.9 only (%s)", (compat, expected) => {
    const responses = new Responses({}, compat, () => 0);
    for (let i = 0; i < 2; i++) responses.open("in.1");
    expect([responses.take("in.1"), responses.take("in.1")]).toEqual(expected);
  });

  it("are open for exactly their time, and `max` messages", () => {
    let now = 0;
    const responses = new Responses({ max: 2, expires: 10 }, "2.14", () => now);
    responses.open("a");
    responses.open("b");
    now = 10;
    expect(["a", "a", "a", "c"].map((reply) => responses.take(reply))).toEqual([true, true, false, false]);
    now = 11;
    expect(responses.take("b")).toBe(false);
  });

  it("are still open at the end of their time if others are opened then", () => {
    let now = 0;
    const responses = new Responses({ expires: 10 }, "2.14", () => now);
    responses.open("a");
    now = 10;
    responses.open("b");
    expect(responses.take("a")).toBe(true);
  });

  it("are kept for 65,536 reply subjects, the latest ones", () => {
    const responses = new Responses({}, "2.14", () => 0);
    for (let i = 0; i <= 65_536; i++) responses.open(`in.${i}`);
    expect(["in.0", "in.1", "in.65536"].map((reply) => responses.take(reply))).toEqual([false, true, true]);
  });

  it("are permitted to the client that received the request only", () => {
    const server = new ServerHarness({ authRequired: true });
    const [a, b, asking] = [server.connect(), server.connect(), server.connect()];
    for (const peer of [a, b]) server.core.authorized(peer, { permissions: { allowResponses: { expires: 50 } } }, 0);
    server.core.authorized(asking, {}, 0);
    server.send(a, "SUB req 1\r\n");
    server.send(asking, "SUB in 1\r\nPUB req in 0\r\n\r\n");
    expect(server.exchange(b, "PUB in 0\r\n\r\n")).toBe(`-ERR 'Permissions Violation for Publish to "in"'\r\n`);
    expect(server.exchange(a, "PUB in 0\r\n\r\n")).toBe("MSG req 1 in 0\r\n\r\n");
    expect(server.read(asking)).toBe("MSG in 1 0\r\n\r\n");
    server.send(asking, "PUB req in 0\r\n\r\n");
    server.advance(51);
    expect(server.exchange(a, "PUB in 0\r\n\r\n")).toMatch(/^MSG req .*\r\n\r\n-ERR 'Permissions Violation/);
  });
});
