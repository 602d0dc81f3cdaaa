// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { transformSync } from "esbuild";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import { packages, sources } from "../../repo/packages.mjs";
import { printedBy } from "../../repo/snippets.mjs";

// Inside this package, so that the examples find its dependencies.
const FOLDER = resolve("tools/examples/node_modules/.docstrings");
const examples = packages().flatMap(sources).flatMap(examplesOf);

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const { file, source } of examples) writeFileSync(file, source);
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe("the examples in docstrings", () => {
  it("compile", () => {
    const config = ts.readConfigFile("tools/examples/tsconfig.json", ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, resolve("tools/examples"));
    const program = ts.createProgram(
      examples.map(({ file }) => file),
      { ...options, customConditions: ["@natswire/source"], noUnusedLocals: false },
    );
    const faults = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
      return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
    expect(faults).toEqual([]);
  });

  it("cover each package that people import", () => {
    const covered = new Set(examples.map(({ of }) => of));
    for (const name of ["codec", "session", "server", "io", "node"]) expect(covered).toContain(name);
    expect(examples.length).toBeGreaterThanOrEqual(25);
  });

  // Examples for other runtimes only compile here; they are the same programs as Node's.
  for (const { title, file, source } of examples.filter(({ of }) => !/^(bun|deno|websocket)$/.test(of))) {
    it(`of ${title} prints what its comments say`, () => {
      const program = file.replace(/\.ts$/, ".mjs");
      writeFileSync(program, transformSync(source, { loader: "ts", format: "esm", target: "node20" }).code);
      const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8", timeout: 20_000 });
      expect({ stdout, stderr }).toEqual({ stdout: printedBy(source), stderr: "" });
    });
  }
});

interface Example {
  /** The package's folder. */
  readonly of: string;
  readonly title: string;
  readonly file: string;
  readonly source: string;
}

function examplesOf(path: string): Example[] {
  const of = /packages\/(\w+)\//.exec(path)?.[1] ?? "";
  const blocks = [
    ...readFileSync(path, "utf8").matchAll(/^ *\* @example\s*\n *\* ```(?:ts|js)\n([\s\S]*?)^ *\* ```/gm),
  ];
  return blocks.map(([, block = ""], i) => {
    const source = block.replace(/^ *\* ?/gm, "");
    const title = `${path.replace(/^.*packages\//, "")}${blocks.length > 1 ? ` ${i + 1}` : ""}`;
    return { of, title, file: join(FOLDER, `${title.replace(/[^\w]+/g, "-")}.ts`), source };
  });
}
