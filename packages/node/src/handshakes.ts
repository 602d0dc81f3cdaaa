// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import { realClock } from "@natswire/io/adapter";

/** The sockets in a handshake: each is destroyed if its whole handshake takes longer than the timeout. */
export class Handshakes {
  readonly #cancel = new Map<Duplex, () => void>();
  readonly #timeout: number;

  /** @param timeout milliseconds */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  begin(socket: Duplex): void {
    // Not an idle timer: a peer that sends a byte now and then would keep the socket open.
    const cancel = realClock.after(this.#timeout, () => socket.destroy());
    this.#cancel.set(socket, cancel);
    socket.once("close", () => this.end(socket));
    // The "close" event follows.
    socket.on("error", () => {});
  }

  /** Reports that the handshake is done, or the socket closed. */
  end(socket: Duplex): void {
    this.#cancel.get(socket)?.();
    this.#cancel.delete(socket);
  }

  /** Destroys all of them. */
  close(): void {
    for (const socket of [...this.#cancel.keys()]) socket.destroy();
  }
}
