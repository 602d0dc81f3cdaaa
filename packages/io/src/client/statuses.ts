// SPDX-License-Identifier: Apache-2.0
import { type Event, formatEndpoint } from "@natswire/session";
import { ConnectionError } from "../connection-error.ts";
import { Mailbox } from "../mailbox.ts";
import { host } from "../platform.ts";
import type { Status } from "./connection.ts";

// Statuses that may wait for an iterator.
const LIMIT = 1024;

/** Emits what happens to a connection to its listeners and iterators. */
export class Statuses {
  readonly #mailboxes = new Set<Mailbox<Status>>();
  readonly #listeners = new Set<(status: Status) => void>();
  #isEnded = false;

  iterate(): AsyncIterableIterator<Status> {
    const mailbox: Mailbox<Status> = new Mailbox(LIMIT, () => this.#mailboxes.delete(mailbox));
    if (this.#isEnded) mailbox.end();
    else this.#mailboxes.add(mailbox);
    return mailbox;
  }

  /** Adds a listener. Returns a function that removes it. */
  listen(listener: (status: Status) => void): () => void {
    // A function of its own: the same listener may be added twice.
    const own = (status: Status): void => listener(status);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  emit(status: Status): void {
    for (const mailbox of this.#mailboxes) mailbox.push(status);
    for (const listener of [...this.#listeners]) {
      try {
        listener(status);
      } catch (error) {
        uncaught(error);
      }
    }
  }

  /** Emits what a callback threw as a status; without listeners it is an uncaught error. */
  thrown(error: unknown): void {
    if (this.#mailboxes.size + this.#listeners.size > 0) this.emit({ type: "error", error });
    else uncaught(error);
  }

  /** Emits in the same way what an async callback rejects with. */
  watch(done: unknown): void {
    (done as Partial<PromiseLike<unknown>> | null)?.then?.(undefined, (error) => this.thrown(error));
  }

  /** Returns the callback with its errors emitted in the same way, so that they stop nothing. */
  isolated<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      try {
        callback(...args);
      } catch (error) {
        this.thrown(error);
      }
    };
  }

  /** Ends the iterators after what waits, and removes the listeners. */
  end(): void {
    this.#isEnded = true;
    for (const mailbox of this.#mailboxes) mailbox.end();
    this.#mailboxes.clear();
    this.#listeners.clear();
  }
}

/** The events that become a status. */
export type Noteworthy = Event & {
  readonly event: "connecting" | "connected" | "disconnected" | "reconnecting" | "update" | "lame-duck" | "error";
};

/** Returns an event as a status. */
export function statusOf(event: Noteworthy): Status {
  switch (event.event) {
    case "connecting": {
      const { to, attempt, failure } = event;
      const error = failure && new ConnectionError(failure.reason, failure.detail);
      return { type: "connecting", server: formatEndpoint(to), attempt, error };
    }
    case "connected":
      return { type: event.again ? "reconnect" : "connect", server: formatEndpoint(event.to) };
    case "disconnected":
      return { type: "disconnect", error: new ConnectionError(event.reason, event.detail) };
    case "reconnecting":
      return { type: "reconnecting", after: event.after, error: new ConnectionError(event.reason, event.detail) };
    case "update":
      return { type: "update", ...event.servers };
    case "lame-duck":
      return { type: "ldm" };
    case "error": {
      const { reason, detail, about } = event;
      return {
        type: "error",
        error: new ConnectionError(reason, about === undefined ? detail : `${detail}, about ${about}`),
      };
    }
  }
}

function uncaught(error: unknown): void {
  host.queueMicrotask(() => {
    throw error;
  });
}
