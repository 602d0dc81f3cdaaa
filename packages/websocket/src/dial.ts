// SPDX-License-Identifier: Apache-2.0
import { type Dial, UsageError } from "@natswire/io";
import { urlOf } from "@natswire/io/adapter";
import { host } from "./platform.ts";
import { carry, type WebSocketLike } from "./socket.ts";

/** How to come by a WebSocket. */
export interface DialOptions {
  /**
   * Makes the WebSocket for a URL, anew for each connection: with headers, cookies, a proxy or certificates, where a
   * package offers them, `(url) => new WebSocket(url, { headers })` of `ws`. Or gives one that is there already,
   * which serves one connection and must not have heard anything. The runtime's own `WebSocket` where left out.
   */
  readonly factory?: ((url: string) => WebSocketLike) | undefined;
  /**
   * Bytes that may have come before the program wants to read on (`overflow: "pause"`): a WebSocket cannot be told to
   * stop reading. With more the connection is lost, and the client told why; 64 MiB where left out.
   */
  readonly maxWaiting?: number | undefined;
}

const MAX_WAITING = 67_108_864;

/** Dials `ws://` and `wss://` with the runtime's own WebSocket. */
export const dial: Dial = /* @__PURE__ */ dialWith();

/**
 * Dials `ws://` and `wss://`.
 *
 * @returns throws Error where the URL is another, and UsageError BAD_FIELD where the runtime has no WebSocket and there is no factory
 */
export function dialWith({ factory, maxWaiting = MAX_WAITING }: DialOptions = {}): Dial {
  return ({ scheme, host: name, port, path = "/" }, on) => {
    if (!scheme.startsWith("ws")) throw new Error("this is a WebSocket: use ws:// or wss://");
    const url = urlOf(scheme as "ws" | "wss", { host: name, port });
    return carry((factory ?? own())(url + path), on, maxWaiting);
  };
}

/**
 * The runtime's own.
 *
 * @throws UsageError BAD_FIELD where it has none
 */
export function own(): (url: string) => WebSocketLike {
  const { WebSocket } = host;
  if (WebSocket === undefined) {
    throw new UsageError(
      "BAD_FIELD",
      "there is no WebSocket in this runtime (Node has one from version 22 on): give a factory, (url) => new WebSocket(url) of the package ws for instance",
    );
  }
  return (url) => new WebSocket(url);
}
