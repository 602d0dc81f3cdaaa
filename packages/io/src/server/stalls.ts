// SPDX-License-Identifier: Apache-2.0
import type { ConnectionId } from "@natswire/server";
import { realClock } from "../clock.ts";
import type { PeerConnection } from "./peer-connection.ts";

// As nats-server holds back a publisher for each read. On the machine's clock, as it is about sockets.
const LONGEST_MS = 10;

/** The publishers that are not read for a moment, because their messages wait for a receiver that lags. */
export class Stalls {
  readonly #lagging: ReadonlySet<ConnectionId>;
  readonly #stalled = new Map<PeerConnection, { readonly receiver: ConnectionId; readonly cancel: () => void }>();

  /** @param lagging the receivers that lag now */
  constructor(lagging: ReadonlySet<ConnectionId>) {
    this.#lagging = lagging;
  }

  /** Stops reading from a publisher until the receiver has recovered, 10 ms at most. */
  add(publisher: PeerConnection | undefined, receiver: ConnectionId): void {
    if (publisher === undefined || this.#stalled.has(publisher) || !this.#lagging.has(receiver)) return;
    publisher.pause("stall");
    const cancel = realClock.after(LONGEST_MS, () => this.#end(publisher));
    this.#stalled.set(publisher, { receiver, cancel });
  }

  /** Continues with the publishers whose receiver lags no more. */
  check(): void {
    if (this.#stalled.size === 0) return;
    for (const [publisher, { receiver, cancel }] of this.#stalled) {
      if (this.#lagging.has(receiver)) continue;
      cancel();
      this.#end(publisher);
    }
  }

  #end(publisher: PeerConnection): void {
    this.#stalled.delete(publisher);
    publisher.resume("stall");
  }
}
