// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { serve } from "@natswire/node";
import { afterAll, expect, it } from "vitest";
import { type RuntimeName, runtime } from "../../testkit/runtimes.ts";

const folder = join(import.meta.dirname, "../start");
const docs = join(import.meta.dirname, "../../../docs");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const page = readFileSync(join(docs, "getting-started.md"), "utf8");
const [, printed] = /It prints\n\n```\n([\s\S]*?)```/.exec(page)!;

const server = await serve();
afterAll(() => server.close());

it("contains every snippet of docs/getting-started.md", () => {
  const programs = readdirSync(folder).map(read);
  const snippets = [...page.matchAll(/```(?:js|html)\n([\s\S]*?)```/g)].map(([, code]) => code!);
  expect(snippets.length).toBeGreaterThan(2);
  expect(snippets.filter((code) => !programs.some((program) => program.includes(code)))).toEqual([]);
});

it.each(["deno", "bun"])("differs from Node's program only in the import (%s)", (name) => {
  expect(read(`${name}.mjs`)).toBe(read("node.mjs").replace("@natswire/node", `@natswire/${name}`));
  expect(page).toContain(`import { connect } from "@natswire/${name}";`);
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
