// SPDX-License-Identifier: Apache-2.0
/**
 * An embedded NATS server as a sans-IO state machine: pass it what happened, pull what to do.
 *
 * @module
 */

export {
  type Authorizer,
  anyAuthorizer,
  type ClientOrigin,
  tokenAuthorizer,
  type User,
  type UserOptions,
  userAuthorizer,
} from "./auth/authorizer.ts";
export { checkUsers, type Grant } from "./auth/grant.ts";
export {
  isWithin,
  overlaps,
  type Permissions,
  type ResponsePermission,
  type SubjectPermission,
} from "./auth/permissions.ts";
export { type Compat, checkConfig, defaults, type Millis, type ServerConfig } from "./config.ts";
export { Deadlines } from "./deadlines.ts";
export type {
  Action,
  AuthorizeAction,
  CloseAction,
  CloseReason,
  CompleteInfo,
  ConnectionId,
  ConnectionInfo,
  DeliverAction,
  InterestStats,
  ListenerId,
  MessageData,
  ServerStats,
  StallAction,
  StartTlsAction,
  SubscriptionId,
  SubscriptionInfo,
  TlsOffer,
} from "./outputs.ts";
export { randomText } from "./random-text.ts";
export { ServerCore } from "./server-core.ts";
export type { ModuleAction, ModuleHost, ModuleInfo, Publisher, ServerModule } from "./server-module.ts";
export type { ServerView } from "./server-view.ts";
