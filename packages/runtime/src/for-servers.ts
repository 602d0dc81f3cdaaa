// SPDX-License-Identifier: Apache-2.0
/**
 * What an adapter hands on to those who serve with it.
 *
 * @module
 */

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
export type { LocalSubscription, SubscribeOptions } from "./local-subscription.ts";
export { type NkeyUser, nkeys } from "./nkey-users.ts";
export type { RequestOptions } from "./received.ts";
export type { Entry, Mark } from "./scribe.ts";
export type { ServeAt, ServeOptions, Server } from "./server.ts";
export type { ServerConnection } from "./server-connection.ts";
export type { Transcript, Wanted, Whose } from "./transcript.ts";
export type { Listen, Listener, Place } from "./transport.ts";
export type { Which } from "./trouble.ts";
