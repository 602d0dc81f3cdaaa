// SPDX-License-Identifier: Apache-2.0
import { checkFunction, checkOptions, urlOf } from "@natswire/io/adapter";
import { type Dial, type Endpoint, UsageError } from "@natswire/io/client";
import { host } from "./platform.ts";
import { createTransport, type WebSocketLike } from "./socket.ts";

/** How a WebSocket is made. */
export interface DialOptions {
  /**
   * Returns a new WebSocket for a URL; called for each connection. Use it for headers, cookies, a proxy or certificates, for
   * example with the package `ws`: `(url) => new WebSocket(url, { headers })`. It may return an open WebSocket that has
   * received nothing yet. The runtime's `WebSocket` by default.
   */
  readonly factory?: ((url: string) => WebSocketLike) | undefined;
  /**
   * Bytes that may wait while the client does not read (`overflow: "pause"`): most WebSockets cannot be paused. With more, the
   * connection is closed with an error and made again. 64 MiB by default.
   */
  readonly maxWaiting?: number | undefined;
}

/** Every option of `DialOptions`. */
export const dialOptions: readonly (keyof DialOptions)[] = ["factory", "maxWaiting"];

const MAX_WAITING = 67_108_864;

/** Dials `ws://` and `wss://` with the runtime's WebSocket. */
export const dial: Dial = /* @__PURE__ */ dialWith();

/**
 * Returns a `Dial` for `ws://` and `wss://`. Calling it throws a UsageError BAD_FIELD if no factory is given and the runtime has
 * no WebSocket.
 *
 * @throws UsageError BAD_FIELD if an option is unknown or not valid
 */
export function dialWith(options: DialOptions = {}): Dial {
  checkOptions(options, dialOptions, "dialWith");
  const { factory, maxWaiting = MAX_WAITING } = options;
  checkFunction("factory", factory);
  const dial: Dial = ({ scheme, host: name, port, path = "/" }, on) => {
    const url = urlOf(scheme as "ws" | "wss", { host: name, port });
    return createTransport((factory ?? ownWebSocket())(url + path), on, maxWaiting);
  };
  return Object.assign(dial, { check });
}

function check({ scheme }: Endpoint): void {
  if (!scheme.startsWith("ws"))
    throw new UsageError("BAD_FIELD", "@natswire/websocket needs a URL that begins with ws:// or wss://");
}

/**
 * Returns a factory of the runtime's own WebSocket.
 *
 * @throws UsageError BAD_FIELD if it has none
 */
export function ownWebSocket(): (url: string) => WebSocketLike {
  const { WebSocket } = host;
  if (WebSocket === undefined) {
    throw new UsageError(
      "BAD_FIELD",
      "this runtime has no WebSocket (Node has it since version 22); pass a factory, for example with the package ws",
    );
  }
  return (url) => new WebSocket(url);
}
