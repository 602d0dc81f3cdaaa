// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { startJetStreamServer } from "../../testkit/nats-server.ts";
import { readGuide, unquoted } from "./guide.ts";
import { run } from "./run.ts";

const folder = join(import.meta.dirname, "../jetstream");
const orders = join(import.meta.dirname, "../orders");
const guide = readGuide("jetstream.md");
const files = readdirSync(folder);
const server = await startJetStreamServer();
afterAll(() => server.stop());

describe("docs/jetstream.md", () => {
  it("quotes only code that the tests run", () => {
    expect(
      unquoted(
        guide,
        [folder, orders].flatMap((from) => readdirSync(from).map((file) => join(from, file))),
      ),
    ).toEqual([]);
  });

  it.concurrent.each(files)("prints the output of %s", async (file) => {
    const source = readFileSync(join(folder, file), "utf8");
    const output = file === "errors.mjs" ? "true true\nNO_RESPONDERS\n" : undefined;
    const shown = guide.programs.find(({ code }) => source.endsWith(`\n${code}`))?.output;
    const { printed, stderr } = await run(join(folder, file), [`nats://127.0.0.1:${server.port}`], folder);
    expect({ printed, stderr }).toEqual({ printed: shown ?? output, stderr: "" });
  });

  it("prints the same with the official client after a change of the import", async () => {
    const source = readFileSync(join(folder, "import.mjs"), "utf8");
    const official = source.replace(`from "@natswire/nats-js/node"`, `from "@nats-io/transport-node"`);
    expect(official).not.toBe(source);
    const file = join(import.meta.dirname, "../node_modules/.import-official.mjs");
    writeFileSync(file, official);
    onTestFinished(() => rmSync(file));
    const shown = guide.programs.find(({ code }) => source.endsWith(`\n${code}`))?.output;
    const { printed, stderr } = await run(file, [`nats://127.0.0.1:${server.port}`], folder);
    expect({ printed, stderr }).toEqual({ printed: shown, stderr: "" });
  });
});
