// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeCertificates } from "../../testkit/certificates.ts";

const root = resolve(import.meta.dirname, "../../..");
const snippets = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```js\n([\s\S]*?)```/g)].map(
  ([, code]) => code!,
);

// What each prints, in the order of the README.
const printed = [
  'foo.bar 90 hello\nanswer with "PONG\\r\\n"\nUNKNOWN_VERB at byte 31\n',
  "1000 streams, no divergence\n",
  "yes\n",
  /^nats:\/\/127\.0\.0\.1:\d+\n$/,
  "me\n",
  /^tls:\/\/127\.0\.0\.1:\d+\n$/,
  /^nats:\/\/127\.0\.0\.1:\d+ ws:\/\/127\.0\.0\.1:\d+\n$/,
  /^nats:\/\/127\.0\.0\.1:\d+\n$/,
  "42\n",
];
let folder = "";

// A project that has the packages installed: as built, not as source.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "natswire-readme-"));
  mkdirSync(join(folder, "node_modules/@natswire"), { recursive: true });
  symlinkSync(join(root, "packages/node"), join(folder, "node_modules/@natswire/node"));
  symlinkSync(join(root, "packages/io"), join(folder, "node_modules/@natswire/io"));
  // A copy: Deno takes what a link leads to for a part of the project, not for a package.
  for (const part of ["package.json", "dist"]) {
    cpSync(join(root, "packages/codec", part), join(folder, "node_modules/@natswire/codec", part), { recursive: true });
  }
  symlinkSync(join(root, "tools/examples/node_modules/@nats-io"), join(folder, "node_modules/@nats-io"));
  for (const name of ["fast-check", "vitest"])
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  const { server, remove } = makeCertificates();
  writeFileSync(join(folder, "cert.pem"), server.cert);
  writeFileSync(join(folder, "key.pem"), server.key);
  remove();
  // What tells Deno and npm that this is a project with its modules installed.
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

it("the README has a snippet for each thing people do", () => {
  expect(snippets.length).toBe(printed.length);
});

it.each(snippets.map((code, i) => [/import .* from "(.*)"/.exec(code)?.[1], i, code] as const))(
  "the snippet that begins with %s (%i) runs as printed",
  (_, i, code) => {
    writeFileSync(join(folder, "snippet.mjs"), code);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["snippet.mjs"], { cwd: folder, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const wanted = printed[i]!;
    if (typeof wanted === "string") expect(stdout).toBe(wanted);
    else expect(stdout).toMatch(wanted);
  },
);

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

it("docs/fuzzing.md has a recipe for each runner", () => {
  expect(recipes.map(([, runner]) => runner)).toEqual(Object.keys(runners));
});

it.each(recipes.map(([, runner, file, code]) => [runner!, file!, code!] as const))(
  "the recipe for %s passes",
  (runner, file, code) => {
    writeFileSync(join(folder, file), code);
    const [program = "", ...args] = runners[runner]!;
    const { status, stdout, stderr } = spawnSync(program, [...args, file], { cwd: folder, encoding: "utf8" });
    expect({ status, said: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, said: "" });
  },
);

const examples = join(root, "tools/examples/testing");
/** Lines apart from their indentation: a snippet may stand deeper in its file. */
const lines = (code: string): string => code.trim().replaceAll(/\n[ \t]+/g, "\n");

it("each snippet of docs/testing.md stands in a file that the tests run", () => {
  const run = readdirSync(examples).map((file) => lines(readFileSync(join(examples, file), "utf8")));
  const guide = [...readFileSync(join(root, "docs/testing.md"), "utf8").matchAll(/```[jt]s\n([\s\S]*?)```/g)];
  expect(guide.length).toBeGreaterThan(30);
  expect(guide.map(([, code]) => code!).filter((code) => !run.some((file) => file.includes(lines(code))))).toEqual([]);
});

it("each link of docs/testing.md leads to one of its headings, or to a file", () => {
  const guide = readFileSync(join(root, "docs/testing.md"), "utf8");
  const headings = [...guide.matchAll(/^## (.*)$/gm)].map(
    ([, title]) => `#${title!.toLowerCase().replaceAll(" ", "-")}`,
  );
  const links = [...guide.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to!);
  expect(links.filter((to) => !headings.includes(to) && !existsSync(join(root, "docs", to)))).toEqual([]);
});
