// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const passing = `
  test("passes", () => void Promise.reject(new Error("an unhandled rejection")));
  test("passes", () => {
    setTimeout(() => { throw new Error("an error in a timer"); });
    return new Promise((resolve) => setTimeout(resolve, 20));
  });
  test("passes", async () => {
    const { Worker } = await import("node:worker_threads");
    const worker = new Worker("Promise.reject(new Error('an unhandled rejection in a thread'))", { eval: true });
    await new Promise((resolve) => worker.once("exit", resolve));
  });
`;

it("fails a run with an uncaught error if every test passes", () => {
  const folder = mkdtempSync(join(tmpdir(), "natswire-uncaught-"));
  try {
    writeFileSync(join(folder, "passing.test.js"), passing);
    const args = [join(root, "node_modules/vitest/vitest.mjs"), "run", "--root", folder, "--globals"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
    });
    expect(stdout).toMatch(/3 passed/);
    for (const what of ["an unhandled rejection", "an error in a timer", "an unhandled rejection in a thread"]) {
      expect(stderr).toContain(`Error: ${what}`);
    }
    expect(status).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("is not turned off anywhere in the repository", () => {
  const silent =
    "[d]angerouslyIgnoreUnhandled|[o]nUnhandledError|[u]nhandled-rejections|[o]n(ce)?\\(.([u]nhandledR|[u]ncaughtE)";
  const command = ["grep", "-lE", silent, "--", "packages", "tools", "*.ts", "package.json"];
  const files = execFileSync("git", command, { cwd: root, encoding: "utf8" }).trimEnd().split("\n");
  // The first runs adapters that are broken on purpose. The second reports each error to a test that fails. The third restores the
  // listeners after the error that it expects.
  const allowed = ["adapter-suite/mutants/main.ts", "adapter-suite/runtimes/run.ts", "testkit/uncaught.ts"];
  expect(files).toEqual(allowed.map((file) => `tools/${file}`));
});
