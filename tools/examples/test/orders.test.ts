// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { text } from "node:stream/consumers";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { toNatsConnection } from "@natswire/nats-js";
import { connect } from "@natswire/node";
import { expect, it, type TestContext } from "vitest";
import { freePort } from "../../testkit/free-port.ts";
import { type RealServer, startNatsServerFrom } from "../../testkit/nats-server.ts";
import { type RuntimeName, runtime } from "../../testkit/runtimes.ts";
import { readGuide } from "./guide.ts";
import { env, run } from "./run.ts";

const cwd = join(import.meta.dirname, "../orders");
const guide = readGuide("jetstream.md").text;
const runtimes = ["node", "deno", "bun"] as const;

type Finished = TestContext["onTestFinished"];

/** A running shop. */
class Shop {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly ended: Promise<{ status: unknown; stderr: string }>;
  readonly #output: Interface;

  constructor(name: RuntimeName, url: string, onTestFinished: Finished) {
    const [command = "", ...args] = runtime(name).command;
    const child = spawn(command, [...args, `${name}.mjs`, url], { cwd, env });
    this.#output = createInterface(child.stdout).on("line", (line) => this.lines.push(line));
    this.ended = Promise.all([once(child, "close"), text(child.stderr)]).then(([[status], stderr]) => {
      return { status, stderr };
    });
    this.child = child;
    onTestFinished(() => void child.kill("SIGKILL"));
  }

  /** Resolves after it has printed this line; rejects if it ends before. */
  async prints(line: string): Promise<void> {
    const ended = this.ended.then(({ stderr }) => {
      throw new Error(`the shop ended: ${stderr}`);
    });
    while (!this.lines.includes(line)) await Promise.race([once(this.#output, "line"), ended]);
    ended.catch(() => {});
  }
}

/** Returns the URL of a server that keeps its streams if it is stopped, and the function that starts it. */
async function storedServer(onTestFinished: Finished): Promise<{ url: string; start: () => Promise<RealServer> }> {
  const folder = mkdtempSync(join(tmpdir(), "natswire-orders-"));
  const port = await freePort();
  const file = join(folder, "server.conf");
  writeFileSync(file, `host: 127.0.0.1\nport: ${port}\njetstream { store_dir: "${folder}" }\n`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const start = async (): Promise<RealServer> => {
    const server = await startNatsServerFrom(file);
    onTestFinished(() => server.stop());
    return server;
  };
  return { url: `nats://127.0.0.1:${port}`, start };
}

/** Returns what a command of the guide prints. */
function shown(command: string): string {
  const [, output = ""] = guide.split(`$ ${command} nats://127.0.0.1:4222\n`);
  return output.slice(0, output.indexOf("```"));
}

it("differs only in the import", () => {
  const texts = runtimes.map((name) => {
    const source = readFileSync(join(cwd, `${name}.mjs`), "utf8");
    expect(source.split(`"@natswire/${name}"`)).toHaveLength(2);
    return source.replace(`"@natswire/${name}"`, "…");
  });
  expect(new Set(texts).size).toBe(1);
});

it.concurrent.for(runtimes)("loses no order on kill -9 of the server and on SIGTERM, on %s", async (name, test) => {
  const { expect, onTestFinished } = test;
  const { url, start } = await storedServer(onTestFinished);
  const server = await start();
  const shop = new Shop(name, url, onTestFinished);
  await shop.prints("the shop is open");
  const customer = await run("customer.mjs", [url], cwd);
  expect(customer).toEqual({ printed: shown("node customer.mjs"), stderr: "", status: 0 });
  expect(`${shop.lines.join("\n")}\n`).toBe(shown("node node.mjs"));

  const client = await connect({ servers: url, reconnectDelay: () => 20 });
  onTestFinished(() => client.close());
  const nc = toNatsConnection(client);
  const js = jetstream(nc);
  const order = (id: string) => js.publish(`orders.${id}`, "melon", { msgID: id });
  const states = await new Kvm(nc).open("states");
  // Without a message id it is stored again. It is still shipped once.
  await js.publish("orders.1", "apple");
  await order("3");
  await reaches(states, "3", "packing");
  await server.stop();
  await shop.prints("disconnect");
  await start();
  await shop.prints("order 3 is shipped");
  expect((await order("3")).duplicate).toBe(true);

  const waiting = ["4", "5", "6", "7"];
  for (const id of waiting) await order(id);
  await reaches(states, "4", "packing");
  shop.child.kill("SIGTERM");
  const asked = Array.from({ length: 20 }, () => askUntilClosed(() => nc.request("shop.state", "4")));
  // Every question has its answer, until no shop is left.
  expect(new Set(await Promise.all(asked))).toEqual(new Set(["NoResponders"]));
  expect(await shop.ended).toEqual({ status: 0, stderr: "" });
  const next = new Shop(name, url, onTestFinished);
  await next.prints("order 7 is shipped");
  next.child.kill("SIGTERM");
  expect(await next.ended).toEqual({ status: 0, stderr: "" });

  // The first shop had one or two of them; each was shipped once.
  const shipped = waiting.map((id) => `order ${id} is shipped`);
  const since = shop.lines.slice(shop.lines.indexOf(shipped[0]!));
  expect(since.at(-1)).toBe("the shop is closed");
  expect([since.slice(0, -1), next.lines.slice(1, -1)].flat()).toEqual(shipped);
  expect([next.lines[0], next.lines.at(-1)]).toEqual(["the shop is open", "the shop is closed"]);
  expect(shop.lines.filter((line) => line === "order 1 is shipped")).toHaveLength(1);
  const manager = await jetstreamManager(nc);
  // A killed server may forget the last ack. It will deliver that order again.
  const unacknowledged = async () => (await manager.consumers.info("orders", "shop")).num_ack_pending;
  await expect.poll(unacknowledged).toBeLessThanOrEqual(1);
});

/** Resolves after an order has this state. */
async function reaches(states: KV, id: string, wanted: string): Promise<void> {
  for await (const state of await states.watch({ key: id })) if (state.string() === wanted) return;
}

/** Asks without a pause until a question fails. Returns the name of the error's cause. */
async function askUntilClosed(ask: () => Promise<unknown>): Promise<string> {
  for (;;) {
    try {
      await ask();
    } catch (error) {
      return String((error as Error).cause ?? error).split(":")[0]!;
    }
  }
}
