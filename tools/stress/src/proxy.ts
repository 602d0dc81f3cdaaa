// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Way } from "./direction.ts";

// A client that does not close what it has left within that time never will.
const PATIENCE = 5000;

/** A connection that goes through the proxy. */
export class Line {
  readonly near: Socket;
  readonly far: Socket;
  readonly toServer: Way;
  readonly toClient: Way;

  /**
   * @param near the client's socket
   * @param far the server's
   */
  constructor(near: Socket, far: Socket) {
    this.near = near;
    this.far = far;
    for (const socket of [near, far]) socket.setNoDelay().on("error", () => {});
    this.toServer = new Way(near, far);
    this.toClient = new Way(far, near);
  }

  end(): void {
    this.near.destroy();
    this.far.destroy();
  }

  /** Ends what is left of it, and resolves to whether the client had left it before. */
  async isLeft(): Promise<boolean> {
    // What it has sent is read to its end.
    this.toServer.lose();
    this.toClient.lose();
    for (let waited = 0; waited < PATIENCE && !isOver(this.near); waited += 5) await sleep(5);
    const left = isOver(this.near);
    this.end();
    return left;
  }
}

/** Stands between clients and a server, and does to a connection what networks do. */
export class TcpProxy {
  readonly #server: Server;
  readonly #upstream: number;
  /** Connections there were, and what was not cleared away yet. */
  readonly lines: Line[] = [];
  /** Befalls the next connection, before anything is said. */
  next: ((line: Line) => void) | undefined;

  private constructor(upstream: number) {
    this.#upstream = upstream;
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#join(near));
  }

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
  get line(): Line {
    return this.lines.at(-1)!;
  }

  /** Clears away all connections but the last; how many of them their client keeps open. */
  async clear(): Promise<number> {
    const left = await Promise.all(this.lines.splice(0, this.lines.length - 1).map((line) => line.isLeft()));
    return left.filter((one) => !one).length;
  }

  async close(): Promise<void> {
    for (const line of this.lines.splice(0)) line.end();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(near: Socket): void {
    const far = connect({ port: this.#upstream, host: "127.0.0.1", allowHalfOpen: true });
    const line = new Line(near, far);
    this.lines.push(line);
    this.next?.(line);
    this.next = undefined;
  }
}

function isOver({ destroyed, readableEnded, errored }: Socket): boolean {
  return destroyed || readableEnded || errored !== null;
}
