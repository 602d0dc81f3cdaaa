// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { clientFrames, decodeHeaders, type Grammar, type Limits, serverFrames } from "../src/index.ts";
import { read } from "./reading.ts";
import { type Transcript, transcripts } from "./transcript.ts";

const published = (name: string): string => fileURLToPath(new URL(`../vectors/${name}`, import.meta.url));
const casesOf = (name: string): Transcript[] =>
  transcripts(readFileSync(new URL(`./vectors/${name}.md`, import.meta.url), "utf8"));
const file = (description: string, cases: object[], limits?: Limits): string =>
  `${JSON.stringify({ $schema: "./schema.json", description, limits, cases }, null, 2)}\n`;

/** Tests that the JSON files contain the transcripts, for any language. `vitest run -u` writes the files. */
describe("Published vectors", () => {
  it.each([
    ["server-frames", serverFrames as Grammar<unknown>],
    ["client-frames", clientFrames as Grammar<unknown>],
  ])("contain the transcripts in %s.json", async (name, grammar) => {
    const cases = casesOf(name).map(({ title, rule, limits, input }) => {
      const { frames, fault, rest } = read([input], grammar, limits);
      return { name: title, rule, limits, input: text(input), frames: frames.map(plain), fault, rest };
    });
    const content = file(`Frames that a ${name.split("-")[0]} sends.`, cases, grammar.limits);
    await expect(content).toMatchFileSnapshot(published(`${name}.json`));
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
    for (const name of ["server-frames", "client-frames", "headers", "jetstream"]) {
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
    const counts = ["server-frames", "client-frames"].map((name) => casesOf(name).length);
    expect(run()).toBe(`server-frames: ${counts[0]} of ${counts[0]}\nclient-frames: ${counts[1]} of ${counts[1]}\n`);
  });
});

/** Replaces bytes by one character each, and a name or token that is not UTF-8 by an object with them. */
function plain(frame: unknown): object {
  const fields = Object.entries(frame as object).map(([name, value]: [string, unknown]) => {
    if (value instanceof Uint8Array) return [name, text(value)];
    if (typeof value !== "string" || !/[\udc80-\udcff]/.test(value)) return [name, value];
    return [name, { bytes: value.replace(/[\udc80-\udcff]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xdc00)) }];
  });
  return Object.fromEntries(fields);
}
