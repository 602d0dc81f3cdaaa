// SPDX-License-Identifier: Apache-2.0
import type { MessageData, Ticket } from "@natswire/session";
import { ConnectionError } from "../connection-error.ts";
import { type AbortSignalLike, onAbort } from "../wait.ts";

/** Who waits for an answer of the session's. */
export interface Waiter {
  /** @returns whether more may come */
  reply(message: MessageData): boolean;
  done(): void;
  fail(error: unknown): void;
}

interface Waiting {
  readonly waiter: Waiter;
  readonly unheard: () => void;
  readonly asked: Error | undefined;
}

/** Those who wait for answers, each by its ticket. */
export class PendingReplies {
  readonly #cancel: (ticket: Ticket) => void;
  readonly #hasTraces: boolean;
  readonly #waiting = new Map<Ticket, Waiting>();

  /**
   * @param cancel told of a ticket that nobody waits for any more
   * @param hasTraces what fails says where it was asked for
   */
  constructor(cancel: (ticket: Ticket) => void, hasTraces: boolean) {
    this.#cancel = cancel;
    this.#hasTraces = hasTraces;
  }

  /** Waits until what is asked for is done. */
  done(ask: () => Ticket): Promise<void> {
    return new Promise((resolve, reject) => {
      this.add(ask, undefined, { reply: () => true, done: resolve, fail: reject });
    });
  }

  /** Waits for the one reply to what is asked; nothing is asked where the signal is aborted already. */
  one<T>(ask: () => Ticket, signal: AbortSignalLike | undefined, read: (message: MessageData) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const reply = (message: MessageData): boolean => {
        resolve(read(message));
        return false;
      };
      this.add(ask, signal, { reply, done: () => {}, fail: reject });
    });
  }

  /** @throws what `ask` throws, and the signal's reason where it is aborted already */
  add(ask: () => Ticket, signal: AbortSignalLike | undefined, waiter: Waiter): Ticket {
    if (signal?.aborted === true) throw signal.reason;
    const ticket = ask();
    const unheard = onAbort(signal, (reason) => this.giveUp(ticket, reason));
    this.#waiting.set(ticket, { waiter, unheard, asked: this.#hasTraces ? new Error("asked for") : undefined });
    return ticket;
  }

  replied(ticket: Ticket, message: MessageData): void {
    if (this.#waiting.get(ticket)?.waiter.reply(message) === false) this.#take(ticket);
  }

  answered(ticket: Ticket): void {
    this.#take(ticket)?.waiter.done();
  }

  failed(ticket: Ticket, error: unknown): void {
    const waiting = this.#take(ticket);
    // A signal's reason is somebody else's.
    if (waiting?.asked !== undefined && error instanceof ConnectionError) {
      error.stack += `\n${waiting.asked.stack?.replace(/^Error: /, "")}`;
    }
    waiting?.waiter.fail(error);
  }

  /** Nobody waits for it any more. */
  giveUp(ticket: Ticket, reason: unknown): void {
    if (!this.#waiting.has(ticket)) return;
    this.#cancel(ticket);
    this.failed(ticket, reason);
  }

  #take(ticket: Ticket): Waiting | undefined {
    const waiting = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    waiting?.unheard();
    return waiting;
  }
}
