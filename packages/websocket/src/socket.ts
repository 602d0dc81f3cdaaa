// SPDX-License-Identifier: Apache-2.0
import type { Transport, TransportHandler } from "@natswire/io";
import { DEFAULT_GRACE_MS, realClock } from "@natswire/io/adapter";
import { Outflow } from "./outflow.ts";
import { host } from "./platform.ts";

/** What is used of a WebSocket: any by the W3C will do, and so will the package `ws`, whose own methods are optional here. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: "open" | "close" | "message" | "error", listener: (event: object) => void): void;
  /** Ends it without a handshake. */
  terminate?(): void;
  pause?(): void;
  resume?(): void;
}

// What is read of a WebSocket's events, each of which has some of it.
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
 * Carries the bytes of a WebSocket's messages; where one of them ends means nothing.
 *
 * @param maxWaiting bytes that may have come and wait for `resume`
 */
export function carry(socket: WebSocketLike, on: TransportHandler, maxWaiting: number): Transport {
  const outflow = new Outflow(socket, on);
  // What came while nobody wanted to read, and how it ended meanwhile.
  let waiting: Uint8Array[] = [];
  let bytesWaiting = 0;
  let atEnd: (() => void) | undefined;
  let isPaused = false;
  let ending = false;
  let isOver = false;
  let late = (): void => {};

  const transport: Transport = {
    write: (bytes) => ending || outflow.send(bytes),
    startTls: () => leave(new Error("a WebSocket does not go on in TLS: use wss://")),
    pause() {
      isPaused = true;
      socket.pause?.();
    },
    resume() {
      isPaused = false;
      socket.resume?.();
      // Not at once: a transport reports to nobody who is just calling it.
      host.queueMicrotask(readOn);
    },
    close(linger = DEFAULT_GRACE_MS) {
      if (ending) return;
      discard();
      socket.resume?.();
      // What was sent goes before the goodbye, and the peer need not answer it.
      socket.close();
      late = realClock.after(linger, transport.abort);
    },
    abort: () => leave(),
  };

  function hear({ data }: WebSocketEvent): void {
    outflow.look();
    if (ending) return;
    if (typeof (data as ArrayBuffer | undefined)?.byteLength !== "number") {
      return leave(new Error("the server sent text, and NATS over WebSocket is binary"));
    }
    const chunk = new Uint8Array(data as ArrayBuffer);
    if (!isPaused && waiting.length === 0) return on.data(chunk);
    waiting.push(chunk);
    bytesWaiting += chunk.length;
    // A WebSocket reads on whether anybody wants it or not.
    if (bytesWaiting > maxWaiting) leave(new Error(`more than ${maxWaiting} bytes wait to be read`));
  }

  function readOn(): void {
    while (!isPaused && waiting.length > 0) {
      const chunk = waiting.shift() as Uint8Array;
      bytesWaiting -= chunk.length;
      on.data(chunk);
    }
    if (waiting.length === 0) atEnd?.();
  }

  /** What came before is heard before. */
  function lost(error?: Error): void {
    atEnd ??= () => end(error);
    if (ending || waiting.length === 0) atEnd();
  }

  function leave(error?: Error): void {
    discard();
    if (socket.terminate === undefined) socket.close();
    else socket.terminate();
    // Not when the socket says so: it may still wait for a peer that is gone.
    host.queueMicrotask(() => end(error));
  }

  function discard(): void {
    ending = true;
    waiting = [];
  }

  function end(error?: Error): void {
    if (isOver) return;
    isOver = ending = true;
    outflow.stop();
    late();
    on.close(error);
  }

  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", hear);
  // Behind an error nothing comes but the close, and not every runtime has that come at once, or at all.
  socket.addEventListener("error", ({ message }: WebSocketEvent) => lost(new Error(message || "the WebSocket failed")));
  socket.addEventListener("close", ({ code = NO_CODE, reason }: WebSocketEvent) => lost(failureOf(code, reason)));
  const open = (): void => {
    if (!ending) on.open();
  };
  if (socket.readyState < OPEN) socket.addEventListener("open", open);
  else if (socket.readyState === OPEN) host.queueMicrotask(open);
  else leave(new Error("the WebSocket was closed before it was used"));
  return transport;
}

function failureOf(code: number, reason = ""): Error | undefined {
  if (code === NORMAL || code === NO_CODE) return undefined;
  return new Error(`the WebSocket was closed: ${code}${reason && ` ${reason}`}`);
}
