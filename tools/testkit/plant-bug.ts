// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A bug: a text that occurs once in a file of a package, and what replaces it. */
export interface Bug {
  readonly what: string;
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

/**
 * Plants a bug in a copy of some packages. The copies import each other.
 *
 * @param packages their names; the first one has the bug
 * @param entry a module of a tool, `tools/NAME/src/FILE`, that is copied beside them; `act` receives the path of the copy
 * @throws Error if the text does not occur exactly once
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
      const manifest =
        '{ "type": "module", "sideEffects": false, "exports": { ".": "./index.ts", "./*": "./*.ts" } }\n';
      writeFileSync(join(place(name), "package.json"), manifest);
    }
    const path = join(place(packages[0]!), file);
    const parts = readFileSync(path, "utf8").split(right);
    if (parts.length !== 2)
      throw new Error(`the text to replace occurs ${parts.length - 1} times in ${file}, not once: ${right}`);
    writeFileSync(path, parts.join(wrong));
    const module = join(folder, "index.ts");
    cpSync(fileURLToPath(entry), module);
    return await act(module);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
