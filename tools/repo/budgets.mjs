// @ts-check
// The budgets of ARCHITECTURE.md: lines of a file, bytes of a bundle, docstrings.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import ts from "typescript";
import { packages, sources } from "./packages.mjs";

const adapters = /packages\/(node|deno|bun|websocket)\//;
const larger = /(scanner|encoder)\.ts$/;
/** What somebody imports, from which package, and how many KB it may weigh. @type {readonly [string, string, number][]} */
const bundles = [
  ["{ Decoder, serverFrames, Encoder }", "codec", 10.5],
  ["{ Decoder, clientFrames, Encoder }", "codec", 10.5],
  ["*", "codec", 13],
  ["*", "server", 18],
  ["*", "session", 20],
  ["*", "runtime", 43],
  ["{ connect }", "node", 28],
  ["{ serve }", "node", 23.5],
  ["*", "node", 43],
  ["{ connect }", "deno", 28],
  ["{ connect }", "bun", 28],
  ["{ connect }", "websocket", 27.5],
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

for (const [names, name, budget] of bundles) {
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from "./packages/${name}/dist/index.js"`, resolveDir: "." },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "node",
    logLevel: "error",
    write: false,
  });
  const size = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length / 1024;
  console.log(`${names} of ${name}: ${size.toFixed(1)} KB minified and gzipped, budget ${budget}`);
  if (size > budget) fault(`${names} of ${name} is above its budget`);
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
