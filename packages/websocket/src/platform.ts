// SPDX-License-Identifier: Apache-2.0
import type { WebSocketLike } from "./socket.ts";

interface Host {
  readonly WebSocket?: (new (url: string) => WebSocketLike) | undefined;
}

/** The part of the runtime that is used and that the library of ES2022 does not declare. */
export const host: Host = globalThis as unknown as Host;
