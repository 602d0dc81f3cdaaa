// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";

/** A place in front of a server, or of none. */
export interface Line {
  readonly port: number;
  /** Resets all connections by it. */
  reset(): void;
  close(): void;
}

/** A line to a port of this machine that changes nothing. */
export function straight(to: number): Promise<Line> {
  return lineOf((near) => {
    const far = connect(to, "127.0.0.1");
    pipeline(near, far, near).catch(() => {});
  });
}

/** A line that brings what the server says one byte at a time. */
export function bytewise(to: number): Promise<Line> {
  return lineOf((near) => {
    const far = connect(to, "127.0.0.1");
    near.setNoDelay();
    pipeline(near, far).catch(() => {});
    pipeline(far, byBytes, near).catch(() => {});
  });
}

/** Somebody who takes every connection and never says a word. */
export function silence(): Promise<Line> {
  return lineOf((near) => void near.resume());
}

async function* byBytes(from: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of from) {
    for (const byte of chunk) {
      yield Uint8Array.of(byte);
      // Or the socket would write what waits as one.
      await new Promise(setImmediate);
    }
  }
}

async function lineOf(take: (near: Socket) => void): Promise<Line> {
  const open = new Set<Socket>();
  const server: Server = createServer((near) => {
    open.add(near);
    near.on("error", () => {});
    near.once("close", () => open.delete(near));
    take(near);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const reset = (): void => {
    for (const near of open) near.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    reset,
    close() {
      server.close();
      reset();
    },
  };
}
