// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { snippetsIn, withoutHead } from "../../repo/snippets.mjs";
import parse from "../fuzzing/parser.mjs";

const root = join(import.meta.dirname, "../../..");
const folder = join(root, "tools/examples/fuzzing");
const page = readFileSync(join(root, "docs/fuzzing.md"), "utf8");

/** Runs natswire-fuzz in the folder of the examples. */
function natswireFuzz(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const command = [join(root, "packages/fuzz/bin/natswire-fuzz.js"), ...args];
  const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" };
  return spawnSync(process.execPath, command, { cwd: folder, encoding: "utf8", env });
}

describe("docs/fuzzing.md", () => {
  it.each([
    ["js", "parser.mjs"],
    ["python", "python/bridge.py"],
  ])("quotes the program in %s whole", (language, file) => {
    const source = readFileSync(join(folder, file), "utf8").replace(/^(#.*\n)+/, "");
    expect(page).toContain(`\`\`\`${language}\n${withoutHead(source)}`);
  });

  it("shows the finding of the fuzzer in parser.mjs", () => {
    const [, options = "", shown = ""] = /\$ npx @natswire\/fuzz (.*)\n([\s\S]*?)```/.exec(page)!;
    const { stdout, status } = natswireFuzz(...options.split(" "));
    expect(status).toBe(1);
    // The speed differs from machine to machine.
    const plain = (text: string): string => text.replace(/ in \S+ s, \S+ a second/, "").trim();
    expect(plain(stdout)).toBe(plain(shown));
    const [, list = ""] = /const chunks = (\[.*\])\.map/.exec(shown)!;
    const chunks = (JSON.parse(list) as string[]).map((text) => new Uint8Array(Buffer.from(text, "latin1")));
    expect(parse(chunks)).not.toEqual(parse([new Uint8Array(Buffer.concat(chunks))]));
  });

  it("shows the lines that a program reads and writes", () => {
    const [, read = "", write = ""] = /-> (.*)\n<- (.*)\n/.exec(snippetsIn(page, "text").join(""))!;
    const { stdout } = spawnSync("python3", ["python/bridge.py"], {
      cwd: folder,
      encoding: "utf8",
      input: `${read}\n`,
    });
    const { frames } = JSON.parse(stdout);
    expect(frames).toMatchObject([{ op: "msg", subject: { bytes: "a" }, sid: 1, payload: "hello" }, { op: "ping" }]);
    expect(JSON.parse(write)).toMatchObject({
      frames: [{ op: "msg", subject: "a", payload: "hello" }, { op: "ping" }],
    });
  });
});

describe("The parser in Python", () => {
  const fuzz = (...args: readonly string[]) =>
    natswireFuzz("--command", "python3 python/bridge.py", "--from", "server", "--workers", "1", ...args);

  it("decodes a valid stream in any chunks", () => {
    const stream = "INFO {}\\r\\nHMSG \\xff 1 r 12 14\\r\\nNATS/1.0\\r\\n\\r\\nok\\r\\n+OK\\r\\n-ERR 'a'\\r\\n";
    expect(fuzz("--input", stream)).toMatchObject({ status: 0, stderr: "" });
  });

  it("has the findings that its shortcuts make", () => {
    const { status, stdout } = fuzz("--inputs", "150", "--seed", "8");
    expect(status).toBe(1);
    for (const place of ["msg, BAD_TRAILER", "msg, BAD_SID", "err, missing"]) expect(stdout).toContain(`(${place})`);
  });
});
