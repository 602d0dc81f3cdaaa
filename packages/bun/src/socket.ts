// SPDX-License-Identifier: Apache-2.0
import type { Transport, TransportHandler } from "@natswire/io";
import { asError, DEFAULT_GRACE_MS, realClock } from "@natswire/io/adapter";
import type { Handlers, Socket } from "./native.ts";
import { Outflow } from "./outflow.ts";
import type { Upgrade } from "./tls.ts";

/** Carries the bytes of a connection, of which Bun tells these handlers. */
export function carry(
  accept: (transport: Transport) => TransportHandler,
  upgrade: Upgrade | undefined,
): readonly [transport: Transport, handlers: Handlers, fail: (error: unknown) => void] {
  const waiting = new Outflow();
  // None while there is none yet, and when all is over.
  let current: Socket | undefined;
  // Not before there is one, and not while TLS is agreed on.
  let isOpen = false;
  // Until `drain`.
  let isFull = false;
  let isPaused = false;
  let ending = false;
  let isOver = false;
  let late = (): void => {};

  const transport: Transport = {
    tls: upgrade?.offer,
    write(bytes, more) {
      waiting.push(bytes);
      if (!more) flush();
      return isOpen && !isFull;
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
    close(linger = DEFAULT_GRACE_MS) {
      if (ending || isOver) return;
      ending = true;
      // Whoever waits for a connection or for TLS expects no words.
      if (!isOpen) return end();
      // Input is read and thrown away meanwhile: bytes left unread would turn the close into a reset.
      current?.resume();
      late = realClock.after(linger, end);
      flush();
    },
    abort: () => end(),
  };
  const on = accept(transport);

  function end(error?: unknown): void {
    if (isOver) return;
    isOver = true;
    late();
    upgrade?.inFlight?.delete(transport);
    current?.terminate();
    current = undefined;
    // Not from within the call that ends it.
    queueMicrotask(() => on.close(error === undefined || ending ? undefined : asError(error)));
  }

  function flush(): void {
    while (current !== undefined && isOpen && !isFull && !waiting.isEmpty) {
      const bytes = waiting.next();
      const taken = Math.max(0, current.write(bytes));
      isFull = taken < bytes.length;
      waiting.took(taken);
      // It may well write more.
      if (taken > 0) on.written(taken);
    }
    if (ending && !isFull) current?.shutdown();
  }

  function writeOn(): void {
    isFull = false;
    flush();
    if (!isFull && !ending && !isOver) on.ready();
  }

  /** Goes on in TLS, at once: bytes of it that were read before would be lost. */
  function secure(plain: Socket, { tls, time, inFlight }: Upgrade): void {
    isOpen = false;
    inFlight?.add(transport);
    if (time !== undefined) late = realClock.after(time, end);
    [, current] = plain.upgradeTLS({ tls, socket: { ...handlers, open() {} } });
    if (isPaused) current.pause();
    else current.resume();
  }

  const handlers: Handlers = {
    binaryType: "uint8array",
    open(socket) {
      if (isOver) return socket.terminate();
      current = socket;
      socket.setNoDelay(true);
      if (upgrade?.isFirst) return transport.startTls?.();
      isOpen = true;
      // Nothing is read before a server's TLS begins.
      if (isPaused || upgrade?.offer) socket.pause();
      on.open();
    },
    handshake(socket, isDone, error) {
      if (socket !== current) return;
      if (!isDone || (error && upgrade?.isStrict)) return end(error ?? new Error("the TLS handshake failed"));
      late();
      upgrade?.inFlight?.delete(transport);
      isOpen = true;
      if (upgrade?.isFirst) on.open();
      else on.secure?.();
      writeOn();
    },
    // Of a connection that speaks TLS the plain one tells what goes by underneath.
    data(socket, chunk) {
      if (socket === current && !ending) on.data(chunk);
    },
    drain(socket) {
      if (socket === current && isFull) writeOn();
    },
    close: (_, error) => end(error),
    error: (_, error) => end(error),
  };
  return [transport, handlers, end];
}
