// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { serve } from "@natswire/node";
import { afterAll, describe, expect, it } from "vitest";
import { withoutHead } from "../../repo/snippets.mjs";
import { run } from "./run.ts";

const cwd = join(import.meta.dirname, "../migrating");
const page = readFileSync(join(import.meta.dirname, "../../../docs/migrating.md"), "utf8");
const server = await serve();
afterAll(() => server.close());

describe("docs/migrating.md", () => {
  it.each(["official.mjs", "natswire.mjs"])("quotes %s whole, and shows its output", async (file) => {
    const source = readFileSync(join(cwd, file), "utf8");
    expect(page).toContain(`\`\`\`js\n${withoutHead(source)}`);
    const { printed } = await run(file, [server.url], cwd);
    expect(page).toContain(`$ node ${file} nats://127.0.0.1:4222\n${printed}`);
  });
});
