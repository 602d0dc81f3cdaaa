// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect } from "@natswire/node";
import { expect, it } from "vitest";
import { freePort } from "../../testkit/free-port.ts";
import { natsServerVersion, startNatsServer } from "../../testkit/nats-server.ts";
import { readGuide, unquoted } from "./guide.ts";
import { env } from "./run.ts";

const folder = join(import.meta.dirname, "../cluster");
const guide = readGuide("cluster.md");

/** Returns the lines of a block of the guide that begins with `start`. */
function block(start: string): string {
  return guide.text
    .split(/^```\w+\n/m)
    .find((part) => part.startsWith(start))!
    .split("```")[0]!;
}

it("quotes each program of docs/cluster.md", () => {
  const files = readdirSync(folder);
  expect(
    unquoted(
      guide,
      files.map((file) => join(folder, file)),
    ),
  ).toEqual([]);
  expect(files.filter((file) => !guide.text.includes(`node ${file}`))).toEqual([]);
});

it("prints the output in docs/cluster.md: encode.mjs", () => {
  const printed = execFileSync(process.execPath, ["encode.mjs"], { cwd: folder, env, encoding: "utf8" });
  expect(`$ node encode.mjs\n${printed}`).toBe(block("$ node encode.mjs"));
});

it("prints what crosses between two real servers in routes.mjs", async () => {
  const port = await freePort();
  const config = (name: string, proxy: string): string => {
    const text = block(`# ${name}.conf`)
      .replace(/^port:.*$/m, "")
      .replace("6248", String(port))
      .replace("6249", "-1");
    // nats-server before 2.10 knows neither.
    const known = /^2\.[0-9]\./.test(natsServerVersion())
      ? text.replace(/, compression: off, pool_size: -1/, "")
      : text;
    return known.replace("6250", proxy);
  };
  const one = await startNatsServer(config("one", ""));
  const proxy = spawn(process.execPath, ["routes.mjs", "0", String(port)], { cwd: folder, env });
  const printed: string[] = [];
  const lines = createInterface(proxy.stdout)[Symbol.asyncIterator]();
  const see = async (wanted: string): Promise<void> => {
    while (!printed.includes(wanted)) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`ended before it printed ${wanted}`);
      printed.push(value);
    }
  };
  try {
    const [at] = /\d+$/.exec((await lines.next()).value!)!;
    const two = await startNatsServer(config("two", at));
    try {
      for (const line of block("$ nats-server -c one.conf").trimEnd().split("\n").slice(2)) await see(line);
      const [subscriber, publisher] = await Promise.all(
        [one, two].map((server) => connect({ servers: `nats://127.0.0.1:${server.port}` })),
      );
      const [interest, message] = block("1 <- rs+").trimEnd().split("\n");
      subscriber!.subscribe("orders.*", { queue: "workers", callback: () => {} });
      await see(interest!);
      // It was printed before it reached the other server, which sends nothing until then.
      const again = setInterval(() => publisher!.publish("orders.new", "apple"), 20);
      await see(message!);
      clearInterval(again);
      await Promise.all([subscriber!.close(), publisher!.close()]);
    } finally {
      await two.stop();
    }
  } finally {
    proxy.kill();
    await one.stop();
  }
});
