// @ts-check
// The budgets of ARCHITECTURE.md: lines of a file, bytes of a bundle, names of the public surface, docstrings.
// `--write` accepts the surface as it is.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import ts from "typescript";
import { packages, sources } from "./packages.mjs";

const SURFACE = "tools/repo/surface.json";
const adapters = /packages\/(node|deno|bun|websocket)\//;
const larger = /(scanner|encoder)\.ts$/;
const bundles = [
  {
    what: "{ Decoder, serverFrames, Encoder }",
    budget: 9.5 * 1024,
    code: `export { Decoder, serverFrames, Encoder } from "./packages/codec/dist/index.js"`,
  },
  { what: "the whole codec", budget: 12 * 1024, code: `export * from "./packages/codec/dist/index.js"` },
  {
    what: "connect, in Node",
    budget: 27 * 1024,
    code: `export { connect } from "./packages/node/dist/index.js"`,
  },
  {
    what: "connect, in a browser",
    budget: 27 * 1024,
    code: `export { connect } from "./packages/websocket/dist/index.js"`,
  },
];
let failed = false;

for (const one of packages()) {
  for (const file of sources(one)) {
    const source = readFileSync(file, "utf8");
    const lines = countLines(source);
    const budget = larger.test(file) ? 450 : adapters.test(file) ? 120 : 250;
    if (lines > budget) fault(`${file}: ${lines} lines of code, budget ${budget}`);
    const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true);
    const index = basename(file) === "index.ts";
    for (const statement of tree.statements) {
      if (index && !ts.isExportDeclaration(statement)) fault(`${file}: an index re-exports and does nothing else`);
      if (isExported(statement) && ts.getJSDocCommentsAndTags(statement).length === 0) {
        fault(`${file}:${lineOf(tree, statement)}: exported without a docstring`);
      }
    }
  }
}

for (const { what, budget, code } of bundles) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: "." },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "node",
    logLevel: "error",
    write: false,
  });
  const size = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
  console.log(`${what}: ${size} bytes minified and gzipped, budget ${budget}`);
  if (size > budget) fault(`${what} is above its budget`);
}

const surface = Object.fromEntries(packages().flatMap(namesOf));
if (process.argv.includes("--write")) writeFileSync(SURFACE, `${JSON.stringify(surface, null, 2)}\n`);
else if (JSON.stringify(surface) !== JSON.stringify(JSON.parse(readFileSync(SURFACE, "utf8")))) {
  fault(
    `the public surface changed: look at it, then node tools/repo/budgets.mjs --write\n${JSON.stringify(surface, null, 2)}`,
  );
}
process.exitCode = failed ? 1 : 0;

/** @param {string} message */
function fault(message) {
  console.error(message);
  failed = true;
}

/** Lines that are neither blank nor comment. @param {string} source */
function countLines(source) {
  const bare = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return bare.split("\n").filter((line) => line.trim() !== "").length;
}

/** @param {ts.Statement} statement */
function isExported(statement) {
  return (
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
  );
}

/** @param {ts.SourceFile} tree @param {ts.Node} node */
function lineOf(tree, node) {
  return tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
}

/** Exported names per subpath, from the built declarations. @param {import("./packages.mjs").Package} one */
function namesOf({ name, folder, manifest }) {
  return Object.entries(manifest.exports).flatMap(([subpath, exported]) => {
    // Data has no names.
    if (typeof exported === "string") return [];
    const { types = "" } = exported;
    const file = `${folder}/${types.replace("./", "")}`;
    const program = ts.createProgram([file], {
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      module: ts.ModuleKind.ESNext,
    });
    const checker = program.getTypeChecker();
    const module = program.getSourceFile(file);
    const symbol = module && checker.getSymbolAtLocation(module);
    const names = symbol ? checker.getExportsOfModule(symbol).map((one) => one.name) : [];
    return [[name + subpath.slice(1), names.sort()]];
  });
}
