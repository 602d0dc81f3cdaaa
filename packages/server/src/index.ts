// SPDX-License-Identifier: Apache-2.0
export { type Authorize, type Grant, token, type User, users } from "./authorize.ts";
export { defaults, type Millis, type ServerConfig } from "./config.ts";
export type { Action, Ask, HangUp, HangUpReason, PeerId, ServerStats } from "./outputs.ts";
export type { Permissions, Rules } from "./permissions.ts";
export { ServerCore } from "./server-core.ts";
