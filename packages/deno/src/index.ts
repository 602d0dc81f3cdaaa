// SPDX-License-Identifier: Apache-2.0
export {
  type Authorize,
  anyOf,
  type Compat,
  type Grant,
  type Listen,
  type Listener,
  type LocalSubscription,
  type NkeyUser,
  nkeys,
  type Permissions,
  type RequestOptions,
  type Rules,
  type ServeOptions,
  type Server,
  type ServerConnection,
  type SubscribeOptions,
  type Transcript,
  token,
  type User,
  users,
} from "@natswire/runtime";
export * from "@natswire/runtime/client";
export { type ConnectOptions, connect } from "./connect.ts";
export { type ClientTls, dial, dialWith } from "./dial.ts";
export { type ListenOptions, listen, listenWith, type ServerTls } from "./listen.ts";
export { serve } from "./serve.ts";
