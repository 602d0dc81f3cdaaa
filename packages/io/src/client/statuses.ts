// SPDX-License-Identifier: Apache-2.0
import { type Event, formatEndpoint } from "@natswire/session";
import { ConnectionError } from "../connection-error.ts";
import { Mailbox } from "../mailbox.ts";
import { host } from "../platform.ts";
import type { Status } from "./connection.ts";

// What may wait for somebody who watches.
const MOST = 1024;

/** Those who are told what happens to a connection. */
export class Statuses {
  readonly #mailboxes = new Set<Mailbox<Status>>();
  readonly #listeners = new Set<(status: Status) => void>();
  #isEnded = false;

  iterate(): AsyncIterableIterator<Status> {
    const mailbox: Mailbox<Status> = new Mailbox(MOST, () => this.#mailboxes.delete(mailbox));
    if (this.#isEnded) mailbox.end();
    else this.#mailboxes.add(mailbox);
    return mailbox;
  }

  /** @returns listens no longer */
  listen(listener: (status: Status) => void): () => void {
    // Of its own, or it could be given only once.
    const own = (status: Status): void => listener(status);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(status: Status): void {
    for (const mailbox of this.#mailboxes) mailbox.push(status);
    for (const listener of [...this.#listeners]) {
      try {
        listener(status);
      } catch (error) {
        uncaught(error);
      }
    }
  }

  /** What somebody's callback threw is told to those who watch, or is uncaught where there is nobody. */
  thrown(error: unknown): void {
    if (this.#mailboxes.size + this.#listeners.size > 0) this.tell({ type: "error", error });
    else uncaught(error);
  }

  /** What an async callback rejects with is told in the same way: nobody else would hear of it. */
  watch(done: unknown): void {
    (done as Partial<PromiseLike<unknown>> | null)?.then?.(undefined, (error) => this.thrown(error));
  }

  /** A callback whose errors are told in the same way, and stop nothing. */
  isolated<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      try {
        callback(...args);
      } catch (error) {
        this.thrown(error);
      }
    };
  }

  /** Nothing more happens. */
  end(): void {
    this.#isEnded = true;
    for (const mailbox of this.#mailboxes) mailbox.end();
    this.#mailboxes.clear();
    this.#listeners.clear();
  }
}

/** Events that are told as they are. */
export type Noteworthy = Event & {
  readonly event: "connected" | "disconnected" | "reconnecting" | "update" | "lame-duck" | "error";
};

/** An event as a program hears of it; of the first connection it hears otherwise. */
export function statusOf(event: Noteworthy): Status | undefined {
  switch (event.event) {
    case "connected":
      return event.again ? { type: "reconnect", server: formatEndpoint(event.to) } : undefined;
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
