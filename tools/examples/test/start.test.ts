// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { serve } from "@natswire/node";
import { afterAll, expect, it } from "vitest";
import { type RuntimeName, runtime } from "../../testkit/runtimes.ts";
import { readGuide, unquoted } from "./guide.ts";

const folder = join(import.meta.dirname, "../start");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const guide = readGuide("getting-started.md");
const printed = guide.programs[0]!.output;

const server = await serve();
afterAll(() => server.close());

it("quotes only code that the tests run in docs/getting-started.md", () => {
  const files = readdirSync(folder).map((file) => join(folder, file));
  expect(unquoted(guide, files)).toEqual([]);
  expect(read("node.mjs").endsWith(`\n${guide.programs[0]!.code}`)).toBe(true);
});

it.each(["deno", "bun"])("differs from Node's program only in the import (%s)", (name) => {
  expect(read(`${name}.mjs`)).toBe(read("node.mjs").replace("@natswire/node", `@natswire/${name}`));
  expect(guide.text).toContain(`import { connect } from "@natswire/${name}";`);
});

it.each([
  ["node.mjs", "node"],
  ["deno.mjs", "deno"],
  ["bun.mjs", "bun"],
] satisfies [string, RuntimeName][])("prints the guide's output in %s", async (file, name) => {
  const [command = "", ...args] = runtime(name).command;
  const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" };
  const ended = await promisify(execFile)(command, [...args, file, server.url], { cwd: folder, env });
  expect(ended).toEqual({ stdout: printed, stderr: "" });
});
