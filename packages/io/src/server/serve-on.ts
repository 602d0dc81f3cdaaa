// SPDX-License-Identifier: Apache-2.0
import { checkNoMore, checkOptions } from "../options.ts";
import type { Listen } from "../transport/transport.ts";
import { type Cluster, serveClusterWith } from "./cluster.ts";
import { serveWith } from "./embedded-server.ts";
import type { Server } from "./server.ts";
import { type ServerOptions, serverOptions } from "./server-options.ts";

/**
 * Starts an embedded server on a runtime's listener: `serve` of that runtime.
 *
 * @param listenWith makes the listener from its own options
 * @param names the names of these options
 * @param given the options of `serve`: those of the server and those of the listener
 * @param more the arguments after them, which are rejected
 * @throws UsageError if an option is unknown or not valid
 * @throws the error of the listener, for example if the address is in use
 */
export async function serveOn<Own extends object>(
  listenWith: (own: Own) => Listen,
  names: readonly (keyof Own & string)[],
  given: ServerOptions & Own,
  more: readonly unknown[],
): Promise<Server> {
  checkNoMore(more, "serve({ host, port, record })");
  return serveWith(...divide(listenWith, names, given));
}

/**
 * Starts several servers on a runtime's listener, for tests of failover: `serveCluster` of that runtime.
 *
 * @param size how many
 * @throws UsageError if the size or an option is not valid
 * @throws the error of the listener, for example if the address is in use
 */
export async function serveClusterOn<Own extends object>(
  listenWith: (own: Own) => Listen,
  names: readonly (keyof Own & string)[],
  size: number,
  given: ServerOptions & Own,
): Promise<Cluster> {
  const [listen, options] = divide(listenWith, names, given);
  return serveClusterWith(listen, size, options);
}

/** Divides the options into those of the listener, which it makes, and those of the server. */
function divide<Own extends object>(
  listenWith: (own: Own) => Listen,
  names: readonly string[],
  given: ServerOptions & Own,
): [listen: Listen, options: ServerOptions] {
  checkOptions(given, [...serverOptions, ...names]);
  const entries = Object.entries(given);
  const select = (isOwn: boolean): object =>
    Object.fromEntries(entries.filter(([name]) => names.includes(name) === isOwn));
  return [listenWith(select(true) as Own), select(false)];
}
