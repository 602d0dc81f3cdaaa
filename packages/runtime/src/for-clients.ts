// SPDX-License-Identifier: Apache-2.0
/**
 * What an adapter hands on to those who connect with it.
 *
 * @module
 */

export { MsgHeaders, type ServerInfo, UsageError, type UsageErrorCode } from "@natswire/codec";
export type { Credentials, Endpoint, Overflow, ServerChoice, SessionStats, TlsPolicy } from "@natswire/session";
export { type Clock, VirtualClock } from "./clock.ts";
export type { ClientRequestOptions, Connection, RequestManyOptions, Status } from "./connection.ts";
export { ConnectionError, type ConnectionErrorCode } from "./connection-error.ts";
export type { Authenticator, Debug } from "./connection-options.ts";
export {
  credsAuthenticator,
  jwtAuthenticator,
  nkeyAuthenticator,
  type Secret,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "./credentials.ts";
export { encodePublicKey, type KeyKind } from "./nkeys.ts";
export type { Payload, PublishOptions, Received } from "./received.ts";
export type { Entry } from "./scribe.ts";
export type { Patience, Signal } from "./signal.ts";
export type { Subscription, SubscriptionOptions } from "./subscription.ts";
export type { Dial, Transport, TransportHandler } from "./transport.ts";
