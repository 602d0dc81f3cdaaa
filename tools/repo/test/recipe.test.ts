// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import ts from "typescript";
import { afterAll, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
const recipe = /## Add a verb\n([\s\S]*?)\n## /.exec(page)![1]!.replaceAll(/^ {3}/gm, "");
const steps = [...recipe.matchAll(/^```diff\n--- (.*)\n([\s\S]*?)\n```$/gm)].map(
  ([, file, lines]) => [file!, lines!] as const,
);
const [, program] = /^```js\n([\s\S]*?)```$/m.exec(recipe)!;

// A copy of the codec, with the modules that its tests import.
const folder = mkdtempSync(join(tmpdir(), "natswire-recipe-"));
const copy = join(folder, "packages/codec");
const testkit = ["oracle", "latin1"].map((name) => `tools/testkit/${name}.ts`);
const parts = [...testkit, "packages/codec/src", "packages/codec/test", "packages/fuzz/src/latin1.ts"];
for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
writeFileSync(join(copy, "package.json"), '{ "type": "module" }\n');
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns the lines of a step before (without `+`) or after it (without `-`). */
function side(lines: string, other: "+" | "-"): string {
  const kept = lines.split("\n").filter((line) => !line.startsWith(other));
  return kept.map((line) => `${line.slice(1)}\n`).join("");
}

it.each(steps)("matches exactly one place in %s", (file, lines) => {
  const path = join(copy, file);
  const parts = readFileSync(path, "utf8").split(side(lines, "+"));
  expect(parts).toHaveLength(2);
  writeFileSync(path, parts.join(side(lines, "-")));
});

it("compiles the codec after all steps", () => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const all = ts.createProgram([join(copy, "src/index.ts"), join(copy, "src/arbitrary.ts")], options);
  const errors = ts
    .getPreEmitDiagnostics(all)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  expect(errors).toEqual([]);
});

it("passes its transcript and all others, with the oracle", async () => {
  const vitest = [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--root",
    copy,
    "--reporter",
    "verbose",
    "transcripts",
  ];
  const { stdout } = await promisify(execFile)(process.execPath, vitest, { env: { ...process.env, NO_COLOR: "1" } });
  const [, title] = /^\+### (.*)$/m.exec(recipe)!;
  expect(stdout).toContain(title);
});

it("decodes the new frame to what was encoded", async () => {
  const { outputFiles } = await build({
    stdin: { contents: program!, resolveDir: copy },
    alias: { "@natswire/codec": join(copy, "src/index.ts") },
    bundle: true,
    format: "esm",
    write: false,
  });
  const file = join(copy, "program.mjs");
  writeFileSync(file, outputFiles[0]!.text);
  const { stdout } = await promisify(execFile)(process.execPath, [file]);
  const [, printed] = /console\.log\(.*\/\/ (.*)/.exec(program!)!;
  expect(stdout).toBe(`${printed}\n`);
});
