// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import {
  type Overflow,
  type Reason,
  type SubscriptionOptions as SessionOptions,
  type SubscriptionId,
  UNBOUNDED,
} from "@natswire/session";
import { type ConnectionError, errorOf } from "../connection-error.ts";
import { Mailbox } from "../mailbox.ts";
import type { Message } from "../message.ts";
import { type AbortSignalLike, DRAIN_TIMEOUT_MS, onAbort, type WaitOptions } from "../wait.ts";

/** Options of a subscription. */
export interface SubscriptionOptions {
  /** The queue group: one of its members receives each message. */
  readonly queue?: string | undefined;
  /** Ends the subscription after this many messages; unlimited by default. */
  readonly max?: number | undefined;
  /**
   * Called for each message, in place of iterating. What it throws or rejects with is emitted as a status of type `error`, or is
   * an uncaught error if there is no status listener.
   */
  readonly callback?: ((message: Message) => unknown) | undefined;
  /** How many messages may wait to be read; 65,536 by default. Without effect with a callback, as are the next two. */
  readonly maxMessages?: number | undefined;
  /** How many bytes may wait to be read; 64 MiB by default. */
  readonly maxBytes?: number | undefined;
  /** What happens at either limit: `drop-newest`, `drop-oldest`, `pause` (the whole connection) or `close`. */
  readonly overflow?: Overflow | undefined;
  /** Ends the subscription when it is aborted, as `unsubscribe` does. */
  readonly signal?: AbortSignalLike | undefined;
}

/** What a subscription needs of its connection. */
export interface SubscriptionHost {
  unsubscribe(sid: SubscriptionId, max?: number): void;
  consumed(sid: SubscriptionId, messages: number, bytes: number): void;
  flush(options: WaitOptions): Promise<void>;
  /** Ends a subscription at the server, calls `then` after its last message has come, and resolves after both. */
  drainOne(sid: SubscriptionId, options: WaitOptions, then: () => Promise<void>): Promise<void>;
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
  readonly #host: SubscriptionHost;
  #callback: ((message: Message) => unknown) | undefined;
  readonly #mailbox: Mailbox<Message>;
  #resolveClosed: (error?: ConnectionError) => void = () => {};
  // Messages that the loop has not finished with.
  #unread = 0;
  #waitingForRead: (() => void)[] = [];
  readonly #removeAbortListener: () => void;

  constructor(subject: string, sid: SubscriptionId, { callback, signal }: SubscriptionOptions, host: SubscriptionHost) {
    this.subject = subject;
    this.sid = sid;
    this.#callback = callback;
    this.#host = host;
    // The session counts what waits, and applies `overflow`.
    this.#mailbox = new Mailbox(Number.POSITIVE_INFINITY, () => this.unsubscribe());
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#removeAbortListener = onAbort(signal, () => this.unsubscribe());
  }

  get pending(): number {
    return this.#mailbox.size;
  }

  unsubscribe(max?: number): void {
    this.#host.unsubscribe(this.sid, max);
  }

  ready(options: WaitOptions = {}): Promise<void> {
    return this.#host.flush(options);
  }

  drain({ timeout = DRAIN_TIMEOUT_MS, signal }: WaitOptions = {}): Promise<void> {
    return this.#host.drainOne(this.sid, { timeout, signal }, () => this.read());
  }

  /** Delivers a message. Returns what the callback returned. */
  deliver(message: Message): unknown {
    this.received++;
    if (this.#callback !== undefined) return this.#callback(message);
    this.#unread++;
    // A waiting loop gets it at once: it no longer counts as waiting.
    if (this.#mailbox.readers.length > 0) this.#host.consumed(this.sid, 1, sizeOf(message));
    this.#mailbox.push(message);
    return undefined;
  }

  /** Stops calling the callback. */
  mute(): void {
    if (this.#callback !== undefined) this.#callback = () => {};
  }

  /** Ends the loop after what waits, and resolves `closed`. */
  end(reason: Reason | undefined): void {
    this.#removeAbortListener();
    this.#mailbox.end();
    const what = `the subscription to "${this.subject}"`;
    this.#resolveClosed(
      errorOf(reason, `${what} ${reason === "SLOW" ? "did not keep up" : "ended with its connection"}`),
    );
  }

  /** Resolves after every message is read; a callback reads each at once. */
  read(): Promise<void> {
    if (this.#unread === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForRead.push(resolve));
  }

  /** Drops the oldest messages that wait. */
  forget(messages: number): void {
    let forgotten = 0;
    while (forgotten < messages && this.#mailbox.take() !== undefined) forgotten++;
    this.#done(forgotten);
  }

  [Symbol.asyncIterator](): AsyncIterator<Message> {
    if (this.#callback !== undefined)
      throw new UsageError("BAD_FIELD", `cannot iterate the subscription to "${this.subject}": it has a callback`);
    let isBusy = false;
    return {
      next: () => {
        // Asking for the next message finishes the one before.
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
        this.#host.consumed(this.sid, 1, sizeOf(message));
        return Promise.resolve({ done: false, value: message });
      },
      return: () => {
        isBusy = false;
        this.#done(this.#unread);
        return this.#mailbox.return();
      },
    };
  }

  #done(messages: number): void {
    this.#unread -= messages;
    if (this.#unread === 0) for (const resolve of this.#waitingForRead.splice(0)) resolve();
  }
}

/** Returns the options as a session takes them: without limits if there is a callback, as no message waits for it. */
export function limited({ callback, signal, ...options }: SubscriptionOptions): SessionOptions {
  if (callback === undefined) return options;
  return { queue: options.queue, max: options.max, ...UNBOUNDED };
}

function sizeOf({ payload, headerBlock }: Message): number {
  return payload.length + (headerBlock?.length ?? 0);
}
