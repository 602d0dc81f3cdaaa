// SPDX-License-Identifier: Apache-2.0
export * from "@natswire/runtime/client";
export { type ConnectOptions, connect } from "./connect.ts";
export { type DialOptions, dial, dialWith } from "./dial.ts";
export type { WebSocketLike } from "./socket.ts";
