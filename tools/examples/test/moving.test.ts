// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect } from "@natswire/node";
import { describe, expect, it } from "vitest";
import { freePort } from "../../testkit/free-port.ts";
import { type RealServer, startNatsServer } from "../../testkit/nats-server.ts";
import { env } from "./run.ts";

const cwd = join(import.meta.dirname, "../operations");

/** Two real servers in a cluster, of which each can be replaced. */
class Cluster {
  readonly #ports: readonly number[];
  readonly #routes: readonly number[];
  readonly #servers: RealServer[] = [];

  private constructor(ports: readonly number[]) {
    this.#ports = ports.slice(0, 2);
    this.#routes = ports.slice(2);
  }

  static async open(): Promise<Cluster> {
    const cluster = new Cluster(await Promise.all(Array.from({ length: 4 }, freePort)));
    for (const i of [0, 1]) await cluster.#start(i);
    return cluster;
  }

  get urls(): string[] {
    return this.#ports.map((port) => `nats://127.0.0.1:${port}`);
  }

  async #start(i: number): Promise<void> {
    const routes = this.#routes.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
    const config = [
      `lame_duck_grace_period: "2s", lame_duck_duration: "30s"`,
      `cluster { name: orders, host: 127.0.0.1, port: ${this.#routes[i]}, routes: [${routes}] }`,
    ];
    this.#servers[i] = await startNatsServer(config.join("\n"), this.#ports[i]);
  }

  /** Ends a server in lame duck mode, starts it again, and waits until it reaches the service at the other one. */
  async replace(i: number): Promise<void> {
    const server = this.#servers[i]!;
    server.lameDuck();
    await server.exited;
    await server.stop();
    await this.#start(i);
    await this.reachesService(i);
  }

  /** Resolves after a client of this server gets an answer of the service. */
  async reachesService(i: number): Promise<void> {
    const client = await connect(this.urls[i]!);
    const ask = (): Promise<boolean> => client.request("orders.new").then(Boolean, () => false);
    await expect.poll(ask, { timeout: 20_000 }).toBe(true);
    await client.close();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }
}

/** Sends requests with a client that moves as moving.mjs does. */
class Load {
  readonly #servers: string;
  #client: Connection | undefined;
  readonly #workers: Promise<void>[] = [];
  readonly errors: unknown[] = [];
  readonly moved: string[] = [];
  answered = 0;
  #isStopped = false;

  constructor(servers: readonly string[]) {
    this.#servers = servers.join();
  }

  async start(workers: number): Promise<void> {
    await this.#connect();
    for (let i = 0; i < workers; i++) this.#workers.push(this.#work(i));
  }

  async #connect(): Promise<void> {
    const old = this.#client;
    const client = await connect({ servers: this.#servers });
    client.onStatus(({ type }) => {
      this.moved.push(type);
      if (type === "ldm") void this.#connect();
    });
    this.#client = client;
    await sleep(1000);
    await old?.drain();
  }

  async #work(worker: number): Promise<void> {
    for (let i = 0; !this.#isStopped; i++) {
      const id = `${worker}-${i}`;
      await this.#client!.request("orders.new", id, { timeout: 20_000 }).then(
        (reply) => {
          expect(reply.text()).toBe(`took ${id}`);
          this.answered++;
        },
        (error) => this.errors.push(error),
      );
    }
  }

  async reach(answered: number): Promise<void> {
    await expect.poll(() => this.answered, { timeout: 20_000 }).toBeGreaterThan(answered);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#workers);
    await this.#client?.drain();
  }
}

describe("a service that moves in lame duck mode", () => {
  it("answers every request while each server is replaced in turn", async () => {
    const cluster = await Cluster.open();
    const service = spawn(process.execPath, ["moving.mjs", cluster.urls.join()], { cwd, env });
    const ready: string[] = [];
    const lines = createInterface(service.stdout).on("line", (line) => ready.push(line));
    const stderr = text(service.stderr);
    const load = new Load(cluster.urls);
    await once(lines, "line");
    try {
      for (const i of [0, 1]) await cluster.reachesService(i);
      await load.start(50);
      for (const i of [0, 1]) {
        await load.reach(load.answered + 500);
        await cluster.replace(i);
      }
      await load.reach(load.answered + 500);
      await load.stop();
      // Each was connected to one of the servers, and left it.
      expect(ready.length).toBeGreaterThan(1);
      expect(load.moved).toContain("ldm");
      expect(load.moved).not.toContain("disconnect");
      expect(load.errors).toEqual([]);
    } finally {
      service.kill();
      expect(await stderr).toBe("");
      await load.stop();
      await cluster.stop();
    }
  });
});
