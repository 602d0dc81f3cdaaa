// @ts-check
// SPDX-License-Identifier: Apache-2.0
// npm run prove -- toolchains: installs each bundler of browser/ next to the packed packages, builds its page, opens it in
// Chromium, and writes the sizes to docs/results/toolchains.md. Then it runs the test of each folder of programs/.
//
//   node tools/toolchains/prove.mjs vite nest    only these two; writes nothing
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { nkeyAuthorizer } from "../../packages/node/dist/index.js";
import { serve } from "../../packages/node/dist/websocket.js";
import { launchChromium } from "../testkit/chromium.mjs";

const CACHE = resolve(".cache/toolchains");
const RESULTS = "docs/results/toolchains.md";
/** Most used first. */
const bundlers = ["vite", "webpack", "rollup", "esbuild", "next", "rspack", "parcel", "metro", "vite-7"];
/** The programs, and the folders with their files. */
const programs = new Map([
  ["nest", ["nest"]],
  ["nest-nats", ["nest-nats"]],
  ["nest-nats-11", ["nest-nats", "nest-nats-11"]],
  ["webpack-node", ["webpack-node"]],
]);
/** Texts of @natswire/server and of the server's part of @natswire/io, which minifiers keep. */
const serverTexts = ["received a second CONNECT", "this server keeps no transcript"];
const GREETING = "hello, ann";
// The worker of the Vite pages signs with this key; other pages have no credentials.
const nkey = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";

const selected = process.argv.slice(2);
const known = [...bundlers, ...programs.keys()];
for (const name of selected)
  if (!known.includes(name)) throw new Error(`unknown toolchain "${name}": choose from ${known.join(", ")}`);
for (const text of serverTexts)
  if (!["server", "io"].some((name) => codeIn(join("packages", name, "dist")).includes(text)))
    throw new Error(`the server does not contain "${text}"; choose another text of it`);

const tarballs = join(CACHE, "tarballs");
rmSync(tarballs, { recursive: true, force: true });
run(".", "pnpm", "-r", "--filter", "./packages/*", "pack", "--pack-destination", tarballs);
const signed = nkeyAuthorizer([{ nkey }]);
const server = await serve({ authorize: (user, ...more) => (user.nkey === undefined ? {} : signed(user, ...more)) });
const browser = await launchChromium();
/** @type {string[]} */
const rows = [];
try {
  for (const name of selected.length > 0 ? selected : known) {
    console.log(`── ${name}`);
    try {
      const folders = programs.get(name);
      if (folders === undefined) rows.push(await prove(name));
      else test(name, folders);
    } catch (error) {
      console.error(error);
      process.exitCode = 1;
    }
  }
} finally {
  await browser.close();
  await server.close();
}
console.log(rows.join("\n"));
if (selected.length === 0 && process.exitCode === undefined) write();

/** Builds and opens the page of a bundler. Returns its row of the table. @param {string} name */
async function prove(name) {
  const own = join("tools/toolchains/browser", name);
  const folder = install(name, ["tools/toolchains/browser/page", own], ["websocket", "node"]);
  const { scripts } = manifestOf(own);
  const small = await build(folder, "build", "dist");
  const whole = scripts["build:whole"] && (await build(folder, "build:whole", "whole"));
  const [tool = ""] = Object.keys({ ...manifestOf(own).devDependencies, ...manifestOf(own).dependencies }).filter(
    (one) => one === name.replace(/-\d+$/, "") || one === `@${name}/core`,
  );
  return `| ${tool} ${manifestOf(join(folder, "node_modules", tool)).version} | ${kilobytes(small)} | ${whole ? kilobytes(whole) : "–"} |`;
}

/** Runs the test of a program, which must not print a warning. @param {string} name @param {string[]} folders */
function test(name, folders) {
  const from = folders.map((folder) => join("tools/toolchains/programs", folder));
  const folder = install(name, from, folders.includes("nest-nats") ? ["node", "nats-js"] : ["node"]);
  const printed = run(folder, "npm", "test");
  if (/warning/i.test(printed)) throw new Error(printed);
}

/**
 * Installs a toolchain and the packed packages. What npm has installed before stays.
 *
 * @param {string} name
 * @param {string[]} from the folders with its files
 * @param {string[]} adapters
 * @returns {string} its folder
 */
function install(name, from, adapters) {
  const folder = join(CACHE, name);
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) if (file !== "node_modules") rmSync(join(folder, file), { recursive: true });
  rmSync(join(folder, "node_modules/@natswire"), { recursive: true, force: true });
  for (const one of from) cpSync(one, folder, { recursive: true });
  const packages = ["codec", "session", "server", "io", ...adapters];
  const files = packages.map((one) =>
    join(tarballs, `natswire-${one}-${manifestOf(join("packages", one)).version}.tgz`),
  );
  run(folder, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", ...files);
  return folder;
}

/** Runs a script and opens the page that it builds; returns the JavaScript that the page loads. @param {string} folder @param {string} script @param {string} output */
async function build(folder, script, output) {
  const printed = run(folder, "npm", "run", "--silent", script);
  if (/warn|\(!\)|annotation/i.test(printed)) console.warn(printed);
  const root = join(folder, output);
  if (!existsSync(join(root, "index.html"))) cpSync(join(folder, "index.html"), join(root, "index.html"));
  const code = codeIn(root);
  for (const text of serverTexts) if (code.includes(text)) throw new Error(`${root} contains the server: "${text}"`);
  // With one of these, the page could have two copies of a class.
  const [commonJs] = /@natswire\/\w+\/dist\/[\w-]+\.cjs/.exec(code) ?? [];
  if (commonJs !== undefined) throw new Error(`${root} contains the CommonJS file ${commonJs}`);
  return open(root);
}

/** Opens a page in Chromium and waits for its greeting. @param {string} root @returns {Promise<Buffer>} */
async function open(root) {
  const types = new Map([
    [".html", "text/html"],
    [".css", "text/css"],
  ]);
  /** @type {Buffer[]} */
  const loaded = [];
  const http = createServer(({ url = "" }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const file = join(root, pathname === "/" ? "index.html" : pathname);
    if (!existsSync(file)) return void response.writeHead(404).end();
    const body = readFileSync(file);
    const type = types.get(extname(file)) ?? "text/javascript";
    if (type === "text/javascript") loaded.push(body);
    response.setHeader("content-type", type).end(body);
  });
  await new Promise((listening) => http.listen(0, "127.0.0.1", () => listening(undefined)));
  const page = await browser.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
  try {
    await page.goto(`http://127.0.0.1:${port}/?server=${server.url}`);
    await page.getByText(GREETING).waitFor({ timeout: 20_000 });
    if (errors.length > 0) throw new Error(errors.join("\n"));
    return Buffer.concat(loaded);
  } catch (error) {
    throw new Error(`${root} shows no "${GREETING}": ${errors.join("\n")}`, { cause: error });
  } finally {
    await page.close();
    http.close();
  }
}

/** Returns the JavaScript below a folder. @param {string} folder */
function codeIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.m?js$/.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
}

/** @param {string} folder */
function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** @param {Buffer} code */
function kilobytes(code) {
  return (gzipSync(code, { level: 9 }).length / 1024).toFixed(1);
}

function write() {
  const page = readFileSync(RESULTS, "utf8");
  const table = `| bundler | production | unused code kept |\n|---|--:|--:|\n${rows.join("\n")}`;
  const line = `\`npm run prove -- toolchains\`, ${new Date().toISOString().slice(0, 10)}.`;
  const block = `<!-- toolchains -->\n${table}\n\n${line}\n<!-- /toolchains -->`;
  writeFileSync(RESULTS, page.replace(/<!-- toolchains -->[\s\S]*<!-- \/toolchains -->/, block));
}

/** Runs a program as in a user's terminal, without what npm and pnpm add. Returns its output. @param {string} cwd @param {string} program @param {string[]} args */
function run(cwd, program, ...args) {
  const own = Object.entries(process.env).filter(([name]) => !/^p?npm_|^NODE_/i.test(name));
  const env = { ...Object.fromEntries(own), NEXT_TELEMETRY_DISABLED: "1", CI: "1" };
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout + stderr;
}
