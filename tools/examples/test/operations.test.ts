// SPDX-License-Identifier: Apache-2.0
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { connect, type Server, serve } from "@natswire/node";
import { describe, expect, it } from "vitest";
import { snippetsIn, withoutHead } from "../../repo/snippets.mjs";
import { freePort } from "../../testkit/free-port.ts";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { runtime } from "../../testkit/runtimes.ts";
import { env, run } from "./run.ts";

const cwd = join(import.meta.dirname, "../operations");
const page = readFileSync(join(import.meta.dirname, "../../../docs/operations.md"), "utf8");

/** Returns the output that the guide shows after a command. */
const shownAfter = (command: string): string => page.split(`$ ${command}\n`)[1]!.split(/^(?:```|\$ )/m)[0]!;

/** Starts service.mjs with its settings in the environment. */
function startService(url: string, port: number): ChildProcessWithoutNullStreams {
  const settings = { NATS_URL: url, HTTP_PORT: String(port) };
  return spawn(process.execPath, ["service.mjs"], { cwd, env: { ...env, ...settings } });
}

const withoutTime = (log: string): string => log.replaceAll(/"time":"[^"]*"/g, '"time":"…"');

describe("docs/operations.md", () => {
  it("quotes its programs whole", () => {
    const names = ["service", "ask", "latency", "tracing", "traced", "channels", "shutdown", "moving", "server"];
    const programs = names.map((name) => readFileSync(join(cwd, `${name}.mjs`), "utf8"));
    expect(programs.map(withoutHead)).toEqual(snippetsIn(page, "js"));
  });

  it.each(["latency.mjs", "traced.mjs", "channels.mjs"])(
    "shows the output of %s, at a real nats-server",
    async (name) => {
      const server = await startNatsServer("");
      const { printed, stderr } = await run(name, [`nats://127.0.0.1:${server.port}`], cwd);
      await server.stop();
      expect(stderr).toBe("");
      expect(printed).toBe(shownAfter(`node ${name} nats://127.0.0.1:4222`));
    },
  );

  it.each(["bun", "deno"] as const)("counts the same with channels.mjs in %s", async (name) => {
    const server = await startNatsServer("");
    const [program = "", ...args] = runtime(name).command;
    const command = [...args, "channels.mjs", `nats://127.0.0.1:${server.port}`, `@natswire/${name}`];
    const printed = execFileSync(program, command, { cwd, env, encoding: "utf8" });
    await server.stop();
    const numbers = (text: string): string[] => stripVTControlCharacters(text).match(/\w+: \d/g) ?? [];
    expect(numbers(printed)).toEqual(numbers(shownAfter("node channels.mjs nats://127.0.0.1:4222")));
  });

  it("shows the output of server.mjs", () => {
    const printed = execFileSync(process.execPath, ["server.mjs"], { cwd, env, encoding: "utf8" });
    expect(printed).toBe(shownAfter("node server.mjs"));
  });

  it("shows the answers and the log of service.mjs", async () => {
    const port = await freePort();
    const http = await freePort();
    const url = `nats://127.0.0.1:${port}`;
    const service = startService(url, http);
    let server: Server | undefined;
    const log: string[] = [];
    const lines = createInterface(service.stdout);
    lines.on("line", (line) => log.push(withoutTime(line.replaceAll(String(port), "4222"))));
    const logged = async (text: string): Promise<void> => {
      while (!log.some((line) => line.includes(text))) await once(lines, "line");
    };
    const get = async (path: string): Promise<[status: number, body: string]> => {
      const response = await fetch(`http://127.0.0.1:${http}${path}`);
      return [response.status, await response.text()];
    };
    try {
      while ((await get("/live").catch(() => undefined)) === undefined) await sleep(20);
      expect(await get("/live")).toEqual([200, ""]);
      expect(await get("/ready")).toEqual([503, "CONNECTING\n"]);
      server = await serve({ port });
      await logged("ready");
      const asked = spawn(process.execPath, ["ask.mjs", url], { cwd, env });
      const [answer] = await once(asked.stdout, "data");
      expect(String(answer)).toBe(shownAfter("node ask.mjs nats://127.0.0.1:4222"));
      const client = await connect(url);
      const [, table = ""] = /^\| `client\.stats` .*\n\|.*\n((?:\|.*\n)+)/m.exec(page)!;
      const rows = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, names = ""]) =>
        names.replaceAll("`", "").split(", "),
      );
      expect(rows.sort()).toEqual(Object.keys(client.stats).sort());
      await client.close();
      expect(await get("/live")).toEqual([200, ""]);
      expect(await get("/ready")).toEqual([200, "OK\n"]);
      expect((await get("/"))[0]).toBe(404);
      const metrics = (text: string): string => text.replaceAll(/(?<=bytes\w+ )\d+/g, "…");
      expect((await get("/metrics"))[1].match(/^# TYPE/gm)).toHaveLength(13);
      const shownMetrics = shownAfter("curl -s http://127.0.0.1:8080/metrics | grep '^natswire'");
      expect(metrics((await get("/metrics"))[1]).replaceAll(/^(?!natswire).*\n/gm, "")).toBe(metrics(shownMetrics));

      await server.close();
      await logged("REFUSED");
      expect(await get("/live")).toEqual([200, ""]);
      expect(await get("/ready")).toEqual([503, "TIMEOUT\n"]);

      server = await serve({ port });
      await logged('"reconnect"');
      expect((await get("/ready"))[0]).toBe(200);
      service.kill("SIGTERM");
      expect(await once(service, "exit")).toEqual([0, null]);
      const [, shown = ""] = /the log is:\n\n```\n([\s\S]*?)```/.exec(withoutTime(page))!;
      // The number of attempts depends on the time until the server is back.
      expect([...new Set(log)].map((line) => `${line}\n`).join("")).toBe(shown);
    } finally {
      service.kill("SIGKILL");
      await server?.close();
    }
  });

  it("ends service.mjs with 0 on SIGTERM before its first connection", async () => {
    const http = await freePort();
    const service = startService(`nats://127.0.0.1:${await freePort()}`, http);
    let printed = "";
    service.stdout.on("data", (data: Buffer) => {
      printed += data.toString();
    });
    while (!(await fetch(`http://127.0.0.1:${http}/live`).catch(() => undefined))?.ok) await sleep(20);
    service.kill("SIGTERM");
    expect(await once(service, "exit")).toEqual([0, null]);
    expect(printed).toBe("");
  });
});
