// SPDX-License-Identifier: Apache-2.0
export {
  type Authorize,
  type Clock,
  type Compat,
  type Entry,
  type Grant,
  type Listen,
  type Listener,
  type LocalSubscription,
  MsgHeaders,
  type Payload,
  type Permissions,
  type PublishOptions,
  type Received,
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
  VirtualClock,
} from "@natswire/runtime";
export { listen } from "./listen.ts";
export { serve } from "./serve.ts";
