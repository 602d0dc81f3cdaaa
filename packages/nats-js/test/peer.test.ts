// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { NatsConnection } from "@nats-io/nats-core";
import type { Connection } from "@natswire/io/client";
import { describe, expect, expectTypeOf, it } from "vitest";
import { toNatsConnection } from "../src/index.ts";

const main = createRequire(import.meta.url).resolve("@nats-io/nats-core");
const installed = JSON.parse(readFileSync(join(dirname(main), "../package.json"), "utf8"));
const own = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8"));

describe("the peer dependency", () => {
  it("is tested at the minor version that its range begins with", () => {
    // The layer uses internals of nats-core: another minor version needs a run of all tests of this package.
    expect(installed.version).toMatch(/^3\.4\./);
    expect(own.peerDependencies).toEqual({ "@nats-io/nats-core": "^3.4.0" });
  });

  it("has the type that toNatsConnection returns", () => {
    expectTypeOf(toNatsConnection).toEqualTypeOf<(connection: Connection) => NatsConnection>();
  });
});
