// @ts-check
// Compares the public API of each package with its report in tools/repo/api: every export of every subpath, with its
// signature in the built declarations. `--write` updates the reports.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import ts from "typescript";
import { packages } from "./packages.mjs";

const FOLDER = "tools/repo/api";
const typed = packages().map((one) => ({ ...one, entries: entriesOf(one) }));
const program = ts.createProgram(
  typed.flatMap(({ entries }) => entries.map(({ file }) => file)),
  {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    types: ["node"],
  },
);
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true, omitTrailingSemicolon: false });

mkdirSync(FOLDER, { recursive: true });
for (const one of typed) {
  if (one.entries.length === 0) continue;
  const file = join(FOLDER, `${one.folder.split(sep).at(-1)}.md`);
  const is = reportOf(one);
  if (process.argv.includes("--write")) writeFileSync(file, is);
  else compare(file, is);
}

/** @param {import("./packages.mjs").Package} one @returns {{ path: string, file: string }[]} */
function entriesOf({ name, folder, manifest }) {
  return Object.entries(manifest.exports).flatMap(([subpath, exported]) => {
    // Data has no signatures.
    if (typeof exported === "string" || exported["types"] === undefined) return [];
    return [{ path: name + subpath.slice(1), file: resolve(folder, exported["types"]) }];
  });
}

/** @param {(typeof typed)[number]} one */
function reportOf({ name, folder, entries }) {
  const own = resolve(folder, "dist") + sep;
  /** The subpath under which each declaration is printed. @type {Map<ts.Symbol, string>} */
  const printed = new Map();
  /** Declarations of this package that a signature refers to. @type {Set<ts.Symbol>} */
  const named = new Set();
  const parts = [
    `# ${name}\n\nWritten by \`node tools/repo/api.mjs --write\`. A change in this file is a change of the public API.\n`,
  ];
  for (const { path, file } of entries) {
    /** @type {Map<string, string[]>} */
    const elsewhere = new Map();
    const signatures = [];
    for (const exported of exportsOf(file)) {
      const symbol = original(exported);
      const from = printed.get(symbol) ?? homeOf(symbol, own);
      if (from !== undefined) elsewhere.set(from, [...(elsewhere.get(from) ?? []), exported.name]);
      else signatures.push(...signaturesOf(symbol, exported.name, named, own));
      if (from === undefined) printed.set(symbol, path);
    }
    parts.push(`## ${path}\n`);
    if (signatures.length > 0) parts.push(`\`\`\`ts\n${signatures.join("\n\n")}\n\`\`\`\n`);
    for (const [from, names] of elsewhere)
      parts.push(`From ${from}:\n\n${names.map((name) => `- ${name}\n`).join("")}`);
  }
  const hidden = [];
  // The loop also visits the symbols that it adds to the set.
  for (const symbol of named) if (!printed.has(symbol)) hidden.push(...signaturesOf(symbol, symbol.name, named, own));
  if (hidden.length > 0)
    parts.push(
      `## Not exported, but used in the signatures above\n\n\`\`\`ts\n${hidden.sort().join("\n\n")}\n\`\`\`\n`,
    );
  return parts.join("\n");
}

/** @param {string} file */
function exportsOf(file) {
  const module = program.getSourceFile(file);
  const symbol = module && checker.getSymbolAtLocation(module);
  if (symbol === undefined) throw new Error(`${file} is missing: run pnpm build first`);
  return checker.getExportsOfModule(symbol).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @param {ts.Symbol} symbol */
function original(symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Returns the package that declares a symbol, if it is another one. @param {ts.Symbol} symbol @param {string} own */
function homeOf(symbol, own) {
  const file = symbol.declarations?.[0]?.getSourceFile().fileName ?? "";
  if (file.startsWith(own)) return undefined;
  const [, dependency] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
  return dependency ?? typed.find(({ folder }) => file.startsWith(resolve(folder) + sep))?.name ?? file;
}

/** @param {ts.Symbol} symbol @param {string} name @param {Set<ts.Symbol>} named @param {string} own */
function signaturesOf(symbol, name, named, own) {
  return (symbol.declarations ?? []).map((declaration) => {
    const whole = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    collect(whole, named, own);
    const text = printer.printNode(ts.EmitHint.Unspecified, whole, whole.getSourceFile());
    return symbol.name === name ? text : `// as ${name}\n${text}`;
  });
}

/** @param {ts.Node} node @param {Set<ts.Symbol>} named @param {string} own */
function collect(node, named, own) {
  if (ts.isIdentifier(node)) {
    const symbol = checker.getSymbolAtLocation(node);
    const meant = symbol && original(symbol);
    const declaration = meant?.declarations?.[0];
    // A declaration at the top of a module, not a member or a parameter.
    const parent =
      declaration && (ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration).parent;
    if (meant && parent && ts.isSourceFile(parent) && parent.fileName.startsWith(own)) named.add(meant);
  }
  ts.forEachChild(node, (child) => collect(child, named, own));
}

/** @param {string} file @param {string} is */
function compare(file, is) {
  const was = readFileSync(file, "utf8");
  if (was === is) return;
  /** @param {string} one @param {string} other */
  const only = (one, other) => one.split("\n").filter((line) => !other.split("\n").includes(line));
  console.error(`${file}: the public API changed`);
  for (const line of only(was, is)) console.error(`- ${line}`);
  for (const line of only(is, was)) console.error(`+ ${line}`);
  console.error("if that is intended, run: node tools/repo/api.mjs --write");
  process.exitCode = 1;
}
