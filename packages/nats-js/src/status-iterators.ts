// SPDX-License-Identifier: Apache-2.0
import { QueuedIteratorImpl, type Status } from "@nats-io/nats-core/internal";
import type { Connection, Status as NatswireStatus } from "@natswire/io/client";
import { toNatsError } from "./errors.ts";

/** The iterators that `status()` returned, and the current server, which statuses name. */
export class StatusIterators {
  readonly #connection: Connection;
  readonly #iterators = new Set<QueuedIteratorImpl<Status>>();
  #server: string;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#server = connection.server ?? "";
    // Passive: consumers of JetStream iterate too, and ignore problems, which natswire then still prints.
    connection.onStatus((status) => this.#onStatus(status), { passive: true });
  }

  /** The current server; while disconnected, the last one. */
  get server(): string {
    this.#server = this.#connection.server ?? this.#server;
    return this.#server;
  }

  iterate(): QueuedIteratorImpl<Status> {
    const iterator = new QueuedIteratorImpl<Status>();
    if (this.#connection.isClosed) {
      iterator.stop();
      return iterator;
    }
    this.#iterators.add(iterator);
    void iterator.iterClosed.then(() => this.#iterators.delete(iterator));
    return iterator;
  }

  emit(status: Status): void {
    for (const iterator of this.#iterators) iterator.push(status);
  }

  #onStatus(status: NatswireStatus): void {
    for (const translated of this.#translated(status)) this.emit(translated);
    if (status.type === "close") for (const iterator of this.#iterators) iterator.stop();
  }

  /** Returns a status of natswire as nats.js reports it. */
  #translated(status: NatswireStatus): Status[] {
    switch (status.type) {
      case "disconnect": {
        const disconnect = { type: status.type, server: this.#server } as const;
        return status.error.code === "STALE" ? [{ type: "staleConnection" }, disconnect] : [disconnect];
      }
      // nats.js reports the attempts, natswire also the waits between them.
      case "connecting":
        return [{ type: "reconnecting" }];
      case "reconnect":
        return [{ type: status.type, server: this.server }];
      case "update":
        return [{ type: status.type, added: [...status.added], deleted: [...status.deleted] }];
      case "ldm":
        return [{ type: status.type, server: this.server }];
      case "error":
        return [{ type: status.type, error: toNatsError(status.error) }];
      case "close":
        return [{ type: status.type }];
      // "slowConsumer" is about subscriptions of natswire: those of nats.js have no limit.
      default:
        return [];
    }
  }
}
