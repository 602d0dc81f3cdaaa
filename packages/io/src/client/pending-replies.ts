// SPDX-License-Identifier: Apache-2.0
import type { MessageData, Ticket } from "@natswire/session";
import { ConnectionError } from "../connection-error.ts";
import { type AbortSignalLike, onAbort } from "../wait.ts";

/** Waits for the outcome of an operation. */
export interface Waiter {
  /** Takes a reply. Returns whether more may come. */
  reply(message: MessageData): boolean;
  done(): void;
  fail(error: unknown): void;
}

interface Waiting {
  readonly waiter: Waiter;
  readonly removeAbortListener: () => void;
  readonly caller: Error | undefined;
}

/** The operations in progress, and what waits for each, by ticket. */
export class PendingReplies {
  readonly #cancel: (ticket: Ticket) => void;
  readonly #hasTraces: boolean;
  readonly #waiting = new Map<Ticket, Waiting>();

  /**
   * @param cancel called with the ticket of an operation that was given up
   * @param hasTraces whether errors show where the operation was called
   */
  constructor(cancel: (ticket: Ticket) => void, hasTraces: boolean) {
    this.#cancel = cancel;
    this.#hasTraces = hasTraces;
  }

  /** Starts an operation, and resolves after it is done. */
  done(start: () => Ticket): Promise<void> {
    return new Promise((resolve, reject) => {
      this.add(start, undefined, { reply: () => true, done: resolve, fail: reject });
    });
  }

  /** Starts a request, and resolves with its reply; starts nothing if the signal is aborted already. */
  one<T>(start: () => Ticket, signal: AbortSignalLike | undefined, read: (message: MessageData) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const reply = (message: MessageData): boolean => {
        resolve(read(message));
        return false;
      };
      this.add(start, signal, { reply, done: () => {}, fail: reject });
    });
  }

  /**
   * Starts an operation.
   *
   * @throws what `start` throws, and the signal's reason if it is aborted already
   */
  add(start: () => Ticket, signal: AbortSignalLike | undefined, waiter: Waiter): Ticket {
    if (signal?.aborted === true) throw signal.reason;
    const ticket = start();
    const removeAbortListener = onAbort(signal, (reason) => this.giveUp(ticket, reason));
    this.#waiting.set(ticket, {
      waiter,
      removeAbortListener,
      caller: this.#hasTraces ? new Error("called") : undefined,
    });
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
    // The reason of a signal belongs to the program.
    if (waiting?.caller !== undefined && error instanceof ConnectionError) {
      error.stack += `\n${waiting.caller.stack?.replace(/^Error: /, "")}`;
    }
    waiting?.waiter.fail(error);
  }

  /** Cancels an operation, and rejects what waits for it. */
  giveUp(ticket: Ticket, reason: unknown): void {
    if (!this.#waiting.has(ticket)) return;
    this.#cancel(ticket);
    this.failed(ticket, reason);
  }

  #take(ticket: Ticket): Waiting | undefined {
    const waiting = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    waiting?.removeAbortListener();
    return waiting;
  }
}
