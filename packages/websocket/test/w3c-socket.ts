// SPDX-License-Identifier: Apache-2.0
import { WebSocket } from "ws";
import type { WebSocketLike } from "../src/index.ts";

/** Only what the W3C has: no `pause`, no `terminate`. It carries its bytes over a WebSocket of the package `ws`. */
class W3cSocket implements WebSocketLike {
  readonly socket: WebSocket;

  constructor(url: string) {
    this.socket = new WebSocket(url);
  }

  get binaryType(): string {
    return this.socket.binaryType;
  }
  set binaryType(type: string) {
    this.socket.binaryType = type as "arraybuffer";
  }
  get readyState(): number {
    return this.socket.readyState;
  }
  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.socket.send(bytes);
  }
  close(): void {
    this.socket.close();
  }
  addEventListener(type: "open" | "close" | "message" | "error", listener: (event: object) => void): void {
    this.socket.addEventListener(type, listener as () => void);
  }
}

/** Returns a WebSocket that counts what is unsent, as in a browser. */
export function countingSocket(url: string): WebSocketLike {
  const own = new W3cSocket(url);
  return Object.defineProperty(own, "bufferedAmount", { get: () => own.socket.bufferedAmount });
}

/** Returns a WebSocket without `bufferedAmount`, as in Cloudflare Workers and happy-dom. */
export function uncountedSocket(url: string): WebSocketLike {
  return new W3cSocket(url);
}

/** Returns a WebSocket whose `bufferedAmount` keeps this value: `undefined` in React Native, any in a mock. */
export function unchangingSocket(url: string, value: unknown): WebSocketLike {
  return Object.assign(new W3cSocket(url), { bufferedAmount: value as number });
}
