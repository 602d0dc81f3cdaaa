// SPDX-License-Identifier: Apache-2.0
/**
 * Exports what every adapter passes on for servers.
 *
 * @module
 */

export {
  type Authorizer,
  anyAuthorizer,
  type ClientOrigin,
  type Compat,
  type ConnectionId,
  type ConnectionInfo,
  type Grant,
  type ModuleAction,
  type ModuleHost,
  type ModuleInfo,
  type Permissions,
  type Publisher,
  type ResponsePermission,
  type ServerConfig,
  type ServerModule,
  type ServerStats,
  type SubjectPermission,
  type SubscriptionInfo,
  type TlsOffer,
  tokenAuthorizer,
  type User,
} from "@natswire/server";
export { type JwtOptions, jwtAuthorizer } from "./auth/jwt-authorizer.ts";
export { type NkeyUser, nkeyAuthorizer } from "./auth/nkey-authorizer.ts";
export { userAuthorizer } from "./auth/user-authorizer.ts";
export type { ServerRequestOptions } from "./message.ts";
export type { Cluster, ClusterServer } from "./server/cluster.ts";
export type { Connz, ConnzConnection, ConnzOptions, ConnzSort } from "./server/monitor/connz.ts";
export { type Healthz, type Monitor, type MonitorOptions, monitor } from "./server/monitor/monitor.ts";
export type { SubscriptionDetail } from "./server/monitor/snapshot.ts";
export type { Subsz, SubszOptions } from "./server/monitor/subsz.ts";
export type { Varz } from "./server/monitor/varz.ts";
export type { Server } from "./server/server.ts";
export type { ServerConnection } from "./server/server-connection.ts";
export type { ServerHooks } from "./server/server-driver.ts";
export type { ServerOptions } from "./server/server-options.ts";
export type { ServerSubscribeOptions, ServerSubscription } from "./server/server-subscription.ts";
export type { FrameSelector } from "./testing/fault-injector.ts";
export type { TranscriptEntry, TranscriptMark } from "./testing/frame-recorder.ts";
export type { ExpectOptions, FrameMatch, Transcript } from "./testing/transcript.ts";
export type { AcceptConnection, Listen, ListenAddress, Listener, ListenLimits } from "./transport/transport.ts";
