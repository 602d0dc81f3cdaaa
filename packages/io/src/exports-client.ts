// SPDX-License-Identifier: Apache-2.0
/**
 * Exports what every adapter passes on for clients.
 *
 * @module
 */

export { type HeadersInput, MsgHeaders, type ServerInfo, UsageError, type UsageErrorCode } from "@natswire/codec";
export type {
  ConnectionStats,
  Credentials,
  Denial,
  Endpoint,
  Overflow,
  ServerCandidate,
  TlsPolicy,
} from "@natswire/session";
export {
  credsAuthenticator,
  jwtAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "./auth/authenticators.ts";
export { encodePublicKey, type KeyKind } from "./auth/nkeys.ts";
export { channelHooks } from "./client/channel-hooks.ts";
export type {
  Connection,
  RequestManyOptions,
  RequestOptions,
  Status,
  StatusListenerOptions,
} from "./client/connection.ts";
export type { ConnectionHooks, Delivery, OutgoingMessage, StatusChange } from "./client/connection-hooks.ts";
export type { Authenticator, DebugLog, ServerUrl } from "./client/connection-options.ts";
export type { Subscription, SubscriptionOptions } from "./client/subscription.ts";
export { type Clock, VirtualClock } from "./clock.ts";
export { ConnectionError, type ConnectionErrorCode } from "./connection-error.ts";
export type { Message, MessageJson, Payload, PublishOptions } from "./message.ts";
export type { TranscriptEntry } from "./testing/frame-recorder.ts";
export { type DebugHook, logFrames } from "./testing/log-frames.ts";
export type { Dial, Resolve, Transport, TransportHandler } from "./transport/transport.ts";
export type { AbortSignalLike, WaitOptions } from "./wait.ts";
