// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Direction } from "./direction.ts";

// Milliseconds. A client that has not closed a connection it left within this time never will.
const CLOSE_TIMEOUT = 5000;

/** A connection that goes through the proxy. */
export class ProxiedConnection {
  /** The socket to the client. */
  readonly client: Socket;
  /** The socket to the server. */
  readonly server: Socket;
  readonly toServer: Direction;
  readonly toClient: Direction;

  constructor(client: Socket, server: Socket) {
    this.client = client;
    this.server = server;
    for (const socket of [client, server]) socket.setNoDelay().on("error", () => {});
    this.toServer = new Direction(client, server);
    this.toClient = new Direction(server, client);
  }

  /** Closes both sides. */
  end(): void {
    this.client.destroy();
    this.server.destroy();
  }

  /** Resets both sides. */
  reset(): void {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }

  /** Closes both sides. Resolves to whether the client had closed its side before, waiting up to 5 seconds for that. */
  async isLeft(): Promise<boolean> {
    // A socket reports its end only after everything before it was read.
    this.toServer.discard();
    this.toClient.discard();
    for (let waited = 0; waited < CLOSE_TIMEOUT && !isOver(this.client); waited += 5) await sleep(5);
    const isLeft = isOver(this.client);
    this.end();
    return isLeft;
  }
}

/** A TCP proxy on a port of its own, whose connections a test can hold, split, cut and reset. */
export class TcpProxy {
  readonly #server: Server;
  readonly #upstream: number;
  /** Connections that were opened and not cleared, oldest first. */
  readonly connections: ProxiedConnection[] = [];
  /** Called with each connection before a byte is forwarded. */
  onConnection: (connection: ProxiedConnection) => void = () => {};

  private constructor(upstream: number) {
    this.#upstream = upstream;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  /** Opens a proxy to a port of this machine. */
  static async open(upstream: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(upstream);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The connection that was opened last. */
  get last(): ProxiedConnection {
    return this.connections.at(-1)!;
  }

  /** Resets all connections. */
  reset(): void {
    for (const connection of this.connections.splice(0)) connection.reset();
  }

  /** Closes all connections but the last. Resolves to the number of those that their client had kept open. */
  async clear(): Promise<number> {
    const old = this.connections.splice(0, this.connections.length - 1);
    const left = await Promise.all(old.map((connection) => connection.isLeft()));
    return left.filter((isLeft) => !isLeft).length;
  }

  async close(): Promise<void> {
    for (const connection of this.connections.splice(0)) connection.end();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(client: Socket): void {
    const server = connect({ port: this.#upstream, host: "127.0.0.1", allowHalfOpen: true });
    const connection = new ProxiedConnection(client, server);
    this.connections.push(connection);
    this.onConnection(connection);
  }
}

function isOver({ destroyed, readableEnded, errored }: Socket): boolean {
  return destroyed || readableEnded || errored !== null;
}
