// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve as serveWebSockets } from "../../../packages/node/src/websocket.ts";
import { installPackages, userEnv } from "../../testkit/installed-packages.ts";
import { type RuntimeName, runtime } from "../../testkit/runtimes.ts";
import { repository } from "../packages.mjs";
import { printedBy, snippetsIn } from "../snippets.mjs";

const root = resolve(import.meta.dirname, "../../..");
const everywhere: readonly RuntimeName[] = ["node", "node24", "deno", "bun"];

/** The runtimes that run the snippet of a package's README. */
const places: Readonly<Record<string, readonly RuntimeName[]>> = {
  bun: ["bun"],
  codec: everywhere,
  deno: ["deno"],
  fuzz: ["node", "node24"],
  io: everywhere,
  "jetstream-server": ["node", "node24"],
  "nats-js": everywhere,
  node: ["node", "node24"],
  server: everywhere,
  session: everywhere,
  websocket: ["node24", "deno", "bun"],
};
const names = [...Object.keys(places), "cli"];
const readmes = Object.fromEntries(names.map((name) => [name, pageOf(`packages/${name}/README.md`)]));

/** An empty folder, as a new user has it. */
const folder = mkdtempSync(join(tmpdir(), "natswire-installed-"));
const door = await serveWebSockets();

beforeAll(() => installPackages(folder, { type: "module" }));

afterAll(async () => {
  await door.close();
  rmSync(folder, { recursive: true });
});

function pageOf(path: string): { text: string; code: string; printed: string } {
  const text = readFileSync(join(root, path), "utf8");
  const code = /```(?:js|sh)\n([\s\S]*?)```/.exec(text)![1]!;
  return { text, code, printed: /```text\n([\s\S]*?)```/.exec(text)?.[1] ?? "" };
}

/** Returns the README's code, with the address of the running server. */
function snippet(name: string): string {
  const parts = readmes[name]!.code.split("ws://localhost:8080");
  expect(parts).toHaveLength(name === "websocket" ? 2 : 1);
  return parts.join(door.url);
}

/**
 * A program that exports the objects of a package, so that its declarations contain their types. Package managers such
 * as pnpm give a program only its own dependencies, so these declarations must not name another package.
 */
const exporting = `
import * as natswire from "THE_PACKAGE";
import type { Connection, Message, Server, ServerConnection, Status, Subscription, TranscriptEntry } from "THE_PACKAGE";
export const connection = (one: Connection) => ({ ...one });
export const status = (one: Status) => ({ ...one });
export const subscription = ({ sid, closed }: Subscription) => ({ sid, closed });
export const server = (one: Server) => ({ ...one });
export const peer = (one: ServerConnection) => ({ ...one });
export const entry = ({ frame, ...one }: TranscriptEntry) => one;
export const forward = (one: Connection, m: Message) =>
  one.publish("copy", m.payload, { headers: m.headers, reply: m.reply });
export const everything = { ...natswire };
`;

/** Returns the compiler's errors for programs and the declarations that they use. */
function errorsIn(files: readonly string[], more: ts.CompilerOptions, write?: ts.WriteFileCallback): readonly string[] {
  const options = { module: ts.ModuleKind.NodeNext, lib: ["lib.es2022.d.ts"], strict: true, ...more };
  const program = ts.createProgram(files, options);
  const { diagnostics } = program.emit(undefined, write ?? (() => {}));
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, "\n"),
  );
}

/** Runs code as a file of the folder; returns its output. */
async function run(file: string, code: string, where: RuntimeName): Promise<{ stdout: string; stderr: string }> {
  writeFileSync(join(folder, file), code);
  const [program = "", ...args] = runtime(where).command;
  return promisify(execFile)(program, [...args, file], { cwd: folder, env: userEnv });
}

it("has one snippet of at most 13 lines in each package's README", () => {
  expect(names.sort()).toEqual(readdirSync(join(root, "packages")).sort());
  for (const { text, code } of Object.values(readmes)) {
    expect(text.match(/```(?:js|sh)\n/g)).toHaveLength(1);
    expect(code.split("\n").filter((line) => line !== "").length).toBeLessThanOrEqual(13);
  }
});

it("links by absolute address to existing files in each package's README", () => {
  const links = names.flatMap((name) => [...readmes[name]!.text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to!));
  expect(links.filter((to) => !to.startsWith("https://"))).toEqual([]);
  const [, owner] = /^https:\/\/github\.com\/(.*)/.exec(repository())!;
  const file = new RegExp(
    `^https://(?:github\\.com/${owner}/(?:blob|tree)|raw\\.githubusercontent\\.com/${owner})/main/(.*)`,
  );
  const files = links.flatMap((to) => file.exec(to)?.[1] ?? []);
  expect(files.length).toBeGreaterThan(names.length);
  expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

describe("packages installed from their tarballs", () => {
  it("contain nothing from the repository's source", () => {
    for (const name of Object.keys(places)) {
      const manifest = readFileSync(join(folder, "node_modules/@natswire", name, "package.json"), "utf8");
      expect(manifest).not.toContain("workspace:");
      expect(existsSync(join(folder, "node_modules/@natswire", name, "src"))).toBe(false);
    }
  });

  it.concurrent.each(everywhere)("run the README's codec snippet in %s", async (where) => {
    const snippets = snippetsIn(readFileSync(join(root, "README.md"), "utf8"), "js");
    const code = snippets.find((code) => code.includes("@natswire/codec"))!;
    expect(await run(`first-${where}.mjs`, code, where)).toEqual({ stdout: printedBy(code), stderr: "" });
  });

  const runs = Object.entries(places).flatMap(([name, list]) => list.map((where) => [name, where] as const));
  it.concurrent.each(runs)("print the README's output for @natswire/%s in %s", async (name, where) => {
    const output = { stdout: readmes[name]!.printed, stderr: "" };
    expect(await run(`${name}-${where}.mjs`, snippet(name), where)).toEqual(output);
  });

  it.concurrent.each(["codec", "io", "websocket"])(
    "bundle @natswire/%s for a browser without Node's modules",
    async (name) => {
      const { outputFiles, warnings } = await build({
        stdin: { contents: snippet(name), resolveDir: folder },
        bundle: true,
        format: "esm",
        platform: "browser",
        write: false,
        logLevel: "silent",
      });
      expect(warnings).toEqual([]);
      const output = await run(`${name}-bundle.mjs`, outputFiles[0]!.text, "node24");
      expect(output).toEqual({ stdout: readmes[name]!.printed, stderr: "" });
    },
  );

  it("throw and name @natswire/websocket if a browser imports @natswire/node", async () => {
    const bundle = async (contents: string) => {
      const stdin = { contents, resolveDir: folder };
      const options = { bundle: true, format: "esm", write: false, metafile: true, logLevel: "silent" } as const;
      return build({ ...options, stdin, platform: "browser" });
    };
    for (const path of ["@natswire/node", "@natswire/node/websocket"]) {
      const { outputFiles, warnings } = await bundle(`import { serve } from "${path}"; console.log(serve);`);
      expect(warnings).toEqual([]);
      const output = run("browser-bundle.mjs", outputFiles[0]!.text, "node");
      await expect(output).rejects.toMatchObject({ stderr: expect.stringContaining("use @natswire/websocket") });
      // A bundler would report a missing name before the program runs.
      const { metafile } = await bundle(`export * from "${path}";`);
      const { stdout } = await run("names.mjs", `console.log(...Object.keys(await import("${path}")));`, "node");
      const { exports } = Object.values(metafile.outputs)[0]!;
      expect(
        stdout
          .trim()
          .split(" ")
          .filter((name) => !exports.includes(name)),
      ).toEqual([]);
    }
  });

  it("compile with skipLibCheck off and without runtime types", () => {
    // The types of nats-core, which nats-js returns, need those of a browser.
    const pure = Object.keys(places).filter((name) => !["node", "nats-js"].includes(name));
    const entries = pure.map((name) => join(folder, "node_modules/@natswire", name, "dist/index.d.ts"));
    expect(errorsIn(entries, { types: [] })).toEqual([]);
    const natsJs = join(folder, "node_modules/@natswire/nats-js/dist/index.d.ts");
    expect(errorsIn([natsJs], { types: [], lib: ["lib.es2022.d.ts", "lib.dom.d.ts"] })).toEqual([]);
  });

  it.each(["node", "bun", "deno"])("need only @natswire/%s for the types of an exporting program", (name) => {
    const file = join(folder, `exported-${name}.mts`);
    writeFileSync(file, exporting.replaceAll("THE_PACKAGE", `@natswire/${name}`));
    const types = { types: name === "node" ? ["node"] : [], typeRoots: [join(root, "node_modules/@types")] };
    let written = "";
    const write = (_: string, text: string): void => {
      written = text;
    };
    const strictest = { declaration: true, emitDeclarationOnly: true, exactOptionalPropertyTypes: true, ...types };
    expect(errorsIn([file], { ...strictest, skipLibCheck: true }, write)).toEqual([]);
    expect(written).toContain("stats: natswire.ConnectionStats");
    expect(written.match(/import\("[^"]*"\)/g)).toBeNull();
  });

  it.concurrent("print the output of natswire's README in a shell", async () => {
    const { stdout, stderr } = await promisify(execFile)("sh", ["-c", readmes["cli"]!.code], {
      cwd: folder,
      env: userEnv,
    });
    expect({ stdout, stderr }).toEqual({ stdout: readmes["cli"]!.printed, stderr: "" });
  });

  it.concurrent("print the package's version with npx natswire --version", async () => {
    const manifest = join(folder, "node_modules/natswire/package.json");
    const { version } = JSON.parse(readFileSync(manifest, "utf8"));
    const { stdout } = await promisify(execFile)("npx", ["--no-install", "natswire", "--version"], {
      cwd: folder,
      env: userEnv,
    });
    expect(stdout).toBe(`${version}\n`);
  });
});
