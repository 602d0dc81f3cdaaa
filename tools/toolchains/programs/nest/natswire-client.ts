// SPDX-License-Identifier: Apache-2.0
import { type Connection, connect } from "@natswire/node";
import { ClientProxy, type ReadPacket, type WritePacket } from "@nestjs/microservices";

/** Sends requests and events; patterns are NATS subjects. */
export class NatswireClient extends ClientProxy {
  private client?: Promise<Connection>;

  constructor(private readonly servers: string) {
    super();
  }

  connect(): Promise<Connection> {
    this.client ??= connect(this.servers);
    return this.client;
  }

  async close(): Promise<void> {
    await (await this.client)?.drain();
  }

  protected publish({ pattern, data }: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const abort = new AbortController();
    this.connect()
      .then((client) => client.request(pattern, JSON.stringify(data), { signal: abort.signal }))
      .then(
        (reply) => callback({ response: JSON.parse(reply.text()), isDisposed: true }),
        (err) => callback({ err, isDisposed: true }),
      );
    return () => abort.abort();
  }

  protected async dispatchEvent<T>({ pattern, data }: ReadPacket): Promise<T> {
    const client = await this.connect();
    client.publish(pattern, JSON.stringify(data));
    return undefined as T;
  }

  unwrap<T>(): T {
    return this.client as T;
  }
}
