// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { packages } from "../packages.mjs";

const root = resolve(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "docs/support.md"), "utf8");

describe("docs/support.md", () => {
  it("states the nats-server releases of the last conformance runs", () => {
    const runs = readFileSync(join(root, "docs/results/conformance.md"), "utf8");
    const last = (which: string): string => runs.match(new RegExp(`(?<=\\| ${which}, )[\\d.]+`, "g"))!.at(-1)!;
    expect(page).toContain(`| ${last("Debian's")}, the release in Debian 12 |`);
    expect(page).toContain(`| the current release, ${last("the current")} in the [last run]`);
  });

  it("states the oldest Node of every package that names one", () => {
    const [, oldest] = /^\| Node \| ([\d.]+) and later \|/m.exec(page)!;
    const engines = packages().flatMap(({ manifest }) => (manifest.engines ? [manifest.engines.node] : []));
    expect(new Set(engines)).toEqual(new Set([`>=${oldest}`]));
  });
});
