// SPDX-License-Identifier: Apache-2.0
import type { NatsConnection } from "@nats-io/nats-core";
import { connect, type NodeConnectionOptions } from "@natswire/nats-js/node";
import { ClientNats, type NatsOptions, ServerNats } from "@nestjs/microservices";

type Options = Required<NatsOptions>["options"];

/** Nest's client for NATS, on a connection of natswire. */
export class ClientNatswire extends ClientNats {
  override createClient(): Promise<NatsConnection> {
    return connect(connectOptions(this.options));
  }
}

/** Nest's server for NATS, on a connection of natswire. */
export class ServerNatswire extends ServerNats {
  constructor(private readonly natsOptions: Options) {
    super(natsOptions);
  }

  override createNatsClient(): Promise<NatsConnection> {
    return connect(connectOptions(this.natsOptions));
  }
}

/** Returns the options without those that only Nest uses. natswire refuses an option that it does not know. */
function connectOptions(all: Options): NodeConnectionOptions {
  const { headers, queue, serializer, deserializer, gracefulShutdown, gracePeriod, ...options } = all;
  return options;
}
