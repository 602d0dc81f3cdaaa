// SPDX-License-Identifier: Apache-2.0
export {
  type Authorize,
  type Grant,
  type Permissions,
  type Rules,
  type ServerConfig,
  type ServerStats,
  token,
  type User,
  users,
} from "@natswire/server";
export { type ServeAt, type ServeOptions, type Server, serveWith } from "./run-server.ts";
export type { Listen, Listener, Transport, TransportHandler } from "./transport.ts";
