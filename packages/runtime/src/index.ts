// SPDX-License-Identifier: Apache-2.0
export type { ServerConfig, ServerStats } from "@natswire/server";
export { type ServeAt, type Server, serveWith } from "./run-server.ts";
export type { Listen, Listener, Transport, TransportHandler } from "./transport.ts";
