// SPDX-License-Identifier: Apache-2.0
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { connect } from "@natswire/node";
import { describe, expect, it } from "vitest";
import { snippetsIn, withoutHead } from "../../repo/snippets.mjs";
import { freePort } from "../../testkit/free-port.ts";
import { type RealServer, startNatsServer } from "../../testkit/nats-server.ts";
import { runtime } from "../../testkit/runtimes.ts";
import { env, run } from "./run.ts";

const cwd = join(import.meta.dirname, "../operations");
const page = readFileSync(join(import.meta.dirname, "../../../docs/operations.md"), "utf8");

/** Returns the output that the guide shows after a command. */
const shownAfter = (command: string): string => page.split(`$ ${command}\n`)[1]!.split(/^(?:```|\$ )/m)[0]!;

/** Starts service.mjs with its settings in the environment. */
function startService(url: string, port: string): ChildProcessWithoutNullStreams {
  const settings = { NATS_URL: url, HTTP_PORT: port };
  return spawn(process.execPath, ["service.mjs"], { cwd, env: { ...env, ...settings } });
}

/** Resolves when service.mjs answers at its port for HTTP. */
async function isServing(port: number): Promise<void> {
  while (!(await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.ok) await sleep(20);
}

/** Replaces what differs from run to run: times, waits and the number of attempts. */
const withoutTimes = (log: string): string =>
  log.replaceAll(/"time":"[^"]*"/g, '"time":"…"').replaceAll(/"(after|attempt)":\d+/g, '"$1":…');

/** Returns the lines without repetitions: the number of attempts depends on the time until the server is there. */
const unique = (log: readonly string[]): readonly string[] => [...new Set(log)];

/** Returns the lines of the log that the guide shows after a text. */
const shownLog = (after: string): readonly string[] =>
  withoutTimes(page.split(`${after}\n\n\`\`\`\n`)[1]!.split("```")[0]!)
    .trimEnd()
    .split("\n");

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

  it("shows the answers and the log of service.mjs, whose server starts late", async () => {
    const port = await freePort();
    const http = await freePort();
    const url = `nats://127.0.0.1:${port}`;
    const service = startService(url, String(http));
    let server: RealServer | undefined;
    let log: string[] = [];
    const lines = createInterface(service.stdout);
    lines.on("line", (line) => log.push(withoutTimes(line.replaceAll(String(port), "4222"))));
    const logged = async (part: string): Promise<void> => {
      while (!log.some((line) => line.includes(part))) await once(lines, "line");
    };
    const get = async (path: string): Promise<[status: number, body: string]> => {
      const response = await fetch(`http://127.0.0.1:${http}${path}`);
      return [response.status, await response.text()];
    };
    /** Returns the lines of the metrics of natswire, without the counts of bytes. */
    const metrics = (page: string): string[] =>
      page.replaceAll(/(?<=bytes\w+ )\d+/g, "…").match(/^natswire.*$/gm) ?? [];
    try {
      await isServing(http);
      expect(await get("/healthz")).toEqual([200, ""]);
      expect(await get("/readyz")).toEqual([503, "CONNECTING\n"]);
      expect(metrics((await get("/metrics"))[1])).toEqual(["natswire_connected 0"]);
      await logged('"attempt":…,"error"');
      server = await startNatsServer("", port);
      await logged('"event":"ready"');
      expect(unique(log)).toEqual(shownLog("The log shows each attempt:"));
      const started = withoutTimes(shownAfter("NATS_URL=nats://127.0.0.1:4222 HTTP_PORT=8080 node service.mjs"));
      expect(log.filter((line) => !line.includes('"error"'))).toEqual(started.trimEnd().split("\n"));
      log = [];

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
      expect(await get("/healthz")).toEqual([200, ""]);
      expect(await get("/readyz")).toEqual([200, "OK\n"]);
      expect((await get("/"))[0]).toBe(404);
      const [, all] = await get("/metrics");
      expect(all.match(/^# TYPE/gm)).toHaveLength(14);
      expect(metrics(all)).toEqual(metrics(shownAfter("curl -s http://127.0.0.1:8080/metrics | grep '^natswire'")));

      await server.stop();
      await logged("REFUSED");
      expect(await get("/healthz")).toEqual([200, ""]);
      expect(await get("/readyz")).toEqual([503, "TIMEOUT\n"]);
      expect(metrics((await get("/metrics"))[1])).toContain("natswire_connected 0");

      server = await startNatsServer("", port);
      await logged('"reconnect"');
      expect((await get("/readyz"))[0]).toBe(200);
      service.kill("SIGTERM");
      expect(await once(service, "exit")).toEqual([0, null]);
      expect(unique(log)).toEqual(shownLog("the log continues:"));
    } finally {
      service.kill("SIGKILL");
      await server?.stop();
    }
  });

  it("ends service.mjs with 0 on SIGTERM before its first connection", async () => {
    const http = await freePort();
    const service = startService(`nats://127.0.0.1:${await freePort()}`, String(http));
    let printed = "";
    service.stdout.on("data", (data: Buffer) => {
      printed += data.toString();
    });
    await isServing(http);
    service.kill("SIGTERM");
    expect(await once(service, "exit")).toEqual([0, null]);
    expect(printed).not.toContain('"level":"error"');
    expect(printed).toMatch(/"event":"close"\}\n$/);
  });

  it.each(["", "http", "0", "65536"])("ends service.mjs with a sentence and 1 if HTTP_PORT is %j", async (port) => {
    const service = startService("nats://127.0.0.1:9", port);
    const [printed] = await Promise.all([text(service.stderr), once(service, "exit")]);
    expect(service.exitCode).toBe(1);
    expect(printed).toBe(`HTTP_PORT must be a number from 1 to 65535, not "${port}"\n`);
  });
});
