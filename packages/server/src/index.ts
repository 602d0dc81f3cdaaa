// SPDX-License-Identifier: Apache-2.0
export { defaults, type Millis, type ServerConfig } from "./config.ts";
export type { Action, HangUp, HangUpReason, PeerId } from "./outputs.ts";
export { ServerCore, type ServerStats } from "./server-core.ts";
