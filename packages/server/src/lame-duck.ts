// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "./config.ts";
import type { Peer } from "./peer.ts";

/** The times at which a server in lame duck mode closes its connections: one at a time, evenly spread. */
export class LameDuck {
  readonly #interval: Millis;
  #next: Millis;

  /**
   * @param start when the first connection is closed
   * @param duration milliseconds within which the others follow
   * @param connections how many there are at the beginning
   */
  constructor(start: Millis, duration: Millis, connections: number) {
    this.#next = start;
    this.#interval = duration / Math.max(1, connections);
  }

  /** When the next connection is closed. */
  get next(): Millis {
    return this.#next;
  }

  /** Closes the peers whose time has come. Returns when the next one is to be closed, or `undefined` if none is left. */
  closeDue(peers: Iterable<Peer>, now: Millis, close: (peer: Peer) => void): Millis | undefined {
    for (const peer of peers) {
      if (peer.closing) continue;
      if (this.#next > now) return this.#next;
      this.#next += this.#interval;
      close(peer);
    }
    return undefined;
  }
}
