// SPDX-License-Identifier: Apache-2.0
import { freePort } from "../../../testkit/free-port.ts";
import { natsServerVersion, type RealServer, startNatsServer } from "../../../testkit/nats-server.ts";
import { TcpProxy } from "../../../testkit/tcp-proxy.ts";
import type { LinkWatch } from "./link-watch.ts";

// A leafnode, and a gateway in each direction.
const OTHER_LINKS = 3;

/** How the servers of a cluster connect. */
export interface RouteConfig {
  /** The connections to each other server; -1 for one without a pool. nats-server's default is 3. */
  readonly poolSize?: number;
  /** Whether the account P has a connection of its own. */
  readonly isPinned?: boolean;
}

/** Returns whether nats-server has pools, connections for one account, and compression: since 2.10. */
function isCurrent(): boolean {
  return !/^2\.[0-9]\./.test(natsServerVersion());
}

/** Returns how the servers of a cluster can connect, in the version in use. */
export function routeConfigs(): readonly RouteConfig[] {
  return isCurrent() ? [{}, { poolSize: -1 }, { isPinned: true }] : [{ poolSize: -1 }];
}

const ACCOUNTS = `
  accounts {
    A: { users: [ { user: a, password: a } ] }
    P: { users: [ { user: p, password: p } ] }
    S: { users: [ { user: s, password: s } ] }
  }
  system_account: S
`;

/**
 * Four nats-servers: `one` and `two` are a cluster, `leaf` is a leafnode of `one`, and `far` is another cluster. What they send
 * each other goes through proxies.
 */
export class Topology {
  readonly servers: RealServer[] = [];
  /** The number of connections that the servers open to each other at least. */
  readonly links: number;
  readonly #proxies: TcpProxy[] = [];
  readonly #watch: LinkWatch;

  private constructor(watch: LinkWatch, { poolSize = 3, isPinned = false }: RouteConfig) {
    this.#watch = watch;
    // A pool has a connection for the system account besides.
    this.links = OTHER_LINKS + (poolSize < 0 ? 1 : poolSize + 1) + (isPinned ? 1 : 0);
  }

  /** Starts the servers, in the order `one`, `two`, `leaf`, `far`. */
  static async open(watch: LinkWatch, config: RouteConfig): Promise<Topology> {
    const topology = new Topology(watch, config);
    try {
      await topology.#start(config);
    } catch (error) {
      await topology.close();
      throw error;
    }
    return topology;
  }

  async close(): Promise<void> {
    for (const server of this.servers) await server.stop();
    for (const proxy of this.#proxies) await proxy.close();
  }

  async #start({ poolSize, isPinned = false }: RouteConfig): Promise<void> {
    const [route, other, leaf, near, far] = (await Promise.all(Array.from({ length: 5 }, freePort))) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const [routes, leaves, toNear, toFar] = [
      await this.#proxy("route", route),
      await this.#proxy("leaf", leaf),
      await this.#proxy("gateway", near),
      await this.#proxy("gateway", far),
    ];
    const isNew = isCurrent();
    const off = isNew ? "compression: off" : "";
    const pool = isNew && poolSize !== undefined ? `pool_size: ${poolSize}` : "";
    const pinned = isPinned ? "accounts: [P]" : "";
    const cluster = (at: number, more: string): string =>
      `cluster {\n name: near\n listen: "127.0.0.1:${at}"\n ${off}\n ${pool}\n ${pinned}\n ${more}\n }`;
    const gateway = (name: string, at: number, advertised: number): string =>
      `gateway {
         name: ${name}\n listen: "127.0.0.1:${at}"\n advertise: "127.0.0.1:${advertised}"
         gateways: [ { name: near, url: "nats://127.0.0.1:${toNear}" }, { name: far, url: "nats://127.0.0.1:${toFar}" } ]
       }`;
    const remote = `{\n url: "nats-leaf://a:a@127.0.0.1:${leaves}"\n account: A\n ${off}\n }`;
    const configs = [
      `server_name: one
       ${cluster(route, "")}
       ${gateway("near", near, toNear)}
       leafnodes {\n listen: "127.0.0.1:${leaf}"\n ${off}\n }`,
      `server_name: two
       ${cluster(other, `routes: [ "nats-route://127.0.0.1:${routes}" ]`)}`,
      `server_name: leaf
       leafnodes { remotes: [ ${remote} ] }`,
      `server_name: far
       ${gateway("far", far, toFar)}`,
    ];
    for (const config of configs) this.servers.push(await startNatsServer(ACCOUNTS + config));
  }

  /** Opens a proxy and resolves to its port. */
  async #proxy(kind: "route" | "leaf" | "gateway", upstream: number): Promise<number> {
    const proxy = await TcpProxy.open(upstream);
    this.#watch.watch(kind, proxy);
    this.#proxies.push(proxy);
    return proxy.port;
  }
}
