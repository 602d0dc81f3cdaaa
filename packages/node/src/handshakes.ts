// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import { realClock } from "@natswire/io/adapter";

/** Sockets that are no connections yet: each has so long for its handshake, all in all, or is destroyed. */
export class Handshakes {
  readonly #late = new Map<Duplex, () => void>();
  readonly #time: number;

  /** @param time milliseconds */
  constructor(time: number) {
    this.#time = time;
  }

  begin(socket: Duplex): void {
    // Not an idle timer: a peer that sends a byte now and then would keep the socket for ever.
    const cancel = realClock.after(this.#time, () => socket.destroy());
    this.#late.set(socket, cancel);
    socket.once("close", () => this.end(socket));
    // The close that follows says it all.
    socket.on("error", () => {});
  }

  /** It is a connection now, or gone. */
  end(socket: Duplex): void {
    this.#late.get(socket)?.();
    this.#late.delete(socket);
  }

  /** Nobody waits for them any more. */
  close(): void {
    for (const socket of [...this.#late.keys()]) socket.destroy();
  }
}
