// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect } from "@natswire/node";
import { freePort } from "../../testkit/free-port.ts";
import { type RealServer, startNatsServer } from "../../testkit/nats-server.ts";
import { SelfPublisher, type Totals } from "./self-publisher.ts";
import { sum } from "./totals.ts";
import { Witness } from "./witness.ts";

const NODES = 3;
// Milliseconds between two kills.
const PAUSE = 200;

/** The results of a run. */
export interface Summary extends Totals {
  readonly kills: number;
  readonly broken: readonly string[];
}

/**
 * Runs two publishers and a witness against a cluster of three real nats-servers. Kills the node that the first publisher
 * uses, waits until all clients have reconnected, restarts the node, and repeats.
 */
export async function killNodes(kills: number): Promise<Summary> {
  const cluster = await Cluster.open();
  const clients: Connection[] = [];
  const publishers: SelfPublisher[] = [];
  const join = async (node: number): Promise<Connection> => {
    // The client discovers the other nodes from this one.
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
    const witness = new Witness(await join(2), "self.*");
    await witness.client.flush();
    for (const node of [0, 1]) publishers.push(new SelfPublisher(await join(node), `self.${node}`));
    const [first] = publishers as [SelfPublisher];
    const broken: string[] = [];
    for (let killed = 0; killed < kills; killed++) {
      for (const publisher of publishers) await publisher.settled();
      await sleep(PAUSE);
      const port = first.client.info!.port!;
      await cluster.kill(port);
      for (const publisher of publishers) await publisher.settled();
      if (first.client.info?.port === port) broken.push(`kill ${killed}: the client is not on another node`);
      await cluster.start(port);
      for (const client of clients) await cluster.isWhole(client);
    }
    for (const publisher of publishers) {
      publisher.stop();
      await publisher.settled();
      publisher.checkStats();
      if (!witness.received.has(publisher.subject)) broken.push(`${publisher.subject}: no message crossed the cluster`);
    }
    broken.push(...publishers.flatMap((publisher) => publisher.broken), ...witness.broken);
    return { kills, ...sum(publishers.map(({ totals }) => totals)), broken };
  } finally {
    for (const publisher of publishers) publisher.stop();
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

  /** Resolves after a client has discovered all nodes. */
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
