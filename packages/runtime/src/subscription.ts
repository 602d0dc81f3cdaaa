// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import {
  type Overflow,
  type SubscriptionOptions as SessionOptions,
  type SubscriptionId,
  UNBOUNDED,
} from "@natswire/session";
import type { ConnectionError } from "./connection-error.ts";
import { Mailbox } from "./mailbox.ts";
import type { Received } from "./received.ts";
import { DRAINING, onAbort, type Patience, type Signal } from "./signal.ts";

/** How a client subscribes. */
export interface SubscriptionOptions {
  /** Of the members of a queue group one receives each message. */
  readonly queue?: string | undefined;
  /** It ends after so many messages. */
  readonly max?: number | undefined;
  /**
   * Called for each message, in place of iterating. What it throws, or rejects with where it is async, is told by
   * `status`, or is uncaught where nobody asks.
   */
  readonly callback?: ((message: Received) => unknown) | undefined;
  /** Messages that may wait to be read; 65,536. None waits for a callback, which makes this and the next two mean nothing. */
  readonly maxMessages?: number | undefined;
  /** Their bytes; 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** What becomes of more than that: `drop-newest`, `drop-oldest`, `pause` (the whole connection) or `close`. */
  readonly overflow?: Overflow | undefined;
  /** Ends it, as `unsubscribe` does. */
  readonly signal?: Signal | undefined;
}

/** What a subscription asks of its connection. */
export interface Keeper {
  unsubscribe(sid: SubscriptionId, max?: number): void;
  consumed(sid: SubscriptionId, messages: number, bytes: number): void;
  flush(patience: Patience): Promise<void>;
  /** Resolves when nothing comes any more for a subscription, and calls then. */
  drainOne(sid: SubscriptionId, patience: Patience, then: () => Promise<void>): Promise<void>;
}

/** Messages of a subject or pattern: iterate over them, or give a callback. */
export class Subscription implements AsyncIterable<Received> {
  readonly subject: string;
  readonly sid: SubscriptionId;
  /** Resolves when no message comes any more; with an error where that was nobody's wish. */
  readonly closed: Promise<ConnectionError | undefined>;
  /** Messages that came. */
  received = 0;
  /** Messages that were dropped because too many waited; what it is behind by is added when it has caught up. */
  dropped = 0;
  readonly #keeper: Keeper;
  #callback: ((message: Received) => unknown) | undefined;
  readonly #mailbox: Mailbox<Received>;
  #end: (error?: ConnectionError) => void = () => {};
  // Messages that a loop is not done with.
  #unread = 0;
  #wanting: (() => void)[] = [];
  readonly #unheard: () => void;

  constructor(subject: string, sid: SubscriptionId, { callback, signal }: SubscriptionOptions, keeper: Keeper) {
    this.subject = subject;
    this.sid = sid;
    this.#callback = callback;
    this.#keeper = keeper;
    // The session counts what waits, and drops or waits itself.
    this.#mailbox = new Mailbox(Number.POSITIVE_INFINITY, () => this.unsubscribe());
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#unheard = onAbort(signal, () => this.unsubscribe());
  }

  /** Messages that wait to be read. */
  get pending(): number {
    return this.#mailbox.size;
  }

  /**
   * Ends it, now or after so many messages since it began; those that came can still be read.
   *
   * @throws UsageError BAD_NUMBER
   */
  unsubscribe(max?: number): void {
    this.#keeper.unsubscribe(this.sid, max);
  }

  /**
   * Resolves when the server has it: what is published from then on reaches it.
   *
   * @throws ConnectionError LOST, CLOSED, TIMEOUT
   */
  ready(patience: Patience = {}): Promise<void> {
    return this.#keeper.flush(patience);
  }

  /**
   * Ends it, and resolves when what was under way has come and is read, or the connection is closed.
   *
   * @param patience 10 seconds where left out: in its own loop, which reads nothing meanwhile, it would wait for ever
   * @throws ConnectionError TIMEOUT where that took longer; it has ended all the same
   */
  drain({ timeout = DRAINING, signal }: Patience = {}): Promise<void> {
    return this.#keeper.drainOne(this.sid, { timeout, signal }, () => this.read());
  }

  /**
   * @internal
   * @returns what its callback returned
   */
  deliver(message: Received): unknown {
    this.received++;
    if (this.#callback !== undefined) return this.#callback(message);
    this.#unread++;
    // A loop that waits has it at once: it makes no room by being dropped.
    if (this.#mailbox.readers.length > 0) this.#keeper.consumed(this.sid, 1, sizeOf(message));
    this.#mailbox.push(message);
    return undefined;
  }

  /** @internal Its callback is called no more. */
  mute(): void {
    if (this.#callback !== undefined) this.#callback = () => {};
  }

  /** @internal */
  end(error: ConnectionError | undefined): void {
    this.#unheard();
    this.#mailbox.end();
    this.#end(error);
  }

  /** @internal Resolves when all that came is read; a callback has read it at once. */
  read(): Promise<void> {
    if (this.#unread === 0) return Promise.resolve();
    return new Promise((resolve) => this.#wanting.push(resolve));
  }

  /** @internal The oldest messages that wait are given up. */
  forget(messages: number): void {
    let forgotten = 0;
    while (forgotten < messages && this.#mailbox.take() !== undefined) forgotten++;
    this.#done(forgotten);
  }

  [Symbol.asyncIterator](): AsyncIterator<Received> {
    if (this.#callback !== undefined) throw new UsageError("BAD_FIELD", "its messages go to a callback");
    let isBusy = false;
    return {
      next: () => {
        // Whoever asks for the next one is done with this one.
        if (isBusy) this.#done(1);
        isBusy = false;
        const message = this.#mailbox.take();
        if (message === undefined) {
          return this.#mailbox.next().then((result) => {
            isBusy = result.done !== true;
            return result;
          });
        }
        isBusy = true;
        this.#keeper.consumed(this.sid, 1, sizeOf(message));
        return Promise.resolve({ done: false, value: message });
      },
      return: () => {
        // Whoever leaves the loop wants no more.
        isBusy = false;
        this.#done(this.#unread);
        return this.#mailbox.return();
      },
    };
  }

  #done(messages: number): void {
    this.#unread -= messages;
    if (this.#unread === 0) for (const resolve of this.#wanting.splice(0)) resolve();
  }
}

/** The options as a session takes them. A callback has read a message when it returns: no limit is ever reached. */
export function limited({ callback, signal, ...options }: SubscriptionOptions): SessionOptions {
  if (callback === undefined) return options;
  return { queue: options.queue, max: options.max, ...UNBOUNDED };
}

function sizeOf({ payload, headerBlock }: Received): number {
  return payload.length + (headerBlock?.length ?? 0);
}
