// SPDX-License-Identifier: Apache-2.0
import { InvalidArgumentError, type NatsConnection } from "@nats-io/nats-core";
import type { Connection } from "@natswire/io/client";
import { NatsJsConnection } from "./nats-js-connection.ts";

const wrapped = /* @__PURE__ */ new WeakMap<Connection, NatsConnection>();

/**
 * Returns the connection as a `NatsConnection` of nats.js, for `@nats-io/jetstream`, `@nats-io/kv`, `@nats-io/obj`,
 * `@nats-io/services`, and any other library that takes one.
 *
 * Both use the same socket, and both can be used side by side. The same connection always gives the same object.
 *
 * @throws InvalidArgumentError of nats-core if the value is not a connection of natswire
 * @example
 * ```js
 * import { toNatsConnection } from "@natswire/nats-js";
 * import { connect, serve } from "@natswire/node";
 *
 * const server = await serve(); // JetStream needs a nats-server
 * const client = await connect({ servers: server.url });
 * const nc = toNatsConnection(client); // for jetstream(nc), new Kvm(nc), new Objm(nc), new Svcm(nc)
 * nc.subscribe("greet", { callback: (_error, msg) => void msg.respond(`hello, ${msg.string()}`) });
 * const reply = await nc.request("greet", "ann");
 * console.log(reply.string()); // hello, ann
 * await nc.drain();
 * await server.close();
 * ```
 */
export function toNatsConnection(connection: Connection): NatsConnection {
  let nc = wrapped.get(connection);
  if (nc === undefined) {
    // A promise of one, or one of nats.js.
    if (typeof connection?.closed?.then !== "function")
      throw new InvalidArgumentError("toNatsConnection takes what connect of natswire resolves to: await it");
    // The types of nats.js are written for programs without `exactOptionalPropertyTypes`.
    nc = new NatsJsConnection(connection) as NatsConnection;
    wrapped.set(connection, nc);
  }
  return nc;
}
