// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { defaults } from "../../../packages/session/src/config.ts";

const root = resolve(import.meta.dirname, "../../..");
const page = (name: string): string => readFileSync(join(root, "docs", name), "utf8");

// The types of the two clients, and of the codec.
const ours = join(root, "packages/node/src/index.ts");
const codec = join(root, "packages/codec/src/index.ts");
// The real path, not the workspace's link, so that its imports are found.
const official = realpathSync(join(root, "tools/examples/node_modules/@nats-io/transport-node/lib/mod.d.ts"));
const program = ts.createProgram([ours, codec, official], {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ES2022,
  customConditions: ["@natswire/source"],
  allowImportingTsExtensions: true,
  noEmit: true,
  strict: true,
});
const checker = program.getTypeChecker();

/** Returns the export of a module with a name. */
function exported(file: string, name: string): ts.Symbol | undefined {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
  const symbol = checker.getExportsOfModule(module).find((one) => one.name === name);
  return symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

const typeOf = (file: string, name: string): ts.Type => checker.getDeclaredTypeOfSymbol(exported(file, name)!);
const property = (type: ts.Type, name: string): ts.Type =>
  checker.getNonNullableType(checker.getTypeOfSymbol(checker.getPropertyOfType(type, name)!));
const members = (type: ts.Type): string[] => checker.getPropertiesOfType(type).map(({ name }) => name);
const literals = (type: ts.Type): string[] =>
  (type.isUnion() ? type.types : [type]).map((one) => (one as ts.StringLiteralType).value);

/** Returns the tables of a page: their column titles, and the cells of their rows. */
function tables(text: string): { head: string[]; rows: string[][] }[] {
  const cells = (line: string): string[] =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  return [...text.matchAll(/^\|.*\n\|[-|:]+\n((?:\|.*\n)+)/gm)].map(([table, rows]) => ({
    head: cells(table.split("\n")[0]!),
    rows: rows!.trimEnd().split("\n").map(cells),
  }));
}

const bare = (cell: string): string => cell.replaceAll("`", "").replace(" (default)", "");

describe("docs/client.md", () => {
  const guide = page("client.md");
  const all = tables(guide);
  const first = (head: string, at = 0): string[] =>
    all.filter((table) => table.head[0] === head)[at]!.rows.map(([cell]) => bare(cell!));
  const subscription = typeOf(ours, "SubscriptionOptions");
  const many = typeOf(ours, "RequestManyOptions");

  it.each([
    ["option to connect", first("option"), members(typeOf(ours, "ConnectOptions"))],
    ["option to subscribe", first("option", 1), members(subscription)],
    ["option to publish", first("option", 2), members(typeOf(ours, "PublishOptions"))],
    ["option of a request", first("option", 3), members(typeOf(ours, "RequestOptions"))],
    ["option of a request for many replies", first("option", 4), members(many)],
    ["way to overflow", first("`overflow`"), literals(property(subscription, "overflow"))],
    ["strategy", first("`strategy`"), literals(property(many, "strategy"))],
    ["count", first("`client.stats`"), members(property(typeOf(ours, "Connection"), "stats"))],
  ])("has a row for each %s, and no other", (_, rows, names) => {
    expect([...rows].sort()).toEqual([...names].sort());
  });

  it("states the defaults", () => {
    expectDefaults(all.find(({ head }) => head[0] === "option")!.rows, Object.keys(defaults));
  });
});

describe("docs/reconnecting.md", () => {
  const all = tables(page("reconnecting.md"));

  it("has a row for each status, with its fields", () => {
    const statuses = (typeOf(ours, "Status") as ts.UnionType).types.map((one) => {
      const [type, ...more] = members(one);
      return [literals(property(one, type!))[0]!, more.join(", ")];
    });
    const rows = all.find(({ head }) => head[0] === "`type`")!.rows.map(([type, more]) => [bare(type!), bare(more!)]);
    expect(rows.sort()).toEqual(statuses.sort());
  });

  it("states the defaults of its options", () => {
    const { rows } = all.find(({ head }) => head[0] === "option")!;
    const named = rows.map(([name]) => bare(name!));
    expect(Object.keys(defaults)).toEqual(expect.arrayContaining(named));
    expectDefaults(rows, named);
  });
});

describe("docs/errors.md", () => {
  const all = tables(page("errors.md"));

  it.each([
    ["ConnectionError", "`code`", literals(typeOf(ours, "ConnectionErrorCode"))],
    ["UsageError", "UsageError", literals(typeOf(ours, "UsageErrorCode"))],
    ["ProtocolError", "ProtocolError", literals(typeOf(codec, "ProtocolErrorCode"))],
  ])("has a row for each code of a %s, and no other", (_, head, codes) => {
    const { rows } = all.find((table) => table.head[0] === head)!;
    expect(rows.map(([code]) => bare(code!)).sort()).toEqual([...codes].sort());
  });
});

/** Checks the column of defaults in a table of options, without their units. */
function expectDefaults(rows: readonly string[][], names: readonly string[]): void {
  const plain = (value: string): string =>
    bare(value)
      .replace(/(?<=\d) \w+$/, "")
      .replaceAll(",", "");
  const stated = Object.fromEntries(rows.map(([name, value]) => [bare(name!), plain(value!)]));
  for (const name of names) {
    const value = defaults[name as keyof typeof defaults];
    // hasCredentials and canResolve are derived; `tls` differs between Node and a session; the version changes with each release.
    if (name === "hasCredentials" || name === "canResolve" || name === "tls" || name === "version") continue;
    expect({ [name]: stated[name] }).toEqual({ [name]: value === undefined ? "" : String(value) });
  }
}

describe("docs/migrating.md", () => {
  const [names, options] = tables(page("migrating.md")).map(({ rows }) => rows);
  const spans = (rows: string[][], column: number): string[] =>
    rows.flatMap((row) => [...row[column]!.matchAll(/`([\w.]+)(?:\(\))?`/g)].map(([, name]) => name!));

  it.each([
    ["the official client", official, 0, { nc: "NatsConnection", sub: "Subscription", msg: "Msg" }],
    ["ours", ours, 1, { client: "Connection", subscription: "Subscription", message: "Message" }],
  ])("names only existing members of %s", (_, file, column, types: Record<string, string>) => {
    const found = spans(names!, column);
    expect(found.length).toBeGreaterThan(35);
    const missing = found.filter((name) => {
      const [of = "", member] = name.split(".");
      return member === undefined ? !exported(file, of) : !members(typeOf(file, types[of]!)).includes(member);
    });
    expect(missing).toEqual([]);
  });

  it("covers every member of the official client's main types", () => {
    const covered = spans(names!, 0);
    for (const [name, type] of [
      ["nc", "NatsConnection"],
      ["sub", "Subscription"],
      ["msg", "Msg"],
    ] as const) {
      const can = members(typeOf(official, type)).filter((member) => /^\w+$/.test(member) && !/^__/.test(member));
      expect(can.filter((member) => !covered.includes(`${name}.${member}`))).toEqual([]);
    }
  });

  it("covers every option of the official client", () => {
    expect(spans(options!, 0).sort()).toEqual(members(typeOf(official, "ConnectionOptions")).sort());
    const own = members(typeOf(ours, "ConnectOptions"));
    expect(spans(options!, 1).filter((name) => !own.includes(name))).toEqual([]);
  });
});

it.each(["getting-started", "client", "authentication", "reconnecting", "errors", "testing", "browser"])(
  "opens with a program and its output: docs/%s.md",
  (name) => {
    const [opening = ""] = page(`${name}.md`).split("\n## ");
    expect(opening).toMatch(/```[jt]s\nimport [\s\S]*```text\n/);
  },
);

const guides = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);

it("links to every guide in docs/README.md", () => {
  const index = page("README.md");
  expect(guides.filter((name) => name !== "docs/README.md" && !index.includes(`](${basename(name)})`))).toEqual([]);
});
