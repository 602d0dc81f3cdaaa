// SPDX-License-Identifier: Apache-2.0
import type { WebSocketLike } from "./socket.ts";

interface Host {
  readonly WebSocket?: (new (url: string) => WebSocketLike) | undefined;
  setTimeout(run: () => void, after: number): unknown;
  clearTimeout(timer: unknown): void;
  queueMicrotask(run: () => void): void;
}

/** What is used of the runtime, and ES2022's library does not declare. */
export const host: Host = globalThis as unknown as Host;
