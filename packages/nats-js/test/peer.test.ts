// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type NatsConnection, Nuid } from "@nats-io/nats-core";
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

  it("brings a package that asks for Node 22, and works in this version", () => {
    // If it no longer does, remove the sentence about EBADENGINE from docs/jetstream.md and the README.
    const nuid = createRequire(main)("@nats-io/nuid/package.json");
    expect([nuid.engines.node, own.engines.node]).toEqual([">= 22.x", ">=20.19"]);
    expect(new Nuid().next()).toMatch(/^\w{22}$/);
    for (const page of ["../README.md", "../../../docs/jetstream.md"])
      expect(readFileSync(join(import.meta.dirname, page), "utf8")).toContain(
        "npm warns `EBADENGINE`: `@nats-io/nuid`",
      );
  });

  it("has the type that toNatsConnection returns", () => {
    expectTypeOf(toNatsConnection).toEqualTypeOf<(connection: Connection) => NatsConnection>();
  });
});
