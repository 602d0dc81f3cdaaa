// @ts-check
// Checks the budgets of ARCHITECTURE.md: lines in a file, size of a bundle, a docstring for every export.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import ts from "typescript";
import { packages, sources } from "./packages.mjs";

const adapters = /packages\/(node|deno|bun|websocket)\//;
const larger = /(scanner|encoder)\.ts$/;
/** The imported names, the package, the limit in KB, and the subpath. @type {readonly [string, string, number, string?][]} */
const bundles = [
  ["{ Decoder, serverFrames, Encoder }", "codec", 11.4],
  ["{ Decoder, clientFrames, Encoder }", "codec", 11.4],
  ["*", "codec", 14.7],
  ["{ parseAckSubject, ack, nak, term, progress, statusOf, parsePubAck, pullRequest }", "codec", 3.6, "jetstream"],
  ["*", "codec", 7, "jetstream"],
  ["*", "codec", 6, "grammar"],
  ["*", "codec", 8, "cluster"],
  ["*", "codec", 14, "rewrite"],
  ["*", "server", 25.5],
  ["*", "jetstream-server", 37],
  ["*", "session", 24.6],
  ["*", "io", 64.9],
  ["{ connect }", "node", 37.6],
  ["{ serve }", "node", 35.4],
  ["*", "node", 68],
  ["{ connect }", "deno", 37.6],
  ["{ connect }", "bun", 37.6],
  ["{ connect }", "websocket", 37],
  ["*", "nats-js", 6.2],
  ["{ connect }", "nats-js", 43.1, "node"],
];
let failed = false;

for (const one of packages()) {
  for (const file of sources(one)) {
    const source = readFileSync(file, "utf8");
    const lines = countLines(source);
    const budget = larger.test(file) ? 500 : adapters.test(file) ? 120 : 250;
    if (lines > budget) fault(`${file}: ${lines} lines of code, limit ${budget}`);
    const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true);
    const index = basename(file) === "index.ts";
    for (const statement of tree.statements) {
      if (index && !ts.isExportDeclaration(statement)) fault(`${file}: an index file may only re-export`);
      if (
        isExported(statement) &&
        !isOverloaded(statement, tree) &&
        ts.getJSDocCommentsAndTags(statement).length === 0
      ) {
        fault(`${file}:${lineOf(tree, statement)}: export has no docstring`);
      }
    }
  }
}

for (const [names, name, budget, subpath] of bundles) {
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from "./packages/${name}/dist/${subpath ?? "index"}.js"`, resolveDir: "." },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "node",
    // Loaded only to compare a password with a bcrypt hash, or after a server failed to listen; and what the modules of nats.js
    // bring.
    external: ["bcryptjs", "./listen-errors-*.js", "@nats-io/nats-core"],
    logLevel: "error",
    write: false,
  });
  const size = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length / 1024;
  const from = subpath === undefined ? name : `${name}/${subpath}`;
  console.log(`${from} ${names}: ${size.toFixed(1)} KB minified and gzipped, limit ${budget} KB`);
  if (size > budget) fault(`${from} ${names} is larger than its limit of ${budget} KB`);
}

process.exitCode = failed ? 1 : 0;

/** @param {string} message */
function fault(message) {
  console.error(message);
  failed = true;
}

/** Counts the lines that are neither blank nor a comment. @param {string} source */
function countLines(source) {
  const bare = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return bare.split("\n").filter((line) => line.trim() !== "").length;
}

/** Returns whether a function implements overloads, which carry the docstring. @param {ts.Statement} statement @param {ts.SourceFile} tree */
function isOverloaded(statement, tree) {
  if (!ts.isFunctionDeclaration(statement) || statement.body === undefined) return false;
  return tree.statements.some(
    (other) => ts.isFunctionDeclaration(other) && other !== statement && other.name?.text === statement.name?.text,
  );
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
