// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readGuide, unquoted } from "../../examples/test/guide.ts";
import { snippetsIn } from "../../repo/snippets.mjs";

const root = resolve(import.meta.dirname, "..");
const guide = readGuide("toolchains.md");
const files = ["recipes", "browser", "programs"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(m?js|cjs|ts|json)$/.test(file))
    .map((file) => join(root, folder, file)),
);

describe("docs/toolchains.md", () => {
  it("quotes only code that the tests run", () => {
    const snippets = [...guide.snippets, ...snippetsIn(guide.text, "json")];
    expect(unquoted({ ...guide, snippets }, files)).toEqual([]);
  });

  it("states the versions that are tested", () => {
    const manifests = files.filter((file) => file.endsWith("package.json")).concat(join(root, "package.json"));
    const pins = manifests.flatMap((file) => {
      const { dependencies, devDependencies } = JSON.parse(readFileSync(file, "utf8"));
      return Object.entries<string>({ ...dependencies, ...devDependencies });
    });
    const stated = /^(jest|jest-29|ts-node|vite|webpack|rollup|esbuild|parcel|metro|next|@rspack\/core|@nestjs\/core)$/;
    const versions = pins.filter(([name]) => stated.test(name)).map(([, pin]) => /(\d+\.\d+)\.\d+$/.exec(pin)![1]!);
    expect(versions.length).toBeGreaterThan(11);
    const [, table] = /\| you use ([\s\S]*?)\n\n/.exec(guide.text)!;
    expect(versions.filter((version) => !table!.includes(version))).toEqual([]);
  });
});
