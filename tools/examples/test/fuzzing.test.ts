// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withoutHead } from "../../repo/snippets.mjs";
import parse from "../fuzzing/parser.mjs";

const root = join(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "docs/fuzzing.md"), "utf8");
const program = "tools/examples/fuzzing/parser.mjs";

describe("docs/fuzzing.md", () => {
  it("quotes parser.mjs whole", () => {
    const source = readFileSync(join(root, program), "utf8");
    expect(page).toContain(`\`\`\`js\n${withoutHead(source)}`);
  });

  it("shows the finding of the fuzzer in parser.mjs", () => {
    const [, options = "", shown = ""] = /\$ npm run fuzz -- (.*)\n([\s\S]*?)```/.exec(page)!;
    const args = ["tools/fuzz/dist/main.js", ...options.split(" ")];
    const { stdout, status } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
    });
    expect(status).toBe(1);
    // The numbers change with the machine and the code; so do the bytes that are left.
    const plain = (text: string): string =>
      text
        .replaceAll(/^(.*: 1,000 inputs).*$/gm, "$1 …")
        .replaceAll(/(["'])[^"'\n]*\1/g, "…")
        .replaceAll(/…(, …)+/g, "…")
        .trim();
    expect(plain(stdout)).toBe(plain(shown));

    const chunksIn = (text: string): Uint8Array[] => {
      const list = JSON.parse(/parse\((\[.*\])\.map/.exec(text)![1]!) as string[];
      return list.map((chunk) => Uint8Array.from(chunk, (c) => c.charCodeAt(0)));
    };
    for (const chunks of [chunksIn(stdout), chunksIn(shown)])
      expect(parse(chunks)).not.toEqual(parse([Uint8Array.from(chunks.flatMap((chunk) => [...chunk]))]));
  });
});
