// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { natswireFuzz, parserOf, written } from "./fuzz-process.ts";

const lowerCase = join(import.meta.dirname, "targets/lower-case.mjs");
const root = join(import.meta.dirname, "../../..");
const HANGS = "every call returns within 1 seconds";

describe("natswire-fuzz", () => {
  it("exits with 0 if a parser keeps all laws", async () => {
    const { code, output } = await natswireFuzz("--target", lowerCase, "--input", "PING\\r\\n", "--input", "MSG");
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/: 2 inputs in .*, 0 findings\n$/) });
  });

  it("shrinks a planted bug to one frame, and shows both results", async () => {
    const args = ["--inputs", "2000", "--seed", "5", "--workers", "2", "--target", lowerCase];
    const { code, output, errors } = await natswireFuzz(...args);
    expect({ code, errors }).toEqual({ code: 1, errors: "" });
    const message =
      /finding \d of \d: what a correct peer sends is decoded \(msg, subject\), \d+ inputs\n([\s\S]*?)\n {2}again/;
    const [bytes, expected, parser] = message.exec(output)?.[1]?.split("\n") ?? [];
    expect(bytes).toMatch(/^ {2}bytes {9}"MSG [A-Z] \d a 0\\n\\r\\n"$/);
    expect(expected).toMatch(/^ {2}expected {6}msg subject="[A-Z]" sid=\d reply="a" payload=""$/);
    expect(parser).toMatch(/^ {2}parser {8}msg subject="[a-z]" sid=\d reply="a" payload=""$/);
  });

  it("prints a test file that fails in vitest until the bug is fixed", async () => {
    const { output } = await natswireFuzz("--inputs", "2000", "--seed", "5", "--workers", "1", "--target", lowerCase);
    const [, file = ""] = output.split("as a test file for vitest:\n\n");
    const folder = mkdtempSync(join(tmpdir(), "natswire-fuzz-pasted-"));
    try {
      mkdirSync(join(folder, "node_modules/@natswire"), { recursive: true });
      symlinkSync(join(root, "packages/codec"), join(folder, "node_modules/@natswire/codec"));
      symlinkSync(join(root, "node_modules/vitest"), join(folder, "node_modules/vitest"));
      writeFileSync(join(folder, "pasted.test.mjs"), file.replace(/from "[^"]*lower-case/, 'from "./lower-case'));
      const source = readFileSync(lowerCase, "utf8");
      writeFileSync(join(folder, "lower-case.mjs"), source);
      expect(await testsIn(folder)).toMatch(/^\d failed$/);
      writeFileSync(join(folder, "lower-case.mjs"), source.replace(".toLowerCase()", ""));
      expect(await testsIn(folder)).toMatch(/^\d passed$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ["the empty stream", "for (;;);"],
    ["a message", 'if (Buffer.concat(chunks).includes("MSG")) for (;;); return { frames: [] };'],
    ["the empty stream, with a promise", "return new Promise(() => {});"],
  ])("finds a parser that hangs for %s", async (_, body) => {
    const target = parserOf(body);
    const { code, output } = await natswireFuzz(
      "--target",
      target,
      "--timeout",
      "1",
      "--inputs",
      "500",
      "--workers",
      "1",
    );
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(HANGS) });
    expect(output).toMatch(/it had not returned after \d\.\d seconds, with these bytes in (one|\d+) chunks?/);
  });

  it("ends at --time if the parser hangs, with the finding", async () => {
    const { code, output, errors } = await natswireFuzz(
      "--target",
      parserOf("for (;;);"),
      "--time",
      "1",
      "--timeout",
      "60",
    );
    expect({ code, errors }).toEqual({ code: 1, errors: "" });
    expect(output).toContain("every call returns within 60 seconds");
    expect(Number(/ in (\d+\.\d) s,/.exec(output)?.[1])).toBeLessThan(30);
  });

  it.each([
    ["a promise of nothing", "return Promise.resolve();", "for an empty stream, the parser returned undefined"],
    ["its frames only", "return [];", "frames that are undefined, not an array"],
    [
      "operations in capitals",
      'return { frames: chunks.map(() => ({ op: "PING" })) };',
      '"PING"; a server sends info, msg',
    ],
    ["after process.exit()", "process.exit(0);", "it must not call process.exit()"],
  ])("refuses a parser that returns %s", async (_, body, message) => {
    const { code, errors } = await natswireFuzz("--target", parserOf(body), "--time", "20");
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringContaining(message) });
  });

  it("refuses a module that throws, or cannot be bundled", async () => {
    const throwing = await natswireFuzz("--target", parserOf("", 'throw new Error("no such key");'));
    expect(throwing).toMatchObject({ code: 2, errors: expect.stringContaining("no such key") });
    const broken = await natswireFuzz("--target", written("export default function (", "ts"));
    expect(broken).toMatchObject({ code: 2, errors: expect.stringContaining("cannot bundle") });
  });

  it.each([
    ["no target", [], "write --target FILE or --command COMMAND"],
    ["two targets", ["--target", "a", "--command", "b"], "not both"],
    ["a command without a sender", ["--command", "cat"], "--command needs --from server or --from client"],
    ["an unknown option", ["--tim", "5"], "(Did you mean --time?)"],
    ["a limit that does not exist", ["--limits", "lines=5"], '"lines=5" is not a limit'],
    ["a file that does not exist", ["--target", "./none.mjs"], 'the file "./none.mjs" does not exist'],
  ])("refuses %s", async (_, args, message) => {
    expect(await natswireFuzz(...args)).toMatchObject({ code: 2, errors: expect.stringContaining(message) });
  });
});

/** Runs vitest in a folder. Returns how many tests passed and failed. */
function testsIn(folder: string): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  const command = [join(root, "node_modules/vitest/vitest.mjs"), "run", "--root", folder];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      command,
      { cwd: folder, env: { ...env, NO_COLOR: "1", FORCE_COLOR: "" }, timeout: 60_000 },
      (_, output) => {
        resolve(/Tests {2}(.*?) \(/.exec(output)?.[1] ?? output);
      },
    );
  });
}
