// SPDX-License-Identifier: Apache-2.0
import type { NatsConnection, NatsConnectionImpl } from "@nats-io/nats-core/internal";
import { connect as connectNatswire } from "@natswire/node";
import { type NodeConnectionOptions, toConnectOptions } from "./connect-options.ts";
import { toNatsError } from "./errors.ts";
import { toNatsConnection } from "./to-nats-connection.ts";

/**
 * Connects to a NATS server, with the options and defaults of `connect` of `@nats-io/transport-node`.
 *
 * At most 64 MiB wait to be sent; `publish` throws if there is more. Credentials are also sent over plain text, as nats.js does.
 *
 * @param opts the options; the server is 127.0.0.1:4222 by default
 * @throws ConnectionError, AuthorizationError or TimeoutError of nats-core if no server accepts the client
 * @throws InvalidArgumentError of nats-core if an option is unknown, not supported or not valid
 * @example
 * ```js
 * import { connect } from "@natswire/nats-js/node"; // was "@nats-io/transport-node"
 * import { serve } from "@natswire/node";
 *
 * const server = await serve(); // or any NATS server
 * const nc = await connect({ servers: server.url });
 * nc.subscribe("greet", { callback: (_error, msg) => void msg.respond(`hello, ${msg.string()}`) });
 * const reply = await nc.request("greet", "ann");
 * console.log(reply.string()); // hello, ann
 * await nc.drain();
 * await server.close();
 * ```
 */
export async function connect(opts: NodeConnectionOptions = {}): Promise<NatsConnection> {
  try {
    const nc = toNatsConnection(await connectNatswire(toConnectOptions(opts)));
    // Also for the timeouts of subscriptions.
    (nc as NatsConnectionImpl).options.noAsyncTraces = opts.noAsyncTraces === true;
    return nc;
  } catch (error) {
    throw toNatsError(error);
  }
}
