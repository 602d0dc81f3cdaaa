// SPDX-License-Identifier: Apache-2.0
/**
 * A NATS client over any W3C WebSocket, for example in a browser: `connect`.
 *
 * @module
 */

export * from "@natswire/io/client";
export { type ConnectOptions, connect } from "./connect.ts";
export { type DialOptions, dial, dialWith } from "./dial.ts";
export type { WebSocketLike } from "./socket.ts";
