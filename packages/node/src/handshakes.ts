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

  /** @param failed called if the socket is closed before the handshake is done, with its error if it has one */
  begin(socket: Duplex, failed?: (cause: Error | undefined) => void): void {
    let cause: Error | undefined;
    // Not an idle timer: a peer that sends a byte now and then would keep the socket open.
    const late = (): unknown => socket.destroy(new Error(`it took longer than ${this.#timeout} ms`));
    this.#cancel.set(socket, realClock.after(this.#timeout, late));
    // The "close" event follows.
    socket.on("error", (error) => {
      cause = error;
    });
    // Before what its transport does.
    socket.prependOnceListener("close", () => {
      if (this.#cancel.has(socket)) failed?.(cause);
      this.end(socket);
    });
  }

  /** Reports that the handshake is done. */
  end(socket: Duplex): void {
    this.#cancel.get(socket)?.();
    this.#cancel.delete(socket);
  }

  /** Destroys all of them. */
  close(): void {
    for (const socket of [...this.#cancel.keys()]) socket.destroy(new Error("the server stopped listening"));
  }
}
