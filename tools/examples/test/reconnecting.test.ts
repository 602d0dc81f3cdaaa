// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { serve } from "@natswire/node";
import { describe, expect, it } from "vitest";
import { freePort } from "../../testkit/free-port.ts";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { readGuide, unquoted } from "./guide.ts";
import { env, run } from "./run.ts";

const folder = join(import.meta.dirname, "../reconnecting");
const guide = readGuide("reconnecting.md");
const outputs = guide.programs.map(({ output }) => output);

async function startEmbedded(): Promise<{ port: number; stop: () => Promise<void> }> {
  const server = await serve();
  return { port: server.port, stop: () => server.close() };
}

describe("docs/reconnecting.md", () => {
  it("quotes only code that the tests run", () => {
    const files = readdirSync(folder).map((file) => join(folder, file));
    expect(unquoted(guide, files)).toEqual([]);
  });

  it.each(["restart.mjs", "cluster.mjs"])("has the output of %s", async (file) => {
    const { printed, stderr } = await run(file, [], folder);
    expect(stderr).toBe("");
    expect(outputs).toContain(printed);
  });

  it("waits for the next connection in again.mjs", async () => {
    expect(await run("again.mjs", [], folder)).toEqual({ printed: "connected again\n", stderr: "", status: 0 });
  });

  it.each([
    ["the embedded server", startEmbedded],
    ["a real nats-server", () => startNatsServer("")],
  ])("has the output of in-flight.mjs at %s", async (_, start) => {
    const { port, stop } = await start();
    const { printed, stderr } = await run("in-flight.mjs", [`nats://127.0.0.1:${port}`], folder);
    await stop();
    expect(stderr).toBe("");
    expect(outputs).toContain(printed.replaceAll(String(port), "4222"));
  });

  it("has the lines of service.mjs, which changes to its second server", async () => {
    const [first, second] = [await freePort(), await freePort()];
    const child = spawn(process.execPath, ["service.mjs", `127.0.0.1:${first},127.0.0.1:${second}`], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const printed = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async (): Promise<string> => {
      const { value } = await printed.next();
      return String(value).replaceAll(String(first), "4222").replaceAll(String(second), "4223");
    };
    try {
      const one = await serve({ port: first });
      const seen = [await next()];
      const two = await serve({ port: second });
      await one.close();
      while (!seen.at(-1)!.startsWith("connected to")) seen.push(await next());
      await two.close();
      const [, wanted] = /this prints:\n\n```text\n([^`]*)```/.exec(guide.text)!;
      // The attempts before the first connection count as failures: here there is a wait, and maybe one more of them.
      const lines = seen.filter((line) => !/REFUSED/.test(line)).map((line) => line.replace(/in \d+ ms/, "in 0 ms"));
      expect(lines).toEqual(wanted!.trimEnd().split("\n"));
    } finally {
      child.kill();
    }
  });
});
