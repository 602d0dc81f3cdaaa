// SPDX-License-Identifier: Apache-2.0
import type { Transport, TransportHandler } from "@natswire/runtime";
import { type Conn, shut } from "./native.ts";

// How long a peer may take to read the last bytes before its socket is closed.
const LINGER = 1000;
// Above this many bytes a writer is asked to wait.
const HIGH_WATER = 65_536;
// What is read at once; with less room than LEAST the next read would be a short one.
const SIZE = 65_536;
const LEAST = 16_384;

/**
 * Carries a connection's bytes.
 *
 * @param open makes the connection, or gives it up where the signal says so
 * @param upgrade makes it speak TLS
 */
export function carry(
  open: (signal: AbortSignal) => Promise<Conn>,
  upgrade: (conn: Conn) => Promise<Conn>,
  on: TransportHandler,
): Transport {
  const dialling = new AbortController();
  // None while there is none yet, and while TLS is agreed on.
  let output: Conn | undefined;
  let current: Conn | undefined;
  const waiting: Uint8Array[] = [];
  let size = 0;
  let writing: Promise<void> | undefined;
  let isFull = false;
  let isPaused = false;
  let resume = (): void => {};
  let upgrading = false;
  let ending = false;
  let isOver = false;
  let late: ReturnType<typeof setTimeout> | undefined;

  function end(error?: unknown): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(late);
    dialling.abort();
    resume();
    shut(current);
    // Not from within the call that ends it.
    queueMicrotask(() => on.close(error === undefined || ending ? undefined : asError(error)));
  }

  async function begin(): Promise<void> {
    const conn = await open(dialling.signal);
    if (isOver) return shut(conn);
    current = output = conn;
    on.open();
    await read(conn);
    while (upgrading && !isOver) {
      await writing;
      const secure = await upgrade(current);
      if (isOver) return shut(secure);
      upgrading = false;
      current = output = secure;
      on.secure?.();
      flush();
      await read(secure);
    }
    end();
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

  function flush(): void {
    if (writing !== undefined || output === undefined) return;
    writing = write(output).catch(end);
  }

  async function write(to: Conn): Promise<void> {
    for (let bytes = waiting.shift(); bytes !== undefined && !isOver; bytes = waiting.shift()) {
      for (let done = 0; done < bytes.length; ) done += await to.write(bytes.subarray(done));
      size -= bytes.length;
      on.written(bytes.length);
      if (isFull && size <= HIGH_WATER) {
        isFull = false;
        on.drain();
      }
    }
    writing = undefined;
    if (ending && !isOver) await to.closeWrite();
  }

  begin().catch(end);
  return {
    write(bytes) {
      waiting.push(bytes);
      size += bytes.length;
      isFull = size > HIGH_WATER;
      flush();
      return !isFull;
    },
    startTls() {
      upgrading = true;
      output = undefined;
    },
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      resume();
    },
    close(linger = LINGER) {
      if (ending || isOver) return;
      ending = true;
      // Whoever waits for a connection or for TLS expects no words.
      if (output === undefined) return end();
      // Input is read and thrown away meanwhile: bytes left unread would turn the close into a reset.
      isPaused = false;
      resume();
      flush();
      late = setTimeout(end, linger);
    },
    abort: () => end(),
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
