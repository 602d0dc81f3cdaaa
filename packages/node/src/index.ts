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
  type Permissions,
  type Received,
  type Rules,
  type ServeOptions,
  type Server,
  type ServerConnection,
  type Transcript,
  token,
  type User,
  users,
  VirtualClock,
} from "@natswire/runtime";
export { listen } from "./listen.ts";
export { serve } from "./serve.ts";
