// SPDX-License-Identifier: Apache-2.0
/**
 * An embedded NATS server as a state machine: tell it what happened, pull what to do.
 *
 * @module
 */

export { type Authorize, anyOf, checkGrant, type Grant, token, type User, users } from "./authorize.ts";
export { type Compat, checkConfig, defaults, type Millis, type ServerConfig } from "./config.ts";
export type {
  Action,
  Ask,
  Deliver,
  HangUp,
  HangUpReason,
  Message,
  PeerId,
  PeerInfo,
  ServerStats,
  StartTls,
  SubscriptionId,
  TlsOffer,
} from "./outputs.ts";
export type { Permissions, Rules } from "./permissions.ts";
export { ServerCore } from "./server-core.ts";
