// SPDX-License-Identifier: Apache-2.0
import http from "node:http";
import { availableParallelism } from "node:os";
import process from "node:process";
import type { Listener, MonitorOptions, Server } from "@natswire/io";
import { serveMonitorOn } from "@natswire/io/adapter/server";

/**
 * Serves the state of a server over HTTP, as nats-server does on its monitoring port: `/varz`, `/connz`, `/subsz` and `/healthz`.
 *
 * Everyone who reaches the port can read it. It listens on 127.0.0.1 and a free port by default, and closes with the server,
 * after the last connection.
 *
 * @throws UsageError BAD_FIELD if the server or an option is not valid
 * @throws ConnectionError CLOSED if the server is closed
 * @throws Error with the `code` of the socket's error, for example EADDRINUSE, which is its `cause`
 * @example
 * ```js
 * import { serve, serveMonitor } from "@natswire/node";
 *
 * const server = await serve();
 * const { url } = await serveMonitor(server);
 * const { connections } = await (await fetch(`${url}/varz`)).json();
 * console.log(connections); // 0
 * await server.close();
 * ```
 */
export function serveMonitor(server: Server, options?: MonitorOptions): Promise<Listener>;
export function serveMonitor(server: Server, options: MonitorOptions = {}, ...more: unknown[]): Promise<Listener> {
  return serveMonitorOn({ http, process, cores: availableParallelism() }, server, options, more);
}
