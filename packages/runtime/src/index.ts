// SPDX-License-Identifier: Apache-2.0

export { MsgHeaders } from "@natswire/codec";
export {
  type Authorize,
  type Compat,
  type Grant,
  type Permissions,
  type Rules,
  type ServerConfig,
  type ServerStats,
  token,
  type User,
  users,
} from "@natswire/server";
export { type Clock, VirtualClock } from "./clock.ts";
export type { LocalSubscription, SubscribeOptions } from "./local-subscription.ts";
export { pipe } from "./pipe.ts";
export type { Payload, PublishOptions, Received, RequestOptions } from "./received.ts";
export { type ServeAt, type ServeOptions, type Server, serveWith } from "./server.ts";
export type { ServerConnection } from "./server-connection.ts";
export type { Entry, Mark, Transcript, Wanted, Whose } from "./transcript.ts";
export type { Dial, Endpoint, Listen, Listener, Transport, TransportHandler } from "./transport.ts";
export type { Which } from "./trouble.ts";
