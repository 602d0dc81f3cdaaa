// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { checkConfig, defaults, type ServerConfig, ServerCore } from "../src/index.ts";
import { ServerHarness } from "./server-harness.ts";

const badField = (message: string): unknown => expect.objectContaining({ code: "BAD_FIELD", message });

const infinite = "a whole number or Infinity";
const payload = "a whole number of at most 999999999";
const port = "a whole number of at most 65535";

describe("an option", () => {
  it.each([
    ["maxPayload", 1.5, `${payload}, not 1.5`],
    ["maxPayload", "big", `${payload}, not "big"`],
    ["maxPayload", Number.POSITIVE_INFINITY, `${payload}, not Infinity`],
    ["maxPayload", 1_000_000_000, `${payload}, not 1000000000`],
    ["maxPending", -1, `${infinite}, not -1`],
    ["maxLine", Number.NaN, `${infinite}, not NaN`],
    ["pingInterval", [], `${infinite}, not an array`],
    ["port", 65_536, `${port}, not 65536`],
    ["port", "abc", `${port}, not "abc"`],
    ["host", 5, "a string, not 5"],
    ["host", null, "a string, not null"],
    ["serverName", {}, "a string, not an object"],
    ["authRequired", "yes", 'a boolean, not "yes"'],
    ["compat", "3", '"2.9" or "2.14", not "3"'],
    ["compat", 2.9, '"2.9" or "2.14", not 2.9'],
  ])("throws if it has an invalid value: %s %j", (name, value, text) => {
    const config = { random: () => {}, [name]: value } as unknown as ServerConfig;
    expect(() => new ServerCore(config)).toThrow(badField(`${name} must be ${text}`));
  });

  it("accepts its default, undefined, 0 and no limit", () => {
    checkConfig(defaults);
    checkConfig({});
    for (const [name, value] of Object.entries(defaults)) {
      checkConfig({ [name]: undefined });
      if (typeof value !== "number") continue;
      checkConfig({ [name]: 0 });
      if (name !== "port" && name !== "maxPayload") checkConfig({ [name]: Number.POSITIVE_INFINITY });
    }
    checkConfig({ compat: "2.9", port: 65_535, maxPayload: 999_999_999, serverName: "", authRequired: true });
  });

  it("limits maxLine to 32,768, so that relayed lines fit in 65,536", () => {
    const server = new ServerHarness({ maxLine: 200_000, maxSubject: 200_000 });
    const [subscriber, publisher] = [server.connect(), server.connect()];
    server.send(subscriber, `SUB > ${"1".repeat(32_000)}\r\n`);
    server.send(publisher, `PUB ${"a".repeat(32_000)} 0\r\n\r\n`);
    expect(server.read(subscriber).length).toBeGreaterThan(64_000);
    server.send(subscriber, `SUB > ${"1".repeat(33_000)}\r\n`);
    expect(server.closeReason(subscriber)).toBe("protocol");
  });
});
