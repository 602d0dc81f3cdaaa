// SPDX-License-Identifier: Apache-2.0
import type { ActionQueue } from "./action-queue.ts";
import type { ConnectionId } from "./outputs.ts";
import type { Peer } from "./peer.ts";

/** The peers for which much is pending: who publishes to them is held back, and they are closed if it is too much. */
export class SlowConsumers {
  /** Connections for which more than three quarters of `maxPending` were pending, until at most half of it is. */
  readonly lagging: Set<ConnectionId> = new Set();
  /** The peer whose chunk is read, until it is held back: once for each chunk. */
  publisher: Peer | undefined;
  /** How many were closed. */
  closed = 0;
  readonly #actions: ActionQueue;
  readonly #close: (peer: Peer, detail: string) => void;

  /** @param close closes a peer for which more than `maxPending` is pending */
  constructor(actions: ActionQueue, close: (peer: Peer, detail: string) => void) {
    this.#actions = actions;
    this.#close = close;
  }

  /** Reports that more than three quarters of `maxPending` are pending for a peer. */
  add(peer: Peer): void {
    if (peer.closing) return;
    if (peer.outbox.isFull) {
      this.closed++;
      this.lagging.delete(peer.id);
      return this.#close(peer, `${peer.outbox.pending} bytes are pending, the limit is ${peer.outbox.limit}`);
    }
    this.lagging.add(peer.id);
    if (this.publisher === undefined) return;
    this.#actions.add({ do: "stall", connection: this.publisher.id, receiver: peer.id });
    this.publisher = undefined;
  }

  /** Reports that bytes of a peer were released. */
  released({ id, outbox }: Peer): void {
    if (this.lagging.size > 0 && outbox.hasRecovered) this.lagging.delete(id);
  }
}
