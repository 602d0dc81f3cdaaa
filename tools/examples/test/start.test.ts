// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { serve } from "@natswire/node";
import { afterAll, expect, it } from "vitest";
import { freePort } from "../../testkit/free-port.ts";
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

it("sends its frames through the README's natswire tap", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../../../README.md"), "utf8");
  const [, line = ""] = /^\$ npx natswire (tap .*)$/m.exec(readme)!;
  const port = await freePort();
  const args = line.replace("4223", String(port)).replace("4222", String(server.port)).split(" ");
  const tap = spawn(process.execPath, [join(import.meta.dirname, "../../../packages/cli/dist/main.js"), ...args]);
  await once(tap.stderr, "data");
  const options = { cwd: folder, env: { ...process.env, NODE_OPTIONS: "" } };
  const { stdout } = await promisify(execFile)(process.execPath, ["node.mjs", `nats://127.0.0.1:${port}`], options);
  expect(stdout).toBe(printed);
  const frames: string[] = [];
  tap.stdout.setEncoding("utf8").on("data", (text: string) => frames.push(text));
  tap.kill("SIGINT");
  await once(tap, "close");
  expect(frames.join("")).toContain("1 -> PUB greet.all 8 | everyone\n");
});
