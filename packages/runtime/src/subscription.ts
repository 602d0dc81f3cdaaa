// SPDX-License-Identifier: Apache-2.0
import type { Overflow, SubscriptionId } from "@natswire/session";
import type { ConnectionError } from "./connection-error.ts";
import { Mailbox } from "./mailbox.ts";
import type { Received } from "./received.ts";

/** How a client subscribes. */
export interface SubscriptionOptions {
  /** Of the members of a queue group one receives each message. */
  readonly queue?: string | undefined;
  /** It ends after so many messages. */
  readonly max?: number | undefined;
  /** Called for each message, in place of iterating. What it throws is told by `status`, or is uncaught where nobody asks. */
  readonly callback?: ((message: Received) => void) | undefined;
  /** Messages that may wait to be read; 65,536. */
  readonly maxMessages?: number | undefined;
  /** Their bytes; 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** What becomes of more than that: `drop-newest`, `pause` (the whole connection) or `close`. */
  readonly overflow?: Overflow | undefined;
}

/** What a subscription asks of its connection. */
export interface Keeper {
  unsubscribe(sid: SubscriptionId, max?: number): void;
  consumed(sid: SubscriptionId, messages: number, bytes: number): void;
}

/** Messages of a subject or pattern: iterate over them, or give a callback. */
export class Subscription implements AsyncIterable<Received> {
  readonly subject: string;
  readonly sid: SubscriptionId;
  /** Resolves when no message comes any more; with an error where that was nobody's wish. */
  readonly closed: Promise<ConnectionError | undefined>;
  /** Messages that came. */
  received = 0;
  /** Messages that were dropped because too many waited. */
  dropped = 0;
  readonly #keeper: Keeper;
  readonly #callback: ((message: Received) => void) | undefined;
  readonly #mailbox: Mailbox<Received>;
  #end: (error?: ConnectionError) => void = () => {};
  // Messages that a loop is not done with.
  #unread = 0;
  #onRead: () => void = () => {};

  constructor(subject: string, sid: SubscriptionId, { callback }: SubscriptionOptions, keeper: Keeper) {
    this.subject = subject;
    this.sid = sid;
    this.#callback = callback;
    this.#keeper = keeper;
    // The session counts what waits, and drops or waits itself.
    this.#mailbox = new Mailbox(Number.POSITIVE_INFINITY, () => this.unsubscribe());
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
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

  /** @internal */
  deliver(message: Received): void {
    this.received++;
    if (this.#callback === undefined) {
      this.#unread++;
      this.#mailbox.push(message);
    } else {
      this.#keeper.consumed(this.sid, 1, sizeOf(message));
      this.#callback(message);
    }
  }

  /** @internal */
  end(error: ConnectionError | undefined): void {
    this.#mailbox.end();
    this.#end(error);
  }

  /** @internal Resolves when all that came is read; a callback has read it at once. */
  async read(): Promise<void> {
    while (this.#unread > 0) {
      await new Promise<void>((resolve) => {
        this.#onRead = resolve;
      });
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Received> {
    try {
      for await (const message of this.#mailbox) {
        this.#keeper.consumed(this.sid, 1, sizeOf(message));
        yield message;
        this.#done(1);
      }
    } finally {
      // Whoever leaves the loop wants no more.
      this.#done(this.#unread);
    }
  }

  #done(messages: number): void {
    this.#unread -= messages;
    this.#onRead();
  }
}

function sizeOf({ payload, headerBytes }: Received): number {
  return payload.length + headerBytes;
}
