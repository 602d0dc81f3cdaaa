// SPDX-License-Identifier: Apache-2.0
import type { Transport, TransportHandler } from "@natswire/io";
import { asError, DEFAULT_GRACE_MS, realClock } from "@natswire/io/adapter";
import { type Conn, shut } from "./native.ts";
import { Outflow } from "./outflow.ts";

// What is read at once; with less room than LEAST the next read would be a short one.
const SIZE = 65_536;
const LEAST = 16_384;

/** What is done with a connection. */
export type Accept = (transport: Transport) => TransportHandler;

/** Where a connection comes from; what takes its time is given up where the signal says so. */
export interface Source {
  /** What a server tells of TLS. */
  readonly tls?: Transport["tls"];
  open(signal: AbortSignal): Promise<Conn>;
  /** Makes it speak TLS. */
  upgrade?(conn: Conn, signal: AbortSignal): Promise<Conn>;
}

/** Carries a connection's bytes. */
export function carry(source: Source, accept: Accept): Transport {
  const giving = new AbortController();
  const { signal } = giving;
  let current: Conn | undefined;
  // Neither while there is no connection yet, nor while TLS is agreed on.
  let isReady = false;
  let upgrading = false;
  let isPaused = false;
  let resume = (): void => {};
  let ending = false;
  let isOver = false;
  let late: (() => void) | undefined;

  const transport: Transport = {
    tls: source.tls,
    write: (bytes, more) => outflow.push(bytes, more),
    startTls() {
      upgrading = true;
      isReady = false;
      outflow.hold();
    },
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      resume();
    },
    close(linger = DEFAULT_GRACE_MS) {
      if (ending || isOver) return;
      ending = true;
      // Whoever waits for a connection or for TLS expects no words.
      if (!isReady) return end();
      // Input is read and thrown away meanwhile: bytes left unread would turn the close into a reset.
      transport.resume();
      outflow.finish();
      late?.();
      late = realClock.after(linger, end);
    },
    abort: () => end(),
  };
  const on = accept(transport);
  const outflow = new Outflow(on, end);

  function end(error?: unknown): void {
    if (isOver) return;
    isOver = true;
    late?.();
    giving.abort();
    resume();
    outflow.end();
    shut(current);
    // Not from within the call that ends it.
    queueMicrotask(() => on.close(error === undefined || ending ? undefined : asError(error)));
  }

  async function begin(): Promise<void> {
    await use(await source.open(signal), () => on.open());
    while (upgrading && !isOver && source.upgrade !== undefined && current !== undefined) {
      await outflow.idle();
      upgrading = false;
      await use(await source.upgrade(current, signal), () => on.secure?.());
    }
    if (isOver) return;
    // A peer that has said all it wants to say may still be listening.
    late ??= realClock.after(DEFAULT_GRACE_MS, end);
    await outflow.idle();
    end();
  }

  async function use(conn: Conn, tell: () => void): Promise<void> {
    if (isOver) return shut(conn);
    current = conn;
    isReady = true;
    outflow.begin(conn);
    tell();
    await read(conn);
  }

  async function read(from: Conn): Promise<void> {
    let room = new Uint8Array(0);
    while (!isOver && !upgrading) {
      if (isPaused) {
        await new Promise<void>((resolve) => {
          resume = resolve;
        });
        continue;
      }
      // Memory is never read to twice: what is read is given away.
      if (room.length < LEAST) room = new Uint8Array(SIZE);
      const bytes = await from.read(room);
      if (bytes === null) return;
      if (!ending && !isOver) on.data(room.subarray(0, bytes));
      room = room.subarray(bytes);
    }
  }

  begin().catch(end);
  return transport;
}
