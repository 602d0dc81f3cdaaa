// SPDX-License-Identifier: Apache-2.0
import type { Transport, TransportHandler } from "@natswire/io";
import { asError, DEFAULT_GRACE_MS, realClock, timers } from "@natswire/io/adapter";
import type { Handlers, Socket } from "./native.ts";
import type { Upgrade } from "./tls.ts";
import { WriteQueue } from "./write-queue.ts";

/** A transport, and the handlers that Bun reports its socket to. */
export interface SocketTransport {
  readonly transport: Transport;
  readonly handlers: Handlers;
  /** Ends the connection with an error. */
  fail(error: unknown): void;
}

/** Returns the transport of a socket that Bun will report to its handlers. */
export function createTransport(
  accept: (transport: Transport) => TransportHandler,
  upgrade: Upgrade | undefined,
): SocketTransport {
  const queue = new WriteQueue();
  // Opening: before the socket is connected, and during a TLS handshake.
  let state: "opening" | "open" | "closing" | "closed" = "opening";
  let current: Socket | undefined;
  // Bun takes no more bytes until `drain`.
  let isFull = false;
  let isPaused = false;
  let cancelTimeout = (): void => {};

  const transport: Transport = {
    tls: upgrade?.offer,
    write(bytes, more) {
      queue.push(bytes);
      if (!more) flush();
      return state === "open" && !isFull;
    },
    startTls() {
      try {
        if (current !== undefined && upgrade !== undefined) secure(current, upgrade);
      } catch (error) {
        end(error);
      }
    },
    pause() {
      isPaused = true;
      current?.pause();
    },
    resume() {
      isPaused = false;
      current?.resume();
    },
    close(grace = DEFAULT_GRACE_MS) {
      if (state === "closing" || state === "closed") return;
      // A peer that waits for TLS expects no plain text.
      if (state === "opening") return end();
      state = "closing";
      // Input is read and discarded: bytes left unread would turn the close into a reset.
      current?.resume();
      cancelTimeout = realClock.after(grace, end);
      flush();
    },
    abort: () => end(),
  };
  const on = accept(transport);

  function end(error?: unknown): void {
    if (state === "closed") return;
    let failure = error === undefined || state === "closing" ? undefined : asError(error);
    state = "closed";
    cancelTimeout();
    if (upgrade?.handshakes?.delete(end)) failure = upgrade.failure?.(failure);
    current?.terminate();
    current = undefined;
    // Not from within the call that ends it.
    timers.queueMicrotask(() => on.close(failure));
  }

  function flush(): void {
    while (current !== undefined && state !== "opening" && !isFull) {
      const bytes = queue.shift();
      if (bytes === undefined) break;
      const count = Math.max(0, current.write(bytes));
      isFull = count < bytes.length;
      if (isFull) queue.putBack(bytes.subarray(count));
      // The handler may write more.
      if (count > 0) on.written(count);
    }
    if (state === "closing" && !isFull) current?.shutdown();
  }

  function onRoom(): void {
    isFull = false;
    flush();
    if (!isFull && state === "open") on.ready();
  }

  /** Starts TLS at once: bytes of it that were read before would be lost. */
  function secure(plain: Socket, { tls, timeout = Number.POSITIVE_INFINITY, handshakes }: Upgrade): void {
    state = "opening";
    handshakes?.add(end);
    cancelTimeout = realClock.after(timeout, () => end(new Error(`it took longer than ${timeout} ms`)));
    [, current] = plain.upgradeTLS({ tls, socket: { ...handlers, open() {} } });
    if (isPaused) current.pause();
    else current.resume();
  }

  const handlers: Handlers = {
    binaryType: "uint8array",
    open(socket) {
      if (state === "closed") return socket.terminate();
      current = socket;
      socket.setNoDelay(true);
      if (upgrade?.isFirst) return transport.startTls?.();
      state = "open";
      // A server reads nothing before TLS.
      if (isPaused || upgrade?.offer) socket.pause();
      on.open();
    },
    handshake(socket, isDone, error) {
      if (socket !== current) return;
      if (!isDone || (error && upgrade?.isStrict)) return end(error ?? new Error("the TLS handshake failed"));
      cancelTimeout();
      upgrade?.handshakes?.delete(end);
      state = "open";
      if (upgrade?.isFirst) on.open();
      else on.secure?.();
      onRoom();
    },
    // After the upgrade the plain socket reports the encrypted bytes.
    data(socket, chunk) {
      if (socket === current && state !== "closing") on.data(chunk);
    },
    drain(socket) {
      if (socket === current && isFull) onRoom();
    },
    close: (_, error) => end(error),
    error: (_, error) => end(error),
  };
  return { transport, handlers, fail: end };
}
