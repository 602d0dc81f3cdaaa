// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificates } from "../../testkit/certificates.ts";
import { makeOperator } from "../../testkit/operator.ts";
import { repository } from "../packages.mjs";
import { printedBy, snippetsIn } from "../snippets.mjs";

const root = resolve(import.meta.dirname, "../../..");
const page = (name: string): string => readFileSync(join(root, name), "utf8");
const snippets = ["README.md", "docs/server.md"].flatMap((name) =>
  snippetsIn(page(name), "js").map((code, i) => [name, i + 1, code] as const),
);

/** Replaces every port by 4222: the server of a snippet listens on a free port. */
const withoutPorts = (text: string): string => text.replaceAll(/(?<=127\.0\.0\.1:)\d+/g, "4222");

let folder = "";

// A project with the built packages installed, not their source.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "natswire-readme-"));
  mkdirSync(join(folder, "node_modules/@natswire"), { recursive: true });
  symlinkSync(join(root, "packages/node"), join(folder, "node_modules/@natswire/node"));
  symlinkSync(join(root, "packages/io"), join(folder, "node_modules/@natswire/io"));
  // A copy: Deno treats the target of a link as part of the project, not as a package.
  for (const part of ["package.json", "dist"]) {
    cpSync(join(root, "packages/codec", part), join(folder, "node_modules/@natswire/codec", part), { recursive: true });
  }
  symlinkSync(join(root, "tools/examples/node_modules/@nats-io"), join(folder, "node_modules/@nats-io"));
  for (const name of ["fast-check", "vitest"])
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  const { server, remove } = makeCertificates();
  writeFileSync(join(folder, "cert.pem"), server.cert);
  const operator = makeOperator();
  writeFileSync(join(folder, "operator.jwt"), `${operator.jwt}\n`);
  writeFileSync(join(folder, "account.jwt"), `${operator.accountJwt}\n`);
  writeFileSync(join(folder, "key.pem"), server.key);
  remove();
  // Deno and npm recognize a project with installed modules by this file.
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("README.md", () => {
  it("has at most 150 lines", () => {
    expect(page("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });

  it("states the bundle sizes, to within a kilobyte", async () => {
    const [, ours, theirs] = /^\| `connect` for a browser.*\| about (\d+) KB +\| about (\d+) KB/m.exec(
      page("README.md"),
    )!;
    const websocket = join(root, "packages/websocket/dist/index.js");
    expect(
      Math.abs((await sizeOf(`export { connect } from ${JSON.stringify(websocket)}`)) - Number(ours)),
    ).toBeLessThan(1);
    const official = await sizeOf('export { wsconnect } from "@nats-io/nats-core"');
    expect(Math.abs(official - Number(theirs))).toBeLessThan(1);
  });

  it("states the CPU time per delivery of docs/results/server.json", () => {
    type Side = { readonly cpuPerDelivery: number };
    type Row = { readonly load: string; readonly ours: Side; readonly theirs: Side; readonly version: string };
    const { rows } = JSON.parse(page("docs/results/server.json")) as { rows: Row[] };
    const { ours, theirs, version } = rows.find(({ load }) => load === "10 subscribers, 16 B, 1 subject")!;
    const cells = /^\| CPU time to deliver 16 bytes to one of 10 subscribers .*$/m
      .exec(page("README.md"))![0]
      .split(/ *\| */);
    const ns = (side: Side): string => `${side.cpuPerDelivery.toFixed(0)} ns`;
    expect(cells.slice(2, 4)).toEqual([ns(ours), `${ns(theirs)} (${version})`]);
  });

  it("states the limits of the bundle sizes in its badges", () => {
    const budgets = page("tools/repo/budgets.mjs");
    for (const [badge, names] of [
      ["codec", '"{ Decoder, serverFrames, Encoder }", "codec"'],
      ["client", '"{ connect }", "websocket"'],
    ]) {
      const [, limit] = budgets.split(`[${names}, `)[1]!.match(/^([\d.]+)\]/)!;
      expect(page("README.md")).toContain(`badge/${badge}-%E2%89%A4_${limit}_KB-`);
    }
  });

  it("clones this repository in its first box, and installs what it packs", () => {
    const [box] = snippetsIn(page("README.md"), "sh");
    const name = repository().split("/").at(-1);
    expect(box).toContain(`git clone ${repository()}\n(cd ${name} && npm run pack)\n`);
    expect(box).toContain(`npm install ../${name}/packed/*.tgz\n`);
  });

  it("names this repository and its workflows in its badges", () => {
    const [, owner] = /^https:\/\/github\.com\/(.*)/.exec(repository())!;
    const places = [...page("README.md").matchAll(/(?:github\.com|actions\/workflow\/status)\/(natswire\/[^\s)]*)/g)];
    expect(places.length).toBeGreaterThan(4);
    for (const [, place] of places) expect(place).toMatch(new RegExp(`^${owner}(/|$)`));
    const workflows = [...page("README.md").matchAll(/[\w-]+\.yml/g)].map(([file]) => file);
    for (const file of workflows) expect(page(join(".github/workflows", file))).toContain("npm");
  });
});

/** Returns the size of a module for a browser, minified and gzipped, in KB of 1,024 bytes. */
async function sizeOf(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(root, "tools/bench") },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    write: false,
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length / 1024;
}

describe("a snippet", () => {
  it.each(snippets)("prints the output in its comments: %s (%i)", (_, __, code) => {
    writeFileSync(join(folder, "snippet.mjs"), code);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["snippet.mjs"], { cwd: folder, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(withoutPorts(stdout)).toBe(withoutPorts(printedBy(code)));
  });
});

const recipes = [
  ...readFileSync(join(root, "docs/fuzzing.md"), "utf8").matchAll(
    /^(\S+), `(laws[^`]*)`[^\n]*:\n\n```js\n([\s\S]*?)```/gm,
  ),
];
const runners: Readonly<Record<string, readonly string[]>> = {
  vitest: ["node", "node_modules/vitest/vitest.mjs", "run", "--root", "."],
  "node:test": ["node", "--test"],
  Deno: ["npm", "exec", "--yes", "--package=deno@2.9.6", "--", "deno", "test", "--allow-all", "--quiet"],
};

it("has a recipe for each test runner in docs/fuzzing.md", () => {
  expect(recipes.map(([, runner]) => runner)).toEqual(Object.keys(runners));
});

it.each(recipes.map(([, runner, file, code]) => [runner!, file!, code!] as const))(
  "passes the recipe for %s",
  (runner, file, code) => {
    writeFileSync(join(folder, file), code);
    const [program = "", ...args] = runners[runner]!;
    const { status, stdout, stderr } = spawnSync(program, [...args, file], { cwd: folder, encoding: "utf8" });
    expect({ status, output: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, output: "" });
  },
);
