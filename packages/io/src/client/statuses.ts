// SPDX-License-Identifier: Apache-2.0
import { type Event, formatEndpoint } from "@natswire/session";
import { asError, ConnectionError, errorOf } from "../connection-error.ts";
import { Mailbox } from "../mailbox.ts";
import { host, timers } from "../platform.ts";
import type { Status } from "./connection.ts";

// Statuses that may wait for an iterator.
const LIMIT = 1024;

/** Emits what happens to a connection to its listeners and iterators. */
export class Statuses {
  readonly #mailboxes = new Set<Mailbox<Status>>();
  readonly #listeners = new Set<(status: Status) => void>();
  // They are called first, and do not count as listeners.
  readonly #passive: Set<(status: Status) => void>;
  // The kinds of problems that were printed: each once, and only until the program has listened.
  readonly #printed = new Set<string>();
  #isObserved = false;
  #isEnded = false;

  /** @param hook is a passive listener */
  constructor(hook: (status: Status) => void) {
    this.#passive = new Set([hook]);
  }

  iterate(): AsyncIterableIterator<Status> {
    this.#isObserved = true;
    const mailbox: Mailbox<Status> = new Mailbox(LIMIT, () => this.#mailboxes.delete(mailbox));
    if (this.#isEnded) mailbox.end();
    else this.#mailboxes.add(mailbox);
    return mailbox;
  }

  /** Adds a listener. Returns a function that removes it. */
  listen(listener: (status: Status) => void, isPassive = false): () => void {
    this.#isObserved ||= !isPassive;
    const listeners = isPassive ? this.#passive : this.#listeners;
    // A function of its own: the same listener may be added twice.
    const own = (status: Status): void => listener(status);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  emit(status: Status): void {
    if (!this.#isObserved) this.#print(status);
    for (const mailbox of this.#mailboxes) mailbox.push(status);
    for (const listener of [...this.#passive, ...this.#listeners]) {
      try {
        listener(status);
      } catch (error) {
        uncaught(error);
      }
    }
  }

  /** Prints a problem that the program would not see otherwise: each kind once. */
  #print(status: Status): void {
    const problem = problemOf(status);
    if (problem === undefined || this.#printed.has(problem.kind)) return;
    this.#printed.add(problem.kind);
    host.console.warn(`natswire: ${problem.text} (more of this kind are not printed; see onStatus)`);
  }

  /** Emits what a callback threw as a status; without listeners it is an uncaught error. */
  thrown(error: unknown): void {
    // A callback that still runs after the end cannot use the connection: that is expected.
    if (this.#isEnded && error instanceof ConnectionError && error.code === "CLOSED") return;
    if (this.#mailboxes.size + this.#listeners.size > 0) this.emit({ type: "error", error: asError(error) });
    else uncaught(error);
  }

  /** Ends the iterators after what waits. The listeners stay: a callback that still runs may fail. */
  end(): void {
    this.#isEnded = true;
    for (const mailbox of this.#mailboxes) mailbox.end();
    this.#mailboxes.clear();
  }
}

/** Returns a problem of a status, and its kind. */
function problemOf(status: Status): { readonly kind: string; readonly text: string } | undefined {
  if (status.type === "slowConsumer") {
    const { subject } = status.subscription;
    return { kind: status.type, text: `the subscription to "${subject}" dropped messages: it did not keep up` };
  }
  if (status.type !== "error" || !(status.error instanceof ConnectionError)) return undefined;
  return { kind: status.error.code, text: status.error.message };
}

/** The events that become a status. */
type Noteworthy = Event & {
  readonly event: "connecting" | "connected" | "disconnected" | "reconnecting" | "update" | "lame-duck" | "error";
};

/** Returns an event as a status. */
export function statusOf(event: Noteworthy): Status {
  switch (event.event) {
    case "connecting": {
      const { to, attempt, failure } = event;
      return { type: "connecting", server: formatEndpoint(to), attempt, error: errorOf(failure) };
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
      const { reason, detail, about, denial } = event;
      const text = about === undefined ? detail : `${detail}, about ${about}`;
      return { type: "error", error: new ConnectionError(reason, text, denial) };
    }
  }
}

function uncaught(error: unknown): void {
  timers.queueMicrotask(() => {
    throw error;
  });
}
