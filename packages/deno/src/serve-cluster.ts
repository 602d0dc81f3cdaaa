// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from "@natswire/io";
import { serveClusterOn } from "@natswire/io/adapter/server";
import { listenWith } from "./listen.ts";
import type { ServeOptions } from "./serve.ts";

/**
 * Starts several embedded servers for tests of failover. Clients of any of them receive the messages of all, and each server
 * advertises the others.
 *
 * @param size how many servers; at least 1
 * @param options those of `serve`, for all of them; with a `port`, they get this one and the following ones
 * @throws UsageError if the size or an option is not valid
 * @throws Error with the `code` of Deno's error, for example EADDRINUSE, which is its `cause`
 * @example
 * ```js
 * import { connect, serveCluster } from "@natswire/deno";
 *
 * const cluster = await serveCluster(3, { record: true });
 * const client = await connect(cluster.url);
 * client.subscribe("orders");
 * await client.flush();
 * await cluster.servers[0].kill();
 * await cluster.transcript.expect({ op: "closed" });
 * await cluster.transcript.expect({ op: "sub", subject: "orders" }); // on another server
 * await client.close();
 * await cluster.close();
 * ```
 */
export function serveCluster(size: number, options: ServeOptions = {}): Promise<Cluster> {
  return serveClusterOn(listenWith, ["tls"], size, options);
}
