// SPDX-License-Identifier: Apache-2.0
/**
 * A NATS client and an embedded NATS server for Bun, on Bun's own sockets: `connect` and `serve`.
 *
 * @module
 */

export * from "@natswire/io/client";
export * from "@natswire/io/server";
export { type ConnectOptions, connect } from "./connect.ts";
export { type ClientTls, dial, dialWith } from "./dial.ts";
export { type ListenOptions, listen, listenWith } from "./listen.ts";
export { type ServeOptions, serve } from "./serve.ts";
export { serveCluster } from "./serve-cluster.ts";
export { serveMonitor } from "./serve-monitor.ts";
export type { ServerTls } from "./tls.ts";
