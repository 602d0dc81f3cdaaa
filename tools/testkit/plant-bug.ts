// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One small mistake: what stands once in a file of a package, and what is put in its place. */
export interface Bug {
  readonly what: string;
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

/**
 * Plants a bug in a copy of some packages, each of which sees the others' copies.
 *
 * @param packages the one with the bug first
 * @param entry a module of a tool, `tools/NAME/src/FILE`, to be copied beside them; `act` is given its path
 * @throws Error where the line is not there, or more than once
 */
export async function plant<T>(
  { file, right, wrong }: Bug,
  packages: readonly string[],
  entry: URL,
  act: (entry: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "natswire-planted-"));
  const sources = new URL("../../../packages/", entry);
  const place = (name: string): string => join(folder, "node_modules/@natswire", name);
  try {
    for (const name of packages) {
      mkdirSync(place(name), { recursive: true });
      cpSync(fileURLToPath(new URL(`${name}/src/`, sources)), place(name), { recursive: true });
      const manifest = '{ "type": "module", "sideEffects": false, "exports": "./index.ts" }\n';
      writeFileSync(join(place(name), "package.json"), manifest);
    }
    const path = join(place(packages[0]!), file);
    const parts = readFileSync(path, "utf8").split(right);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places for the bug, not one: ${right}`);
    writeFileSync(path, parts.join(wrong));
    const module = join(folder, "index.ts");
    cpSync(fileURLToPath(entry), module);
    return await act(module);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
