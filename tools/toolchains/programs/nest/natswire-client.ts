// SPDX-License-Identifier: Apache-2.0
import { type Connection, connect } from "@natswire/node";
import { ClientProxy, type ReadPacket, type WritePacket } from "@nestjs/microservices";

/** Sends requests and events; patterns are NATS subjects. */
export class NatswireClient extends ClientProxy {
  private client: Promise<Connection> | undefined;

  constructor(private readonly servers: string) {
    super();
  }

  connect(): Promise<Connection> {
    this.client ??= connect(this.servers).catch((error) => {
      this.client = undefined; // the next call tries again
      throw error;
    });
    return this.client;
  }

  async close(): Promise<void> {
    await (await this.client)?.drain();
  }

  protected publish({ pattern, data }: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const abort = new AbortController();
    this.ask(pattern, data, abort.signal).then(
      (answer) => callback({ ...answer, isDisposed: true }),
      (err) => callback({ err, isDisposed: true }),
    );
    return () => abort.abort();
  }

  private async ask(subject: string, data: unknown, signal: AbortSignal): Promise<WritePacket> {
    const client = await this.connect();
    const reply = await client.request(subject, JSON.stringify(data), { signal });
    const answer = JSON.parse(reply.text());
    return reply.headers?.get("Nats-Service-Error-Code") ? { err: answer } : { response: answer };
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
