// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";

/** Sockets that are no connections yet: each has so long for its handshake, all in all, or is destroyed. */
export class Handshakes {
  readonly #late = new Map<Duplex, NodeJS.Timeout>();
  readonly #time: number;

  /** @param time milliseconds */
  constructor(time: number) {
    this.#time = time;
  }

  begin(socket: Duplex): void {
    // Not an idle timer: a peer that sends a byte now and then would keep the socket for ever.
    this.#late.set(
      socket,
      setTimeout(() => socket.destroy(), this.#time),
    );
    socket.once("close", () => this.end(socket));
    // The close that follows says it all.
    socket.on("error", () => {});
  }

  /** It is a connection now, or gone. */
  end(socket: Duplex): void {
    clearTimeout(this.#late.get(socket));
    this.#late.delete(socket);
  }

  /** Nobody waits for them any more. */
  close(): void {
    for (const socket of [...this.#late.keys()]) socket.destroy();
  }
}
