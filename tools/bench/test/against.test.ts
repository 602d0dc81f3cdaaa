// SPDX-License-Identifier: Apache-2.0
import * as codec from "@natswire/codec";
import * as io from "@natswire/io";
import * as server from "@natswire/server";
import * as session from "@natswire/session";
import { describe, expect, it } from "vitest";
import { checkBuilds } from "../src/against/build.ts";
import { rows } from "../src/against/rows.ts";
import { type AgainstRow, report, slower } from "../src/against/verdict.ts";

const row = (name: string, ratio: number): AgainstRow => ({
  row: name,
  before: { name: "before", ns: 20, ratio: 1, low: 1, high: 1 },
  after: { name: "after", ns: 20 / ratio, ratio, low: ratio - 0.01, high: ratio + 0.01 },
});

describe("the verdict on two builds", () => {
  it("passes rows that are faster, equal or at most 5 % slower", () => {
    expect(slower([row("scan", 1.3), row("frame", 1), row("encode", 1 / 1.05)])).toEqual([]);
  });

  it("fails each row that is more than 5 % slower", () => {
    const failing = [row("frame", 1 / 1.051), row("publish", 0.5)];
    expect(slower([row("scan", 1), ...failing])).toEqual(failing);
  });

  it("lists the names of the slower rows in the report", () => {
    expect(report([row("scan", 1), row("frame", 0.8)]).split("\n")).toEqual([
      "| row | times as fast | before | after |",
      "|---|---:|---:|---:|",
      "| scan | **1.00x** 0.99–1.01 | 20.0 ns | 20.0 ns |",
      "| frame | **0.80x** (slower) 0.79–0.81 | 20.0 ns | 25.0 ns |",
      "",
      "1 of 2 rows more than 5 % slower",
      "  frame",
    ]);
  });
});

describe("the rows that compare two builds", () => {
  it("cover scan, frame, encode, publish, subscribe and fan-out", () => {
    const names = [...rows.keys()];
    for (const what of [
      "parse scan",
      "parse frame",
      "encode",
      "session publish",
      "session subscribe",
      "client publish",
      "client deliver",
      "server fan-out",
    ])
      expect(names.some((name) => name.startsWith(what))).toBe(true);
  });

  it.each([...rows.keys()])("does the same work in each run of %s", async (name) => {
    const { contestants, messages } = await rows.get(name)!({ codec, session, server, io });
    const sums = contestants.map(({ run }) => run());
    // Each message adds its size, its subject or its line.
    expect(sums.at(-1)).toBeGreaterThanOrEqual(messages * 16);
    expect(contestants.map(({ run }) => run())).toEqual(sums);
    expect(new Set(sums).size).toBe(1);
  });
});

describe("the check of two builds", () => {
  it("rejects a folder without a build", () => {
    expect(() => checkBuilds("/nowhere", "/nowhere")).toThrow(
      "/nowhere/packages/codec/dist/index.js is missing: install and build that checkout first",
    );
  });
});
