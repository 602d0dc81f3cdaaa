// SPDX-License-Identifier: Apache-2.0
import type { Transport, TransportHandler } from "@natswire/io";
import { asError, DEFAULT_GRACE_MS, realClock, timers } from "@natswire/io/adapter";
import { type Conn, closeQuietly } from "./native.ts";
import { WriteQueue } from "./write-queue.ts";

// What is read at once; with less room than LEAST the next read would be short.
const SIZE = 65_536;
const LEAST = 16_384;

/** Returns the handler of a new connection. */
export type Accept = (transport: Transport) => TransportHandler;

/** Opens a connection, and upgrades it to TLS; the signal cancels both. */
export interface Source {
  /** What a server offers. */
  readonly tls?: Transport["tls"];
  open(signal: AbortSignal): Promise<Conn>;
  upgrade?(conn: Conn, signal: AbortSignal): Promise<Conn>;
}

/** Opens a connection, and returns its transport. */
export function createTransport(source: Source, accept: Accept): Transport {
  const cancelling = new AbortController();
  const { signal } = cancelling;
  let state: "opening" | "open" | "handshake" | "closing" | "closed" = "opening";
  let current: Conn | undefined;
  let isPaused = false;
  let continueReading = (): void => {};
  let cancelGrace: (() => void) | undefined;

  const transport: Transport = {
    tls: source.tls,
    write: (bytes, more) => queue.push(bytes, more),
    startTls() {
      state = "handshake";
      queue.stop();
    },
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      continueReading();
    },
    close(grace = DEFAULT_GRACE_MS) {
      if (state === "closing" || state === "closed") return;
      // A peer that waits for TLS expects no plain text.
      if (state !== "open") return end();
      state = "closing";
      // Input is read and discarded: bytes left unread would turn the close into a reset.
      transport.resume();
      queue.finish();
      cancelGrace?.();
      cancelGrace = realClock.after(grace, end);
    },
    abort: () => end(),
  };
  const on = accept(transport);
  const queue = new WriteQueue(on, end);

  function end(error?: unknown): void {
    if (state === "closed") return;
    const failure = error === undefined || state === "closing" ? undefined : asError(error);
    state = "closed";
    cancelGrace?.();
    cancelling.abort();
    continueReading();
    queue.end();
    closeQuietly(current);
    // Not from within the call that ends it.
    timers.queueMicrotask(() => on.close(failure));
  }

  async function run(): Promise<void> {
    await use(await source.open(signal), () => on.open());
    while (isState("handshake") && source.upgrade !== undefined && current !== undefined) {
      await queue.idle();
      await use(await source.upgrade(current, signal), () => on.secure?.());
    }
    if (isState("closed")) return;
    // The peer has ended its half, and may still be reading.
    cancelGrace ??= realClock.after(DEFAULT_GRACE_MS, end);
    await queue.idle();
    end();
  }

  async function use(conn: Conn, report: () => void): Promise<void> {
    if (isState("closed")) return closeQuietly(conn);
    current = conn;
    state = "open";
    queue.start(conn);
    report();
    await read(conn);
  }

  async function read(conn: Conn): Promise<void> {
    let room = new Uint8Array(0);
    while (isState("open") || isState("closing")) {
      if (isPaused) {
        await new Promise<void>((resolve) => {
          continueReading = resolve;
        });
        continue;
      }
      // Memory is never read into twice: what is read is given away.
      if (room.length < LEAST) room = new Uint8Array(SIZE);
      const count = await conn.read(room);
      if (count === null) return;
      if (isState("open")) on.data(room.subarray(0, count));
      room = room.subarray(count);
    }
  }

  // The compiler does not see that calls change the state.
  function isState(wanted: typeof state): boolean {
    return state === wanted;
  }

  run().catch(end);
  return transport;
}
