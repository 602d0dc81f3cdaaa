// SPDX-License-Identifier: Apache-2.0
import { type Connection, connect, type Message, MsgHeaders } from "@natswire/node";
import { type CustomTransportStrategy, type MessageHandler, Server } from "@nestjs/microservices";
import { lastValueFrom } from "rxjs";

/** Calls the handlers of message and event patterns, which are NATS subjects. */
export class NatswireServer extends Server implements CustomTransportStrategy {
  private client?: Connection;

  constructor(private readonly servers: string) {
    super();
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.client = await connect(this.servers);
      // In a queue group, one instance of the service gets each message.
      for (const [subject, handler] of this.messageHandlers)
        this.client.subscribe(subject, { queue: "nest", callback: (message) => this.handle(handler, message) });
      await this.client.flush();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  private async handle(handler: MessageHandler, message: Message): Promise<void> {
    try {
      const result = this.transformToObservable(await handler(JSON.parse(message.text()), message));
      const response = await lastValueFrom(result, { defaultValue: null });
      message.respond(JSON.stringify(response ?? null));
    } catch (thrown) {
      // What an exception filter of Nest returns, or the error of a payload that is not JSON.
      const error = thrown as Error;
      const headers = new MsgHeaders([["Nats-Service-Error-Code", "500"]]);
      message.respond(JSON.stringify({ ...error, message: error.message }), { headers });
    }
  }

  async close(): Promise<void> {
    await this.client?.drain();
  }

  on(): void {}

  unwrap<T>(): T {
    return this.client as T;
  }
}
