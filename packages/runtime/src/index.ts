// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the client and the embedded server on a transport: what people call, and what every adapter is made of.
 *
 * @module
 */

export { MsgHeaders, type ServerInfo, UsageError, type UsageErrorCode } from "@natswire/codec";
export {
  type Authorize,
  anyOf,
  type Compat,
  type Grant,
  type PeerId,
  type PeerInfo,
  type Permissions,
  type Rules,
  type ServerConfig,
  type ServerStats,
  type TlsOffer,
  token,
  type User,
  users,
} from "@natswire/server";
export {
  type Credentials,
  type Endpoint,
  type Overflow,
  type ServerChoice,
  type SessionStats,
  type TlsPolicy,
  withoutUserinfo,
} from "@natswire/session";
export { type Clock, realClock, VirtualClock } from "./clock.ts";
export { connectWith } from "./connect-with.ts";
export { connectWithTls, type TlsConnectOptions } from "./connect-with-tls.ts";
export type { ClientRequestOptions, Connection, RequestManyOptions, Status } from "./connection.ts";
export { asError, ConnectionError, type ConnectionErrorCode } from "./connection-error.ts";
export type { Authenticator, ConnectionOptions, Debug } from "./connection-options.ts";
export {
  credsAuthenticator,
  jwtAuthenticator,
  nkeyAuthenticator,
  type Secret,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "./credentials.ts";
export type { LocalSubscription, SubscribeOptions } from "./local-subscription.ts";
export { type NkeyUser, nkeys } from "./nkey-users.ts";
export { decodePublicKey, decodeSeed, encodePublicKey, encodeSeed, type KeyKind } from "./nkeys.ts";
export { type Pem, type PemTexts, textsOf } from "./pem.ts";
export { pipe } from "./pipe.ts";
export type { Payload, PublishOptions, Received, RequestOptions } from "./received.ts";
export { HIDDEN, redacted } from "./redacted.ts";
export { type Entry, type Mark, spoken } from "./scribe.ts";
export { type ServeAt, type ServeOptions, type Server, serveWith } from "./server.ts";
export type { ServerConnection } from "./server-connection.ts";
export type { Patience, Signal } from "./signal.ts";
export { type ByteStreams, streamDial } from "./stream-dial.ts";
export type { Subscription, SubscriptionOptions } from "./subscription.ts";
export type { Transcript, Wanted, Whose } from "./transcript.ts";
export {
  checkSocket,
  type Dial,
  LINGER,
  type Listen,
  type Listener,
  type Place,
  type Transport,
  type TransportHandler,
  urlOf,
} from "./transport.ts";
export type { Which } from "./trouble.ts";
