// SPDX-License-Identifier: Apache-2.0
import { type Printable, printAs, printable } from "@natswire/codec";
import { badField, badValue } from "../bad-field.ts";
import type { Listen, ListenAddress } from "../transport/transport.ts";
import { EmbeddedServer, type NumberedListener } from "./embedded-server.ts";
import type { Server } from "./server.ts";
import type { ServerConnection } from "./server-connection.ts";
import { addressOf, checkServerOptions, type ServerOptions } from "./server-options.ts";

/** One server of a cluster, as its clients see it: an address, an id and a name of its own. */
export interface ClusterServer {
  /** The URL that clients connect to. */
  readonly url: string;
  readonly port: number;
  /** Whether it accepts clients. */
  readonly isRunning: boolean;
  /** The open connections of its clients. */
  readonly connections: readonly ServerConnection[];
  /** Returns what `console.log` and `JSON.stringify` show: `url`, `isRunning` and the number of connections. */
  toJSON(): object;
  /**
   * Ends its connections at once and stops listening, as a crash does. The other servers no longer advertise it. Resolves after
   * its port is free.
   */
  kill(): Promise<void>;
  /**
   * Listens on the same port again, after `kill`. The other servers advertise it again.
   *
   * @throws the error of the listener, for example if another program has the port now
   */
  restart(): Promise<void>;
}

/**
 * Several servers for tests of failover: clients of any of them receive the messages of all. Each advertises the others
 * (`connect_urls` of INFO). What `Server` has applies to all of them; `url` and `port` are those of the first.
 */
export interface Cluster extends Server {
  readonly servers: readonly ClusterServer[];
}

/**
 * Starts servers that share their subscriptions, as a cluster does. They run in one process, without routes between them.
 *
 * @param listen makes each listener
 * @param size how many servers; at least 1
 * @param options those of `serveWith`; with a `port`, the servers get this one and the following ones
 * @throws UsageError BAD_FIELD if the size or an option is not valid
 * @throws the error of `listen`, for example if a port is in use
 */
export async function serveClusterWith(listen: Listen, size: number, options: ServerOptions = {}): Promise<Cluster> {
  if (typeof listen !== "function") throw badField("listen", "a function", listen);
  if (!Number.isSafeInteger(size) || size < 1) throw badValue("size", "a whole number of at least 1", size);
  checkServerOptions(options);
  const { host, port } = addressOf(options);
  const server = await EmbeddedServer.start(listen, { host, port }, options);
  const servers: Member[] = [];
  const [first] = server.listeners;
  try {
    for (let i = 0; i < size; i++) {
      const member = new Member(server, listen, { host, port: port && port + i }, servers);
      await member.start(i === 0 && first ? { id: 0, listener: first } : undefined);
      servers.push(member);
    }
  } catch (error) {
    await server.close();
    throw error;
  }
  advertise(server, servers);
  printAs("Cluster", server, (cluster: Cluster) => cluster.toJSON());
  return Object.assign(server, { servers });
}

function advertise(server: EmbeddedServer, members: readonly Member[]): void {
  const running = members.filter(({ isRunning }) => isRunning);
  for (const { at } of running) {
    if (at !== undefined)
      server.advertiseTo(
        at,
        running.map(({ url }) => url),
      );
  }
}

const Printed: Printable = /* @__PURE__ */ printable("ClusterServer");

class Member extends Printed implements ClusterServer {
  /** Where it listens; `undefined` after `kill`. */
  at: NumberedListener | undefined;
  url = "";
  port = 0;
  readonly #server: EmbeddedServer;
  readonly #listen: Listen;
  readonly #address: ListenAddress;
  readonly #members: readonly Member[];

  constructor(server: EmbeddedServer, listen: Listen, address: ListenAddress, members: readonly Member[]) {
    super();
    this.#server = server;
    this.#listen = listen;
    this.#address = address;
    this.#members = members;
  }

  get isRunning(): boolean {
    return this.at !== undefined;
  }

  get connections(): readonly ServerConnection[] {
    return this.#server.connectionsOf(this.at?.id);
  }

  toJSON(): object {
    const { url, isRunning, connections } = this;
    return { url, isRunning, connections: connections.length };
  }

  async start(listening?: NumberedListener): Promise<void> {
    const { host } = this.#address;
    const address = { host, port: this.port || this.#address.port };
    this.at = listening ?? (await this.#server.open(this.#listen, address, true));
    ({ url: this.url, port: this.port } = this.at.listener);
  }

  async kill(): Promise<void> {
    const { at, connections } = this;
    if (at === undefined) return;
    this.at = undefined;
    for (const connection of connections) connection.kill();
    await at.listener.close();
    advertise(this.#server, this.#members);
  }

  async restart(): Promise<void> {
    if (this.isRunning) return;
    await this.start();
    advertise(this.#server, this.#members);
  }
}
