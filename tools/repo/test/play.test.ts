// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const play = (file: string) =>
  promisify(execFile)(process.execPath, ["tools/repo/play.mjs", file], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: "" },
  });

it("runs the template on source and prints its frames (npm run play)", async () => {
  const { stdout, stderr } = await play("tools/examples/play.template.ts");
  expect(stderr).toBe("");
  expect(stdout).toMatch(/> PUB double \S+ 2␍␊21$/m);
  expect(stdout).toMatch(/^42$/m);
});

it("runs the command on source (npm run natswire)", async () => {
  const command = ["tools/launch/launch.mjs", "demo", "--fast", "--json"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: root });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/"op":"msg".*"payload":"hello"/);
});

it("prints the source line of an error and fails (npm run play)", async () => {
  const folder = mkdtempSync(join(root, "tools/examples/play-"));
  try {
    const file = join(folder, "wrong.ts");
    writeFileSync(
      file,
      'import { isSubject } from "@natswire/codec";\n\nif (isSubject("a.b")) throw new Error("on purpose");\n',
    );
    await expect(play(file)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/wrong\.ts:3:/) });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
