// SPDX-License-Identifier: Apache-2.0
import type { NatsConnection } from "@nats-io/nats-core";
import { toNatsConnection } from "@natswire/nats-js";
import { type Connection, connect } from "@natswire/node";
import { TcpProxy } from "../../../testkit/tcp-proxy.ts";

/** A client that is connected through a proxy of its own. */
export class Link {
  readonly proxy: TcpProxy;
  readonly client: Connection;
  readonly nc: NatsConnection;

  private constructor(proxy: TcpProxy, client: Connection) {
    this.proxy = proxy;
    this.client = client;
    this.nc = toNatsConnection(client);
  }

  static async open(port: number): Promise<Link> {
    const proxy = await TcpProxy.open(port);
    const client = await connect({
      servers: `nats://127.0.0.1:${proxy.port}`,
      pingInterval: 500,
      maxPingOut: 2,
      timeout: 2000,
      maxReconnectTimeWait: 200,
      maxReconnectAttempts: -1,
      // What the server and the faults cause is no news.
      onStatus: () => {},
    });
    return new Link(proxy, client);
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.proxy.close();
  }
}
