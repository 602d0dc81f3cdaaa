// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import {
  type Overflow,
  type SubscriptionOptions as SessionOptions,
  type SubscriptionId,
  UNBOUNDED,
} from "@natswire/session";
import type { ConnectionError } from "../connection-error.ts";
import { Mailbox } from "../mailbox.ts";
import type { Message } from "../message.ts";
import { type AbortSignalLike, DRAINING, onAbort, type WaitOptions } from "../wait.ts";

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
  readonly callback?: ((message: Message) => unknown) | undefined;
  /** Messages that may wait to be read; 65,536. None waits for a callback, which makes this and the next two mean nothing. */
  readonly maxMessages?: number | undefined;
  /** Their bytes; 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** What becomes of more than that: `drop-newest`, `drop-oldest`, `pause` (the whole connection) or `close`. */
  readonly overflow?: Overflow | undefined;
  /** Ends it, as `unsubscribe` does. */
  readonly signal?: AbortSignalLike | undefined;
}

/** What a subscription asks of its connection. */
export interface SubscriptionHost {
  unsubscribe(sid: SubscriptionId, max?: number): void;
  consumed(sid: SubscriptionId, messages: number, bytes: number): void;
  flush(patience: WaitOptions): Promise<void>;
  /** Resolves when nothing comes any more for a subscription, and calls then. */
  drainOne(sid: SubscriptionId, patience: WaitOptions, then: () => Promise<void>): Promise<void>;
}

/** A client's subscription to a subject or pattern: iterate over its messages, or subscribe with a callback. */
export interface Subscription extends AsyncIterable<Message> {
  readonly subject: string;
  /** The subscription's id on its connection. */
  readonly sid: SubscriptionId;
  /** Resolves after the last message: with an error if the subscription ended unexpectedly. */
  readonly closed: Promise<ConnectionError | undefined>;
  /** How many messages it received. */
  readonly received: number;
  /** How many messages were dropped because too many waited; read it after the loop has caught up. */
  readonly dropped: number;
  /** How many messages wait to be read. */
  readonly pending: number;
  /**
   * Ends the subscription, now or after `max` messages counted since it began; messages that wait can still be read.
   *
   * @throws UsageError BAD_NUMBER if `max` is not a whole number above 0
   */
  unsubscribe(max?: number): void;
  /**
   * Resolves after the server has registered the subscription: later messages reach it.
   *
   * @throws ConnectionError LOST, CLOSED, TIMEOUT
   */
  ready(options?: WaitOptions): Promise<void>;
  /**
   * Ends the subscription, and resolves after the messages in flight are read, or after the connection closed.
   *
   * Called in its own loop, which reads nothing meanwhile, it times out.
   *
   * @param options `timeout` is 10 seconds by default
   * @throws ConnectionError TIMEOUT if it took longer; the subscription has ended all the same
   */
  drain(options?: WaitOptions): Promise<void>;
}

/** A subscription of a client, and what its connection calls. */
export class ClientSubscription implements Subscription {
  readonly subject: string;
  readonly sid: SubscriptionId;
  readonly closed: Promise<ConnectionError | undefined>;
  received = 0;
  dropped = 0;
  readonly #keeper: SubscriptionHost;
  #callback: ((message: Message) => unknown) | undefined;
  readonly #mailbox: Mailbox<Message>;
  #end: (error?: ConnectionError) => void = () => {};
  // Messages that a loop is not done with.
  #unread = 0;
  #wanting: (() => void)[] = [];
  readonly #unheard: () => void;

  constructor(
    subject: string,
    sid: SubscriptionId,
    { callback, signal }: SubscriptionOptions,
    keeper: SubscriptionHost,
  ) {
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

  get pending(): number {
    return this.#mailbox.size;
  }

  unsubscribe(max?: number): void {
    this.#keeper.unsubscribe(this.sid, max);
  }

  ready(patience: WaitOptions = {}): Promise<void> {
    return this.#keeper.flush(patience);
  }

  drain({ timeout = DRAINING, signal }: WaitOptions = {}): Promise<void> {
    return this.#keeper.drainOne(this.sid, { timeout, signal }, () => this.read());
  }

  /** Hands it a message. Returns what the callback returned. */
  deliver(message: Message): unknown {
    this.received++;
    if (this.#callback !== undefined) return this.#callback(message);
    this.#unread++;
    // A loop that waits has it at once: it makes no room by being dropped.
    if (this.#mailbox.readers.length > 0) this.#keeper.consumed(this.sid, 1, sizeOf(message));
    this.#mailbox.push(message);
    return undefined;
  }

  /** Stops calling the callback. */
  mute(): void {
    if (this.#callback !== undefined) this.#callback = () => {};
  }

  /** Ends the loop after what waits, and resolves `closed`. */
  end(error: ConnectionError | undefined): void {
    this.#unheard();
    this.#mailbox.end();
    this.#end(error);
  }

  /** Resolves after every message is read; a callback reads each at once. */
  read(): Promise<void> {
    if (this.#unread === 0) return Promise.resolve();
    return new Promise((resolve) => this.#wanting.push(resolve));
  }

  /** Drops the oldest messages that wait. */
  forget(messages: number): void {
    let forgotten = 0;
    while (forgotten < messages && this.#mailbox.take() !== undefined) forgotten++;
    this.#done(forgotten);
  }

  [Symbol.asyncIterator](): AsyncIterator<Message> {
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

function sizeOf({ payload, headerBlock }: Message): number {
  return payload.length + (headerBlock?.length ?? 0);
}
