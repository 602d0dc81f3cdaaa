// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect } from "@natswire/node";
import { expect, it } from "vitest";
import { freePort } from "../../testkit/free-port.ts";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { readGuide, unquoted } from "./guide.ts";
import { env } from "./run.ts";

const folder = join(import.meta.dirname, "../codec");
const guide = readGuide("codec.md");
const page = guide.text;
const examples = [...page.matchAll(/```console\n\$ (.*)\n([\s\S]*?)```/g)].map(([, command, printed]) => [
  command!,
  printed!,
]);

it("runs each program and snippet of docs/codec.md", () => {
  const files = readdirSync(folder);
  const paths = files.map((file) => join(folder, file));
  expect(guide.snippets.length).toBeGreaterThan(4);
  expect(unquoted(guide, paths)).toEqual([]);
  expect(files.filter((file) => !page.includes(`$ node ${file}`) && !page.includes(`| node ${file}`))).toEqual([]);
});

it.each(examples.filter(([command]) => !command!.includes("proxy.mjs")))(
  "prints the output in docs/codec.md: %s",
  (command, printed) => {
    const script = `exec 2>&1; ${command}; exit 0`;
    expect(execFileSync("bash", ["-c", script!], { cwd: folder, env, encoding: "utf8" })).toBe(printed);
  },
);

it("prints a session with a real nats-server in proxy.mjs", async () => {
  expect(readFileSync(join(folder, "proxy.mjs"), "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(55);
  const real = await startNatsServer("authorization { user: ann, password: s3cret }");
  const proxy = spawn(process.execPath, ["proxy.mjs", "0", String(real.port)], { cwd: folder, env });
  let printed = "";
  proxy.stdout.on("data", (data: Buffer) => {
    printed += data.toString();
  });
  const see = async (wanted: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = wanted.exec(printed);
      if (found !== null) return found;
      await once(proxy.stdout, "data");
    }
  };
  try {
    const [, port] = await see(/listening at port (\d+)\n/);
    const client = await connect({ servers: `nats://ann:s3cret@127.0.0.1:${port}` });
    const apples = client.subscribe("orders.*", { max: 1 });
    client.publish("orders.new", "apple");
    for await (const order of apples) expect(order.text()).toBe("apple");
    await client.close();

    // A server accepts any token as sid.
    const raw = createConnection(Number(port));
    raw.write(
      'CONNECT {"user":"ann","pass":"s3cret","verbose":false}\r\nSUB orders.* abc\r\nPUB orders.new 5\r\napple\r\n',
    );
    await see(/^2 <- msg \{"subject":"orders\.new","sid":"abc","payload":"apple"\}$/m);
    raw.destroy();

    const [, output = ""] = examples.find(([command]) => command!.includes("proxy.mjs"))!;
    const [first, ...lines] = output.trimEnd().split("\n");
    expect(first).toBe("listening at port 4223");
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) await see(pattern(line));
    expect(printed).not.toContain("s3cret");
  } finally {
    proxy.kill();
    await real.stop();
  }
});

it("closes a client in proxy.mjs, and continues (no server)", async () => {
  const upstream = await freePort();
  const proxy = spawn(process.execPath, ["proxy.mjs", "0", String(upstream)], { cwd: folder, env });
  const lines = createInterface(proxy.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value!;
  try {
    const [port] = /\d+$/.exec(await next())!;
    for (const number of [1, 2]) {
      const client = createConnection(Number(port));
      client.on("error", () => {});
      expect(await next()).toBe(`${number} -- connect ECONNREFUSED 127.0.0.1:${upstream}`);
      if (!client.closed) await once(client, "close");
    }
    expect(page).toContain("prints `1 -- connect ECONNREFUSED 127.0.0.1:4222`");
  } finally {
    proxy.kill();
  }
});

/** Returns a pattern for a line; `…` matches anything. */
function pattern(line: string): RegExp {
  return new RegExp(`^${line.split("…").map(escaped).join(".*")}$`, "m");
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
