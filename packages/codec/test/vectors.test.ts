// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { decodeHeaders, type Limits } from "../src/index.ts";
import { read } from "./reading.ts";
import { senders, type Transcript, transcripts } from "./transcript.ts";

const published = (name: string): string => fileURLToPath(new URL(`../vectors/${name}`, import.meta.url));
const casesOf = (name: string): Transcript[] =>
  transcripts(readFileSync(new URL(`./vectors/${name}.md`, import.meta.url), "utf8"));
const file = (description: string, cases: object[], limits?: Limits): string =>
  `${JSON.stringify({ $schema: "./schema.json", description, limits, cases }, null, 2)}\n`;

/** Tests that the JSON files contain the transcripts, for any language. `vitest run -u` writes the files. */
describe("Published vectors", () => {
  it.each(senders)("contain the transcripts in %s-frames.json", async (from, grammarOf) => {
    const cases = casesOf(`${from}-frames`).map(({ title, rule, limits, route, input }) => {
      const { frames, fault, rest } = read([input], grammarOf(route), limits);
      return { name: title, rule, limits, route, input: text(input), frames: frames.map(plain), fault, rest };
    });
    const isLink = !["server", "client"].includes(from);
    const description = isLink ? `Frames of a ${from} connection, in both directions.` : `Frames that a ${from} sends.`;
    await expect(file(description, cases, grammarOf().limits)).toMatchFileSnapshot(published(`${from}-frames.json`));
  });

  it("contain the transcripts in headers.json", async () => {
    const cases = casesOf("headers").map(({ title, rule, input }) => {
      const headers = decodeHeaders(input);
      if (headers === undefined) return { name: title, rule, input: text(input), malformed: true };
      const { status, description, skipped } = headers;
      return {
        name: title,
        rule,
        input: text(input),
        malformed: false,
        status,
        description,
        entries: [...headers],
        skipped,
      };
    });
    await expect(file("Header blocks.", cases)).toMatchFileSnapshot(published("headers.json"));
  });

  it("follow their schema", () => {
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(
      JSON.parse(readFileSync(published("schema.json"), "utf8")),
    );
    for (const name of [...senders.map(([from]) => `${from}-frames`), "headers", "jetstream"]) {
      validate(JSON.parse(readFileSync(published(`${name}.json`), "utf8")));
      expect(validate.errors).toBeNull();
    }
    expect(validate({ $schema: "./schema.json", description: "", cases: [{ name: "no input" }] })).toBe(false);
  });

  it("name both rules, and the default limits", () => {
    const { limits, cases } = JSON.parse(readFileSync(published("server-frames.json"), "utf8"));
    expect(limits).toEqual({ line: 65_536, info: 1_048_576, payload: 67_108_864, strictLineEnd: false });
    const rules = new Map(cases.map(({ name, rule }: Record<string, string>) => [name!.slice(0, 4), rule]));
    // How many digits a sid has is open; that a size has no sign is not.
    expect([rules.get("S14 "), rules.get("S209")]).toEqual(["must", "choice"]);
  });

  it("pass in the runner", () => {
    const run = (...args: string[]): string =>
      execFileSync(process.execPath, [published("run.mjs"), ...args], { encoding: "utf8" });
    const passed = senders.map(([from]) => {
      const count = casesOf(`${from}-frames`).length;
      return `${from}-frames: ${count} of ${count}\n`;
    });
    expect(run()).toBe(passed.join(""));
  });
});

/** Replaces bytes by one character each, and a name or token that is not UTF-8 by an object with them. */
function plain(frame: unknown): unknown {
  return Object.fromEntries(Object.entries(frame as object).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return text(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "string" || !/[\udc80-\udcff]/.test(value)) return value;
  return { bytes: value.replace(/[\udc80-\udcff]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xdc00)) };
}
