// SPDX-License-Identifier: Apache-2.0
import { checkNoMore, checkOptions } from "../options.ts";
import type { Listen } from "../transport/transport.ts";
import { type Server, type ServerOptions, serverOptions, serveWith } from "./server.ts";

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
  const own: readonly string[] = names;
  checkOptions(given, [...serverOptions, ...own]);
  const entries = Object.entries(given);
  const select = (isOwn: boolean): object =>
    Object.fromEntries(entries.filter(([name]) => own.includes(name) === isOwn));
  return serveWith(listenWith(select(true) as Own), select(false));
}
