// SPDX-License-Identifier: Apache-2.0
import type { ConnectionId, StallAction } from "@natswire/server";
import { realClock } from "../clock.ts";
import type { PeerConnection } from "./peer-connection.ts";

// nats-server reads at most this much of a publisher at once, and then holds it back for at most 10 ms.
const CHUNK = 65_536;
const PAUSE_MS = 10;

/** The publishers that are not read for a moment, because their messages wait for a receiver that lags. */
export class Stalls {
  readonly #connections: ReadonlyMap<ConnectionId, PeerConnection>;
  readonly #lagging: ReadonlySet<ConnectionId>;
  // The function that ends it, by publisher, with the receiver.
  readonly #stalled = new Map<PeerConnection, { readonly receiver: ConnectionId; readonly end: () => void }>();

  /** @param lagging the connections that lag now */
  constructor(connections: ReadonlyMap<ConnectionId, PeerConnection>, lagging: ReadonlySet<ConnectionId>) {
    this.#connections = connections;
    this.#lagging = lagging;
  }

  /**
   * Stops reading from a publisher until the receiver has recovered. A receiver that takes less than 64 KiB in 10 ms does not
   * hold it back any longer: the publisher is read once more, and what waits grows.
   */
  add({ connection, receiver }: StallAction): void {
    const publisher = this.#connections.get(connection);
    if (publisher === undefined || this.#stalled.has(publisher) || !this.#lagging.has(receiver)) return;
    publisher.pause("stall");
    this.#wait(publisher, receiver);
  }

  /** Continues with the publishers whose receiver has recovered. */
  check(): void {
    if (this.#stalled.size === 0) return;
    for (const { receiver, end } of this.#stalled.values()) if (!this.#lagging.has(receiver)) end();
  }

  #wait(publisher: PeerConnection, receiver: ConnectionId): void {
    const bytesWritten = (): number => this.#connections.get(receiver)?.bytesWritten ?? 0;
    const enough = bytesWritten() + CHUNK;
    const cancel = realClock.after(PAUSE_MS, () => {
      if (bytesWritten() >= enough) this.#wait(publisher, receiver);
      else end();
    });
    const end = (): void => {
      cancel();
      this.#stalled.delete(publisher);
      publisher.resume("stall");
    };
    this.#stalled.set(publisher, { receiver, end });
  }
}
