// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { build } from "esbuild";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");

it("a bundle that keeps unused code has no embedded server", async () => {
  const { metafile } = await build({
    entryPoints: [join(root, "packages/websocket/src/index.ts")],
    absWorkingDir: root,
    conditions: ["@natswire/source"],
    treeShaking: false,
    bundle: true,
    format: "esm",
    metafile: true,
    write: false,
  });
  const files = Object.keys(metafile.inputs);
  expect(files).toContain("packages/io/src/client/client.ts");
  expect(files.filter((file) => /packages\/(io\/src\/)?server\//.test(file))).toEqual([]);
});
