// SPDX-License-Identifier: Apache-2.0
export {
  type Authenticator,
  type ClientRequestOptions,
  type Clock,
  type Connection,
  ConnectionError,
  type ConnectionErrorCode,
  credsAuthenticator,
  type Debug,
  type Entry,
  jwtAuthenticator,
  MsgHeaders,
  nkeyAuthenticator,
  type Patience,
  type Payload,
  type PublishOptions,
  type Received,
  type RequestManyOptions,
  type RequestOptions,
  type Secret,
  type ServerChoice,
  type Status,
  type Subscription,
  type SubscriptionOptions,
  tokenAuthenticator,
  UsageError,
  type UsageErrorCode,
  usernamePasswordAuthenticator,
  VirtualClock,
} from "@natswire/runtime";
export { type ConnectOptions, connect } from "./connect.ts";
export { type DialOptions, dial, dialWith } from "./dial.ts";
export type { WebSocketLike } from "./socket.ts";
