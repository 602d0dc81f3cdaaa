// SPDX-License-Identifier: Apache-2.0
export {
  type Authorize,
  type Grant,
  type Permissions,
  type Rules,
  type ServeOptions,
  type Server,
  token,
  type User,
  users,
} from "@natswire/runtime";
export { listen } from "./listen.ts";
export { serve } from "./serve.ts";
