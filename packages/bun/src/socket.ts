// SPDX-License-Identifier: Apache-2.0
import type { Transport, TransportHandler } from "@natswire/runtime";
import type { Handlers, Socket, Tls } from "./native.ts";
import { Outflow } from "./outflow.ts";

// How long a peer may take to read the last bytes before its socket is closed.
const LINGER = 1000;

/** How a connection speaks TLS. */
export interface Upgrade {
  readonly tls: Tls;
  /** Whether the other side must have a certificate that is vouched for. */
  readonly isStrict: boolean;
  /** Whether TLS comes before everything else. */
  readonly isFirst: boolean;
  /** A server's: what clients are offered, and those that have not agreed on TLS yet, with the time each has. */
  readonly offer?: Transport["tls"];
  readonly underWay?: Set<Transport>;
  readonly time?: number;
}

/** Carries the bytes of a connection, of which Bun tells these handlers. */
export function carry(
  accept: (transport: Transport) => TransportHandler,
  upgrade: Upgrade | undefined,
): readonly [transport: Transport, handlers: Handlers, fail: (error: unknown) => void] {
  const waiting = new Outflow();
  // None while there is none yet, and when all is over.
  let current: Socket | undefined;
  // Whether it takes what is written: not before it is open, while TLS is agreed on, and until `drain`.
  let isReady = false;
  let isPaused = false;
  let ending = false;
  let isOver = false;
  let late: ReturnType<typeof setTimeout> | undefined;

  const transport: Transport = {
    tls: upgrade?.offer,
    write(bytes, more) {
      waiting.push(bytes);
      if (!more) flush();
      return waiting.isEmpty;
    },
    startTls() {
      try {
        secure(current!);
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
    close(linger = LINGER) {
      if (ending || isOver) return;
      ending = true;
      // Whoever waits for a connection or for TLS expects no words.
      if (!isReady && waiting.isEmpty) return end();
      // Input is read and thrown away meanwhile: bytes left unread would turn the close into a reset.
      current?.resume();
      late = setTimeout(end, linger);
      flush();
    },
    abort: () => end(),
  };
  const on = accept(transport);

  function end(error?: unknown): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(late);
    upgrade?.underWay?.delete(transport);
    const last = current;
    current = undefined;
    last?.terminate();
    // Not from within the call that ends it.
    queueMicrotask(() => on.close(error === undefined || ending ? undefined : asError(error)));
  }

  function flush(): void {
    while (isReady && !waiting.isEmpty) {
      const bytes = waiting.next();
      const taken = Math.max(0, current!.write(bytes));
      isReady = taken === bytes.length;
      waiting.took(taken);
      // It may well write more.
      if (taken > 0) on.written(taken);
    }
    if (ending && isReady) current?.shutdown();
  }

  function ready(): void {
    isReady = true;
    flush();
    if (isReady && !ending) on.drain();
  }

  /** Goes on in TLS, at once: bytes of it that were read before would be lost. */
  function secure(plain: Socket): void {
    const { tls, time, underWay } = upgrade!;
    isReady = false;
    underWay?.add(transport);
    if (time !== undefined) late = setTimeout(end, time);
    [, current] = plain.upgradeTLS({ tls, socket: { ...handlers, open() {} } });
    if (isPaused) current.pause();
    else plain.resume();
  }

  const handlers: Handlers = {
    binaryType: "uint8array",
    open(socket) {
      if (isOver) return socket.terminate();
      current = socket;
      socket.setNoDelay(true);
      if (upgrade?.isFirst) return transport.startTls!();
      isReady = true;
      if (isPaused) socket.pause();
      on.open();
    },
    handshake(socket, isDone, error) {
      if (socket !== current || isOver) return;
      if (!isDone || (error && upgrade?.isStrict)) return end(error ?? new Error("the TLS handshake failed"));
      clearTimeout(late);
      upgrade?.underWay?.delete(transport);
      isReady = true;
      if (upgrade?.isFirst) on.open();
      else on.secure?.();
      flush();
    },
    // Of a connection that speaks TLS the plain one tells what goes by underneath.
    data(socket, chunk) {
      if (socket === current && !ending) on.data(chunk);
    },
    drain(socket) {
      if (socket === current && !isReady && !waiting.isEmpty) ready();
    },
    close: (_, error) => end(error),
    error: (_, error) => end(error),
  };
  return [transport, handlers, end];
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
