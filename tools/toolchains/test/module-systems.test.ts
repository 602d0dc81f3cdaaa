// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve as serveWebSockets } from "../../../packages/node/src/websocket.ts";
import { packages } from "../../repo/packages.mjs";
import { installPackages, userEnv } from "../../testkit/installed-packages.ts";
import { type RuntimeName, runtime, runtimes } from "../../testkit/runtimes.ts";

const recipes = resolve(import.meta.dirname, "../recipes");
const guide = readFileSync(resolve(import.meta.dirname, "../../../docs/fuzzing.md"), "utf8");
/** What a user installs next to the packages. */
const tools = ["@babel", "@jest", "jest", "jest-29", "jest-environment-jsdom", "ts-jest", "ts-node", "typescript"];

const folder = mkdtempSync(join(realpathSync(tmpdir()), "natswire-modules-"));
const server = await serveWebSockets();

beforeAll(() => {
  installPackages(folder, { dependencies: { "fast-check": "4.10.2", "@types/node": "20.19.9" } });
  for (const name of tools) link(name);
  cpSync(recipes, folder, { recursive: true });
});

/** Links a package, or the packages of a scope, unless npm has installed it. */
function link(name: string): void {
  const [from, to] = [join(import.meta.dirname, "../node_modules", name), join(folder, "node_modules", name)];
  if (!existsSync(to)) symlinkSync(from, to);
  else if (name.startsWith("@") && !name.includes("/")) for (const one of readdirSync(from)) link(`${name}/${one}`);
}

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Every path that has a CommonJS file. */
const paths = packages().flatMap(({ name, manifest }) =>
  Object.entries(manifest.exports)
    .filter(([, exported]) => typeof exported === "object" && exported["require"] !== undefined)
    .map(([path]) => name + path.slice(1)),
);

async function run(args: readonly string[], where: RuntimeName = "node", cwd = folder) {
  const [program = "", ...options] = runtime(where).command;
  const env = { ...userEnv, NATS_URL: server.url };
  return promisify(execFile)(program, [...options, ...args], { cwd, env });
}

/** Runs Jest on a recipe; returns what it prints. */
async function runJest(recipe: string, version: "jest" | "jest-29" = "jest"): Promise<string> {
  const { stderr } = await run([`../node_modules/${version}/bin/jest.js`], "node", join(folder, recipe));
  return stderr;
}

describe("import and require of one package", () => {
  // Prints the exports that differ. The one that comes first decides what is loaded.
  const compare = `
    for (const name of Object.keys({ ...imported, ...required }))
      if (imported[name] !== required[name]) console.log(path, name);`;
  const programs = {
    "require.cjs": `for (const path of process.argv.slice(2)) {
      const required = require(path);
      import(path).then((imported) => {${compare} });
    }`,
    "import.mjs": `import { createRequire } from "node:module";
    const require = createRequire(import.meta.url);
    for (const path of process.argv.slice(2)) {
      const imported = await import(path);
      const required = require(path);${compare}
    }`,
  };
  const runs = runtimes.flatMap((where) => Object.keys(programs).map((file) => [where, file] as const));
  beforeAll(() => {
    for (const [file, code] of Object.entries(programs)) writeFileSync(join(folder, file), code);
  });

  it.concurrent.each(runs)("give the same classes in %s: %s", async (where, file) => {
    expect(paths.length).toBeGreaterThan(10);
    const own = where === "deno" || where === "bun" ? [`@natswire/${where}`] : [];
    expect(await run([file, ...paths, ...own], where)).toEqual({ stdout: "", stderr: "" });
  });
});

describe("the generators without fast-check", () => {
  it.concurrent.each(["import", "require"])("fail with the text that the fuzzing guide shows: %s", async (load) => {
    const bare = mkdtempSync(join(realpathSync(tmpdir()), "natswire-bare-"));
    cpSync(join(folder, "node_modules/@natswire/codec"), join(bare, "node_modules/@natswire/codec"), {
      recursive: true,
    });
    const [text = ""] = /Cannot find package '.*?'/.exec(guide) ?? [];
    await expect(run(["-e", `${load}("@natswire/codec/arbitrary")`], "node", bare)).rejects.toThrow(text);
    expect(text).toContain("fast-check");
    rmSync(bare, { recursive: true });
  });
});

describe("Jest", () => {
  it.concurrent.each(["jest-29", "jest"] as const)("passes a CommonJS test as it comes: %s", async (version) => {
    expect(await runJest("jest", version)).toContain("✓ accepts an order");
  });

  it.concurrent.each([
    ["babel-jest", "✓ accepts an order"],
    ["ts-jest", "✓ accepts an order"],
    ["jsdom", "✓ shows a greeting"],
  ])("passes the test of the recipe %s", async (recipe, line) => {
    expect(await runJest(recipe)).toContain(line);
  });

  it.concurrent("names @natswire/websocket if a test in jsdom requires @natswire/node", async () => {
    cpSync(join(recipes, "jsdom"), join(folder, "jsdom-node"), { recursive: true });
    writeFileSync(join(folder, "jsdom-node/greeting.test.js"), 'require("@natswire/node");');
    const output = runJest("jsdom-node");
    await expect(output).rejects.toMatchObject({ stderr: expect.stringContaining("use @natswire/websocket") });
  });

  it("has no static block, which React Native's Babel preset does not accept", () => {
    const dist = join(folder, "node_modules/@natswire/io/dist");
    const files = readdirSync(dist).filter((file) => /\.c?js$/.test(file));
    expect(files.filter((file) => /\bstatic ?\{/.test(readFileSync(join(dist, file), "utf8")))).toEqual([]);
    expect(files.length).toBeGreaterThan(5);
  });

  it("loads one copy of the CommonJS files of all packages", async () => {
    cpSync(join(recipes, "jest"), join(folder, "copies"), { recursive: true });
    // The subpath of nats-js exports what nats-core has, under names that natswire uses, too.
    const own = paths.filter((path) => path !== "@natswire/nats-js/node");
    const code = `
      const all = ${JSON.stringify(own)}.map((path) => [path, require(path)]);
      const [, node] = all.find(([path]) => path === "@natswire/node");
      test("one copy", () => {
        for (const [path, exported] of all)
          for (const name of Object.keys(exported))
            // Packages have functions of their own with these names.
            if (name in node && !/^(connect|serve|dial|listen|userAuthorizer)/.test(name)) expect([path, exported[name] === node[name]]).toEqual([path, true]);
        expect(all.filter(([, { UsageError }]) => UsageError === node.UsageError).length).toBeGreaterThan(3);
      });`;
    writeFileSync(join(folder, "copies/orders.test.js"), code);
    expect(await runJest("copies")).toContain("✓ one copy");
  });
});

describe("TypeScript", () => {
  const { CommonJS, ESNext, Node16, Node18, NodeNext } = ts.ModuleKind;
  const { Bundler, Node10 } = ts.ModuleResolutionKind;
  const imports = paths.map((path, i) => `import * as path${i} from "${path}";\nexport { path${i} };`).join("\n");
  const program = `${imports}
import { connect } from "@natswire/node";
// @ts-expect-error: not a promise of text.
const text: Promise<string> = connect();
export default text;
`;

  it.each([
    [
      "module commonjs, moduleResolution node10",
      { module: CommonJS, moduleResolution: Node10, ignoreDeprecations: "6.0" },
    ],
    ["module node16", { module: Node16 }],
    ["module node18", { module: Node18 }],
    ["module nodenext", { module: NodeNext }],
    ["module esnext, moduleResolution bundler", { module: ESNext, moduleResolution: Bundler }],
  ])("compiles every path in a CommonJS package: %s", (_, options) => {
    const file = join(folder, "program.ts");
    writeFileSync(file, program);
    const lib = ["lib.es2022.d.ts"];
    const typeRoots = [join(folder, "node_modules/@types")];
    const all = { ...options, lib, types: ["node"], typeRoots, strict: true, noEmit: true, skipLibCheck: false };
    const found = ts.getPreEmitDiagnostics(ts.createProgram([file], all));
    // The types of fast-check and nats-core are not ours. Those of nats-core need the DOM's, and have no `/internal` for node10.
    const errors = found
      .filter(({ file }) => !/\/(fast-check|@nats-io)\//.test(file?.fileName ?? ""))
      .filter(({ messageText }) => !JSON.stringify(messageText).includes("@nats-io/nats-core/internal"));
    expect(errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  });

  it.concurrent("runs the recipe ts-node", async () => {
    const args = ["../node_modules/ts-node/dist/bin.js", "hello.ts"];
    expect(await run(args, "node", join(folder, "ts-node"))).toEqual({ stdout: "hello, ann\n", stderr: "" });
  });
});
