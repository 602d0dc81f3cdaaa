// SPDX-License-Identifier: Apache-2.0
import type { NatsConnection } from "@nats-io/nats-core";
import type { Connection } from "@natswire/io/client";
import { NatsJsConnection } from "./nats-js-connection.ts";

const wrapped = /* @__PURE__ */ new WeakMap<Connection, NatsConnection>();

/**
 * Returns the connection as a `NatsConnection` of nats.js, for `@nats-io/jetstream`, `@nats-io/kv`, `@nats-io/obj`,
 * `@nats-io/services`, and any other library that takes one.
 *
 * Both use the same socket, and both can be used side by side. The same connection always gives the same object.
 *
 * @example
 * ```js
 * import { jetstream, jetstreamManager } from "@nats-io/jetstream";
 * import { toNatsConnection } from "@natswire/nats-js";
 * import { connect } from "@natswire/node";
 *
 * const client = await connect({ servers: "nats://localhost:4222" });
 * const nc = toNatsConnection(client);
 * const manager = await jetstreamManager(nc);
 * await manager.streams.add({ name: "orders", subjects: ["orders.>"] });
 * const { seq } = await jetstream(nc).publish("orders.new", "apple");
 * console.log(`stored as message ${seq}`);
 * await client.drain();
 * ```
 */
export function toNatsConnection(connection: Connection): NatsConnection {
  let nc = wrapped.get(connection);
  if (nc === undefined) {
    // The types of nats.js are written for programs without `exactOptionalPropertyTypes`.
    nc = new NatsJsConnection(connection) as NatsConnection;
    wrapped.set(connection, nc);
  }
  return nc;
}
