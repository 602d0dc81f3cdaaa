// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { serve } from "@natswire/node";
import { afterAll, describe, expect, it } from "vitest";

const cwd = join(import.meta.dirname, "../migrating");
const page = readFileSync(join(import.meta.dirname, "../../../docs/migrating.md"), "utf8");
const server = await serve();
afterAll(() => server.close());

describe("docs/migrating.md", () => {
  it.each(["official.mjs", "natswire.mjs"])("quotes %s whole, and shows its output", async (file) => {
    const source = readFileSync(join(cwd, file), "utf8");
    expect(page).toContain(source.replace(/^(\/\/.*\n)+/, "```js\n"));
    const env = { ...process.env, NODE_OPTIONS: "" };
    const { stdout } = await promisify(execFile)(process.execPath, [file, server.url], { cwd, env });
    expect(page).toContain(`$ node ${file} nats://127.0.0.1:4222\n${stdout}`);
  });
});
