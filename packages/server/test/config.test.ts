// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { checkConfig, defaults, type ServerConfig, ServerCore } from "../src/index.ts";
import { ServerHarness } from "./server-harness.ts";

const said = (message: string): unknown => expect.objectContaining({ code: "BAD_FIELD", message });

it.each([
  ["maxPayload", 1.5, "a whole number, not 1.5"],
  ["maxPayload", "big", "a whole number, not big"],
  ["maxPayload", Number.POSITIVE_INFINITY, "a whole number, not Infinity"],
  ["maxPayload", 1_000_000_000, "a whole number, not 1000000000"],
  ["maxPending", -1, "a whole number, not -1"],
  ["maxLine", Number.NaN, "a whole number, not NaN"],
  ["pingInterval", [], "a whole number, not an object"],
  ["port", 65_536, "a whole number, not 65536"],
  ["port", "abc", "a whole number, not abc"],
  ["host", 5, "a string, not 5"],
  ["serverName", {}, "a string, not an object"],
  ["authRequired", "yes", "a boolean, not yes"],
  ["compat", "3", '"2.9" or "2.14", not 3'],
  ["compat", 2.9, '"2.9" or "2.14", not 2.9'],
])("an option that makes no sense is told: %s %j", (name, value, what) => {
  const config = { random: () => {}, [name]: value } as unknown as ServerConfig;
  expect(() => new ServerCore(config)).toThrow(said(`${name} must be ${what}`));
});

it("an option may have its default, no value, no limit, or none of anything", () => {
  checkConfig(defaults);
  checkConfig({});
  for (const [name, usual] of Object.entries(defaults)) {
    checkConfig({ [name]: undefined });
    if (typeof usual !== "number") continue;
    checkConfig({ [name]: 0 });
    if (name !== "port" && name !== "maxPayload") checkConfig({ [name]: Number.POSITIVE_INFINITY });
  }
  checkConfig({ compat: "2.9", port: 65_535, maxPayload: 999_999_999, serverName: "", authRequired: true });
});

it("a line may be no longer than clients can be sent, whatever the limit", () => {
  const server = new ServerHarness({ maxLine: 200_000, maxSubject: 200_000 });
  const [one, two] = [server.connect(), server.connect()];
  server.send(one, `SUB > ${"1".repeat(32_000)}\r\n`);
  server.send(two, `PUB ${"a".repeat(32_000)} 0\r\n\r\n`);
  expect(server.read(one).length).toBeGreaterThan(64_000);
  server.send(one, `SUB > ${"1".repeat(33_000)}\r\n`);
  expect(server.closeReason(one)).toBe("protocol");
});
