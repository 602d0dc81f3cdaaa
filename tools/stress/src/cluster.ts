// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect } from "@natswire/node";
import { freePort } from "../../testkit/free-port.ts";
import { type RealServer, startNatsServer } from "../../testkit/nats-server.ts";
import { type Sums, Talker } from "./self-publisher.ts";
import { total } from "./totals.ts";
import { Witness } from "./witness.ts";

const NODES = 3;
// What is said between two kills.
const LOAD = 200;

/** What became of it. */
export interface Summary extends Sums {
  readonly kills: number;
  readonly broken: readonly string[];
}

/**
 * Three real nats-servers that are one, two talkers and a witness; again and again the node the first talker uses is
 * killed and, when everybody has found another one, started anew.
 */
export async function killNodes(kills: number): Promise<Summary> {
  const cluster = await Cluster.open();
  const clients: Connection[] = [];
  const talkers: Talker[] = [];
  const join = async (node: number): Promise<Connection> => {
    // The others it learns from the one it is told.
    const servers = `nats://127.0.0.1:${cluster.nodes[node]!.port}`;
    const client = await connect({
      servers,
      reconnectTimeWait: 10,
      maxReconnectTimeWait: 50,
      maxReconnectAttempts: -1,
    });
    clients.push(client);
    await cluster.isWhole(client);
    return client;
  };
  try {
    const witness = new Witness(await join(2), "talk.*");
    await witness.client.flush();
    for (const node of [0, 1]) talkers.push(new Talker(await join(node), `talk.${node}`));
    const [first] = talkers as [Talker];
    const broken: string[] = [];
    for (let killed = 0; killed < kills; killed++) {
      for (const talker of talkers) await talker.settled();
      await sleep(LOAD);
      const port = first.client.info!.port!;
      await cluster.kill(port);
      for (const talker of talkers) await talker.settled();
      if (first.client.info?.port === port) broken.push(`kill ${killed}: the first talker is not elsewhere`);
      await cluster.start(port);
      for (const client of clients) await cluster.isWhole(client);
    }
    for (const talker of talkers) {
      talker.stop();
      await talker.settled();
      talker.compare();
      if (!witness.heard.has(talker.subject)) broken.push(`${talker.subject}: nothing came from node to node`);
    }
    broken.push(...talkers.flatMap((talker) => talker.broken), ...witness.broken);
    return { kills, ...total(talkers.map(({ sums }) => sums)), broken };
  } finally {
    for (const talker of talkers) talker.stop();
    for (const client of clients) await client.close();
    await cluster.close();
  }
}

class Cluster {
  readonly nodes: RealServer[] = [];
  readonly #routes: readonly number[];

  private constructor(routes: readonly number[]) {
    this.#routes = routes;
  }

  static async open(): Promise<Cluster> {
    const cluster = new Cluster(await Promise.all(Array.from({ length: NODES }, freePort)));
    cluster.nodes.push(...(await Promise.all(Array.from({ length: NODES }, (_, node) => cluster.#node(node)))));
    return cluster;
  }

  /** Resolves when a client knows all nodes. */
  async isWhole(client: Connection): Promise<void> {
    while (client.info?.connect_urls?.length !== NODES) await sleep(5);
  }

  async kill(port: number): Promise<void> {
    await this.nodes[this.#at(port)]!.stop();
  }

  async start(port: number): Promise<void> {
    const node = this.#at(port);
    this.nodes[node] = await this.#node(node, port);
  }

  async close(): Promise<void> {
    for (const node of this.nodes) await node.stop();
  }

  #at(port: number): number {
    return this.nodes.findIndex((node) => node.port === port);
  }

  #node(node: number, port?: number): Promise<RealServer> {
    const routes = this.#routes.map((route) => `"nats-route://127.0.0.1:${route}"`).join(", ");
    return startNatsServer(
      `cluster { name: natswire, host: 127.0.0.1, port: ${this.#routes[node]}, routes: [ ${routes} ] }`,
      port,
    );
  }
}
