// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type Connection, connect, serve } from "@natswire/node";
import { describe, expect, it } from "vitest";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { env } from "./run.ts";

const cwd = join(import.meta.dirname, "../operations");

/** A running shutdown.mjs. */
interface Service {
  readonly child: ChildProcess;
  /** What it prints after "ready", in the end. */
  readonly ended: Promise<{ status: unknown; stderr: string; lines: string[] }>;
}

async function startService(url: string): Promise<Service> {
  const child = spawn(process.execPath, ["shutdown.mjs", url], { cwd, env });
  const lines: string[] = [];
  const output = createInterface(child.stdout).on("line", (line) => lines.push(line));
  const ended = Promise.all([once(child, "close"), text(child.stderr)]).then(([[status], stderr]) => {
    return { status, stderr, lines };
  });
  await once(output, "line");
  return { child, ended };
}

/** Sends orders until it is stopped: each with a request, and one more that wants no answer. */
class Load {
  readonly #client: Connection;
  readonly #workers: Promise<void>[];
  readonly codes: unknown[] = [];
  answered = 0;
  sent = 0;
  #isStopped = false;

  constructor(client: Connection, workers: number) {
    this.#client = client;
    this.#workers = Array.from({ length: workers }, () => this.#work());
  }

  async #work(): Promise<void> {
    while (!this.#isStopped) {
      const id = `order ${this.sent++}`;
      this.#client.publish("orders.new", `${id} without an answer`);
      await this.#client.request("orders.new", id, { timeout: 20_000 }).then(
        (reply) => {
          expect(reply.text()).toBe(`took ${id}`);
          this.answered++;
        },
        (error) => this.codes.push(error.code),
      );
    }
  }

  async reach(answered: number): Promise<void> {
    await expect.poll(() => this.answered, { timeout: 20_000 }).toBeGreaterThan(answered);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#workers);
  }
}

describe("a service that SIGTERM ends under load", () => {
  it.each([
    ["the embedded server", () => serve().then((server) => ({ port: server.port, stop: () => server.close() }))],
    ["a real nats-server", () => startNatsServer("")],
  ] as const)("answers every order that it received, at %s", async (_, start) => {
    const server = await start();
    const url = `nats://127.0.0.1:${server.port}`;
    const client = await connect({ servers: url });
    const taken: string[] = [];
    client.subscribe("stock.take", {
      callback: async (request) => {
        const id = request.text();
        await new Promise((resolve) => setTimeout(resolve, 5));
        taken.push(id);
        request.respond(`took ${id}`);
      },
    });
    await client.flush();
    const [first, second] = await Promise.all([startService(url), startService(url)]);
    const load = new Load(client, 200);

    await load.reach(500);
    first.child.kill("SIGTERM");
    const one = await first.ended;
    await load.reach(load.answered + 500);
    // The other member of the queue group took over.
    expect(load.codes).toEqual([]);

    second.child.kill("SIGTERM");
    const two = await second.ended;
    await load.stop();
    expect([...new Set(load.codes)]).toEqual(["NO_RESPONDERS"]);

    let finished = 0;
    for (const { status, stderr, lines } of [one, two]) {
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const [, received, done] = /^(\d+) orders received, (\d+) finished$/.exec(lines[1]!)!;
      expect(done).toBe(received);
      finished += Number(done);
    }
    // Each order was worked on once, and each answer arrived.
    expect(taken.length).toBe(finished);
    expect(new Set(taken).size).toBe(finished);
    expect(taken.filter((id) => !id.includes("without")).length).toBe(load.answered);
    expect(load.answered + load.codes.length).toBe(load.sent);
    await client.close();
    await server.stop();
  });
});
