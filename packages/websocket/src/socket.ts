// SPDX-License-Identifier: Apache-2.0
import { DEFAULT_GRACE_MS, Queue, realClock, timers } from "@natswire/io/adapter";
import type { Transport, TransportHandler } from "@natswire/io/client";
import { SendMonitor } from "./send-monitor.ts";

/** The part of a WebSocket that is used: any W3C WebSocket has it; the methods of the package `ws` are optional. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  /** The number of unsent bytes. If it is not a number, bytes count as sent after `send` has returned. */
  readonly bufferedAmount?: number | undefined;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: "open" | "close" | "message" | "error", listener: (event: object) => void): void;
  /** Ends the connection without a closing handshake. */
  terminate?(): void;
  pause?(): void;
  resume?(): void;
}

// The fields of a WebSocket's events that are used; each event has some of them.
interface WebSocketEvent {
  readonly data?: unknown;
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

const OPEN = 1;
const NORMAL = 1000;
const NO_CODE = 1005;

/**
 * Returns the transport of a WebSocket: the bytes of its messages, whose boundaries mean nothing.
 *
 * @param maxWaiting bytes that may wait for `resume`
 */
export function createTransport(socket: WebSocketLike, on: TransportHandler, maxWaiting: number): Transport {
  const monitor = new SendMonitor(socket, on);
  // Closing: input is discarded, and the end is still to be reported.
  let state: "open" | "closing" | "closed" = "open";
  let isPaused = false;
  // What was received while paused, and how the connection ended meanwhile.
  const chunks = new Queue<Uint8Array>();
  let bytesWaiting = 0;
  let endLater: (() => void) | undefined;
  let cancelGrace = (): void => {};

  const transport: Transport = {
    write: (bytes) => state !== "open" || monitor.send(bytes),
    startTls: () => abort(new Error("a WebSocket cannot be upgraded to TLS; use wss://")),
    pause() {
      isPaused = true;
      socket.pause?.();
    },
    resume() {
      isPaused = false;
      socket.resume?.();
      // Not at once: a transport does not report from within a call.
      timers.queueMicrotask(deliver);
    },
    close(grace = DEFAULT_GRACE_MS) {
      if (state !== "open") return;
      discard();
      socket.resume?.();
      // It sends what waits before the close frame; the peer need not answer it.
      socket.close();
      cancelGrace = realClock.after(grace, transport.abort);
    },
    abort: () => abort(),
  };

  function onMessage({ data }: WebSocketEvent): void {
    monitor.check();
    if (state !== "open") return;
    if (typeof (data as ArrayBuffer | undefined)?.byteLength !== "number") {
      return abort(new Error("the server sent a text message; NATS over WebSocket is binary"));
    }
    const chunk = new Uint8Array(data as ArrayBuffer);
    if (!isPaused && chunks.size === 0) return on.data(chunk);
    chunks.push(chunk);
    bytesWaiting += chunk.length;
    // Most WebSockets cannot be paused.
    if (bytesWaiting > maxWaiting) abort(new Error(`more than ${maxWaiting} bytes wait to be read (maxWaiting)`));
  }

  function deliver(): void {
    while (!isPaused) {
      const chunk = chunks.shift();
      if (chunk === undefined) break;
      bytesWaiting -= chunk.length;
      on.data(chunk);
    }
    if (chunks.size === 0) endLater?.();
  }

  /** Ends the connection after what was received before. What fails after `close` is not an error. */
  function onEnd(error?: Error): void {
    const failure = state === "open" ? error : undefined;
    endLater ??= () => end(failure);
    if (state !== "open" || chunks.size === 0) endLater();
  }

  function abort(error?: Error): void {
    discard();
    if (socket.terminate === undefined) socket.close();
    else socket.terminate();
    // Not at the "close" event: it may still wait for a peer that has gone.
    timers.queueMicrotask(() => end(error));
  }

  function discard(): void {
    if (state === "open") state = "closing";
    chunks.clear();
  }

  function end(error?: Error): void {
    if (state === "closed") return;
    state = "closed";
    monitor.stop();
    cancelGrace();
    on.close(error);
  }

  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", onMessage);
  // After an error only "close" follows, in some runtimes late or never.
  socket.addEventListener("error", ({ message }: WebSocketEvent) =>
    onEnd(new Error(message || "the WebSocket failed")),
  );
  socket.addEventListener("close", ({ code = NO_CODE, reason }: WebSocketEvent) => onEnd(failureOf(code, reason)));
  const open = (): void => {
    if (state === "open") on.open();
  };
  if (socket.readyState < OPEN) socket.addEventListener("open", open);
  else if (socket.readyState === OPEN) timers.queueMicrotask(open);
  else abort(new Error("the factory returned a closed WebSocket"));
  return transport;
}

function failureOf(code: number, reason = ""): Error | undefined {
  if (code === NORMAL || code === NO_CODE) return undefined;
  return new Error(`the WebSocket was closed with code ${code}${reason && `: ${reason}`}`);
}
