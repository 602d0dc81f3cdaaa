// SPDX-License-Identifier: Apache-2.0
// What an adapter hands on to those who serve with it.

export {
  type Authorize,
  anyOf,
  type Compat,
  type Grant,
  type Permissions,
  type Rules,
  token,
  type User,
  users,
} from "@natswire/server";
export type { LocalSubscription, SubscribeOptions } from "./local-subscription.ts";
export { type NkeyUser, nkeys } from "./nkey-users.ts";
export type { RequestOptions } from "./received.ts";
export type { ServeOptions, Server } from "./server.ts";
export type { ServerConnection } from "./server-connection.ts";
export type { Transcript } from "./transcript.ts";
export type { Listen, Listener } from "./transport.ts";
