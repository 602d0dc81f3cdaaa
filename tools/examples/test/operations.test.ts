// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect, serve } from "@natswire/node";
import { describe, expect, it } from "vitest";
import { freePort } from "../../testkit/free-port.ts";

const cwd = join(import.meta.dirname, "../operations");
const page = readFileSync(join(import.meta.dirname, "../../../docs/operations.md"), "utf8");
// Examples run on the built packages.
const env = { ...process.env, NODE_OPTIONS: "", FORCE_COLOR: "0" };

/** Returns the output that the guide shows after a command. */
const printedBy = (command: string): string => page.split(`$ ${command}\n`)[1]!.split(/^(?:```|\$ )/m)[0]!;

describe("docs/operations.md", () => {
  it("quotes its programs whole", () => {
    const snippets = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);
    expect(snippets).toHaveLength(2);
    for (const [i, name] of ["service.mjs", "server.mjs"].entries()) {
      expect(readFileSync(join(cwd, name), "utf8").replace(/^(\/\/.*\n)+/, "")).toBe(snippets[i]);
    }
  });

  it("shows the output of server.mjs", () => {
    const printed = execFileSync(process.execPath, ["server.mjs"], { cwd, env, encoding: "utf8" });
    expect(printed).toBe(printedBy("node server.mjs"));
  });

  it("shows the answers and the log of service.mjs", async () => {
    let server = await serve();
    const { port } = server;
    const http = await freePort();
    const service = spawn(process.execPath, ["service.mjs", server.url, String(http)], { cwd, env });
    const log: string[] = [];
    const lines = createInterface(service.stdout);
    lines.on("line", (line) => log.push(line.replaceAll(String(port), "4222")));
    const logged = async (text: string): Promise<void> => {
      while (!log.some((line) => line.includes(text))) await once(lines, "line");
    };
    const get = async (path: string): Promise<[status: number, body: string]> => {
      const response = await fetch(`http://127.0.0.1:${http}${path}`);
      return [response.status, await response.text()];
    };
    try {
      await logged("ready");
      const client = await connect(server.url);
      expect((await client.request("orders.price")).text()).toBe("12");
      const [, table = ""] = /^\| `client\.stats` .*\n\|.*\n((?:\|.*\n)+)/m.exec(page)!;
      const rows = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, names = ""]) =>
        names.replaceAll("`", "").split(", "),
      );
      expect(rows.sort()).toEqual(Object.keys(client.stats).sort());
      await client.close();
      expect(await get("/live")).toEqual([200, ""]);
      expect(await get("/ready")).toEqual([200, ""]);
      const metrics = (text: string): string => text.replaceAll(/(?<=bytes\w+ )\d+/g, "…");
      expect(metrics((await get("/metrics"))[1])).toBe(metrics(printedBy("curl http://127.0.0.1:8080/metrics")));

      await server.close();
      await logged("REFUSED");
      expect(await get("/live")).toEqual([200, ""]);
      expect(await get("/ready")).toEqual([503, "LOST"]);

      server = await serve({ port });
      await logged('"reconnect"');
      expect((await get("/ready"))[0]).toBe(200);
      service.kill("SIGTERM");
      expect(await once(service, "exit")).toEqual([0, null]);
      const [, shown = ""] = /the log is:\n\n```\n([\s\S]*?)```/.exec(page)!;
      // The number of attempts depends on the time until the server is back.
      expect([...new Set(log)].map((line) => `${line}\n`).join("")).toBe(shown);
    } finally {
      service.kill("SIGKILL");
      await server.close();
    }
  });
});
