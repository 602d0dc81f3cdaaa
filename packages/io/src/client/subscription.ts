// SPDX-License-Identifier: Apache-2.0
import { type Printable, printable, UsageError } from "@natswire/codec";
import {
  type Failure,
  type Overflow,
  type SubscriptionOptions as SessionOptions,
  type SubscriptionCounts,
  type SubscriptionId,
  UNBOUNDED,
} from "@natswire/session";
import type { Clock } from "../clock.ts";
import { ConnectionError, errorOf, failureOf } from "../connection-error.ts";
import { Mailbox } from "../mailbox.ts";
import type { Message } from "../message.ts";
import { checkFunction, checkOptions } from "../options.ts";
import { outcomeOf } from "../outcome.ts";
import { type AbortSignalLike, checkWait, DRAIN_TIMEOUT_MS, onAbort, type WaitOptions } from "../wait.ts";

/** Options of a subscription. */
export interface SubscriptionOptions {
  /** The queue group: one of its members receives each message. */
  readonly queue?: string | undefined;
  /** Ends the subscription after this many messages; unlimited by default. */
  readonly max?: number | undefined;
  /**
   * Called for each message, in place of iterating. If it throws or rejects, a status of type `error` is emitted. Without a
   * status listener it is an uncaught error.
   */
  readonly callback?: ((message: Message) => unknown) | undefined;
  /**
   * How many async callbacks may run at once; unlimited by default. Further messages wait, up to the limits below.
   *
   * With 1, the callback is called for a message after the promise for the message before has settled.
   */
  readonly concurrency?: number | undefined;
  /** How many messages may wait; 65,536 by default. For a callback, this and the next two need `concurrency`. */
  readonly maxMessages?: number | undefined;
  /** How many bytes may wait to be read; 64 MiB by default. */
  readonly maxBytes?: number | undefined;
  /** What happens at either limit: `drop-newest` (the default), `drop-oldest`, `pause` (the whole connection) or `close`. */
  readonly overflow?: Overflow | undefined;
  /** Ends the subscription when it is aborted, as `unsubscribe` does. */
  readonly signal?: AbortSignalLike | undefined;
}

/** What a subscription needs of its connection. */
export interface SubscriptionHost {
  readonly clock: Clock;
  unsubscribe(sid: SubscriptionId, max?: number): void;
  consumed(sid: SubscriptionId, messages: number, bytes: number): void;
  countsOf(sid: SubscriptionId): SubscriptionCounts | undefined;
  /** Returns a callback inside the hook of the connection. */
  hooked(callback: (message: Message) => unknown, subscription: Subscription): (message: Message) => unknown;
  /** Reports what a callback threw or rejected with. */
  thrown(error: unknown): void;
  flush(options: WaitOptions): Promise<void>;
  /** Ends a subscription at the server, calls `then` after its last message has come, and resolves after both. */
  drainOne(sid: SubscriptionId, options: WaitOptions, then: () => Promise<void>): Promise<void>;
}

/** A client's subscription to a subject or pattern: iterate over its messages, or subscribe with a callback. */
export interface Subscription extends AsyncIterable<Message> {
  readonly subject: string;
  /** The queue group; `undefined` if it has none. */
  readonly queue: string | undefined;
  /** The subscription's id on its connection. */
  readonly sid: SubscriptionId;
  /** Resolves after the last message: with an error if the subscription ended unexpectedly. */
  readonly closed: Promise<ConnectionError | undefined>;
  /** How many messages it received, dropped ones included. */
  readonly received: number;
  /** How many messages were dropped because too many waited. */
  readonly dropped: number;
  /** How many messages wait for the loop, or for `concurrency`. */
  readonly pending: number;
  /**
   * Ends the subscription, now or after `max` messages counted since it began; messages that wait can still be read.
   *
   * @throws UsageError BAD_NUMBER if `max` is not a whole number above 0
   */
  unsubscribe(max?: number): void;
  /**
   * Resolves with the next message, in place of a loop. The message then counts as read.
   *
   * @param options without a timeout by default
   * @throws ConnectionError TIMEOUT, CLOSED if the subscription has ended, PERMISSION if the server does not permit it
   * @throws UsageError BAD_FIELD if the subscription has a callback
   */
  next(options?: WaitOptions): Promise<Message>;
  /**
   * Resolves after the server has registered the subscription: later messages reach it.
   *
   * @throws ConnectionError PERMISSION if the server does not permit it; REFUSED if the server has too many subscriptions;
   * LOST, CLOSED, TIMEOUT
   */
  ready(options?: WaitOptions): Promise<void>;
  /**
   * Ends the subscription, and resolves after the messages in flight are read and async callbacks have settled, or after the
   * connection closed.
   *
   * If its own loop or callback awaits it, it times out, because they cannot continue meanwhile.
   *
   * @param options `timeout` is 10,000 ms by default
   * @throws ConnectionError TIMEOUT if it took longer; the subscription has ended all the same
   */
  drain(options?: WaitOptions): Promise<void>;
  /** Returns what `console.log` and `JSON.stringify` show: subject, queue group, sid and counts. */
  toJSON(): object;
}

const nothing = (): void => {};
const muted = (): void => {};
const Printed: Printable = /* @__PURE__ */ printable("Subscription");

/** A subscription of a client, and what its connection calls. */
export class ClientSubscription extends Printed implements Subscription {
  readonly subject: string;
  readonly queue: string | undefined;
  readonly sid: SubscriptionId;
  readonly closed: Promise<ConnectionError | undefined>;
  readonly #host: SubscriptionHost;
  #callback: ((message: Message) => unknown) | undefined;
  // The callback without the hook.
  readonly #given: ((message: Message) => unknown) | undefined;
  // Runs the hook for a message of a loop.
  #onArrival: (message: Message) => unknown = nothing;
  readonly #mailbox: Mailbox<Message>;
  #resolveClosed: (error?: ConnectionError) => void = () => {};
  readonly #concurrency: number;
  #running = 0;
  // Messages that the loop, or an async callback, has not finished with.
  #unfinished = 0;
  #waitingForIdle: (() => void)[] = [];
  // Why it ended.
  #error: ConnectionError | undefined;
  readonly #counts: SubscriptionCounts;
  readonly #removeAbortListener: () => void;

  constructor(subject: string, sid: SubscriptionId, options: SubscriptionOptions, host: SubscriptionHost) {
    super();
    const { callback, signal, concurrency = Number.POSITIVE_INFINITY } = options;
    this.subject = subject;
    this.queue = options.queue;
    this.sid = sid;
    this.#callback = callback;
    this.#given = callback;
    this.#concurrency = concurrency;
    this.#host = host;
    this.#counts = host.countsOf(sid) as SubscriptionCounts;
    // The session counts what waits, and applies `overflow`.
    this.#mailbox = new Mailbox(Number.POSITIVE_INFINITY, () => this.unsubscribe());
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#removeAbortListener = onAbort(signal, () => this.unsubscribe());
  }

  get received(): number {
    return this.#counts.received;
  }

  get dropped(): number {
    return this.#counts.dropped;
  }

  get pending(): number {
    return this.#mailbox.size;
  }

  toJSON(): object {
    const { subject, queue, sid, received, dropped, pending } = this;
    return { subject, queue, sid, received, dropped, pending };
  }

  unsubscribe(max?: number): void {
    this.#host.unsubscribe(this.sid, max);
  }

  async next(options: WaitOptions = {}): Promise<Message> {
    this.#checkIterable();
    checkWait(options, "next");
    const missing = `no message on "${this.subject}"`;
    const message = this.#take() ?? (await this.#mailbox.nextWithin(options, this.#host.clock, missing)).value;
    if (message === undefined) throw new ConnectionError("CLOSED", `${missing}: the subscription has ended`);
    this.#done(1);
    return message;
  }

  async ready(options: WaitOptions = {}): Promise<void> {
    checkWait(options, "ready");
    await this.#host.flush(options);
    if (this.#error !== undefined) throw this.#error;
  }

  async drain(options: WaitOptions = {}): Promise<void> {
    checkWait(options, "drain");
    const { timeout = DRAIN_TIMEOUT_MS, signal } = options;
    await this.#host.drainOne(this.sid, { timeout, signal }, () => this.idle());
  }

  /** Delivers a message. */
  deliver(message: Message): void {
    if (this.#callback !== undefined && this.#concurrency === Number.POSITIVE_INFINITY) return this.#call(message);
    this.#unfinished++;
    // A waiting loop gets it at once: it no longer counts as waiting.
    if (this.#mailbox.readers.length > 0) this.#host.consumed(this.sid, 1, sizeOf(message));
    this.#onArrival(message);
    this.#mailbox.push(message);
    if (this.#callback !== undefined) this.#callWaiting();
  }

  /** Runs the callback inside the hook from now on, or no longer. */
  observe(isObserved: boolean): void {
    const given = this.#given;
    const called = isObserved ? this.#host.hooked(given ?? nothing, this) : given;
    if (given === undefined) this.#onArrival = called ?? nothing;
    else if (this.#callback !== muted) this.#callback = called;
  }

  /** Stops calling the callback. */
  mute(): void {
    if (this.#callback !== undefined) this.#callback = muted;
  }

  /** Ends the loop after what waits, and resolves `closed`. */
  end(failure: Failure | undefined): void {
    this.#removeAbortListener();
    this.#error = errorOf(failure);
    // The server refused this subscription. Others end with their connection, which reports the error.
    this.#mailbox.end(failure?.denial && failureOf(failure));
    this.#resolveClosed(this.#error);
  }

  /** Whether an async callback has not settled. */
  get isRunning(): boolean {
    return this.#running > 0;
  }

  /** Resolves after every message is read, and every async callback has settled. */
  idle(): Promise<void> {
    if (this.#unfinished === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForIdle.push(resolve));
  }

  /** Drops the oldest messages that wait. */
  forget(messages: number): void {
    let forgotten = 0;
    while (forgotten < messages && this.#mailbox.take() !== undefined) forgotten++;
    this.#done(forgotten);
  }

  [Symbol.asyncIterator](): AsyncIterator<Message> {
    this.#checkIterable();
    let isBusy = false;
    return {
      next: () => {
        // Asking for the next message finishes the one before.
        if (isBusy) this.#done(1);
        isBusy = false;
        const message = this.#take();
        if (message === undefined) {
          return this.#mailbox.outcome().then((outcome) => {
            const result = outcomeOf(outcome);
            isBusy = result.done !== true;
            return result;
          });
        }
        isBusy = true;
        return Promise.resolve({ done: false, value: message });
      },
      return: () => {
        isBusy = false;
        this.#done(this.#unfinished);
        return this.#mailbox.return();
      },
    };
  }

  #checkIterable(): void {
    if (this.#callback === undefined) return;
    throw new UsageError("BAD_FIELD", `cannot iterate the subscription to "${this.subject}": it has a callback`);
  }

  /** Removes and returns the next message that waits. */
  #take(): Message | undefined {
    const message = this.#mailbox.take();
    if (message !== undefined) this.#host.consumed(this.sid, 1, sizeOf(message));
    return message;
  }

  /** Calls the callback. What it throws or rejects with stops nothing. */
  #call(message: Message): void {
    try {
      const settled = this.#callback?.(message);
      if (settled === undefined || settled === null || typeof (settled as PromiseLike<unknown>).then !== "function")
        return;
      this.#unfinished++;
      this.#running++;
      (settled as PromiseLike<unknown>).then(this.#onSettled, this.#onRejected);
    } catch (error) {
      this.#host.thrown(error);
    }
  }

  readonly #onSettled = (): void => {
    this.#running--;
    this.#done(1);
    this.#callWaiting();
  };

  readonly #onRejected = (error: unknown): void => {
    this.#host.thrown(error);
    this.#onSettled();
  };

  /** Calls the callback for messages that wait, as far as `concurrency` permits. */
  #callWaiting(): void {
    while (this.#running < this.#concurrency) {
      const message = this.#take();
      if (message === undefined) return;
      this.#call(message);
      this.#done(1);
    }
  }

  #done(messages: number): void {
    this.#unfinished -= messages;
    if (this.#unfinished === 0) for (const resolve of this.#waitingForIdle.splice(0)) resolve();
  }
}

const subscriptionOptions: readonly (keyof SubscriptionOptions)[] = [
  ...(["callback", "queue", "max", "concurrency"] as const),
  ...(["maxMessages", "maxBytes", "overflow", "signal"] as const),
];

/**
 * Returns the options as a session takes them: without limits if no message waits for the callback.
 *
 * @throws UsageError BAD_NUMBER if `concurrency` is not a whole number above 0, BAD_FIELD if an option is unknown
 */
export function limited(given: SubscriptionOptions): SessionOptions {
  checkOptions(given, subscriptionOptions, "subscribe");
  const { callback, signal, concurrency, ...options } = given;
  checkFunction("callback", callback);
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency > 0)) {
    throw new UsageError("BAD_NUMBER", `concurrency must be a whole number above 0, not ${String(concurrency)}`);
  }
  if (callback === undefined || concurrency !== undefined) return options;
  return { queue: options.queue, max: options.max, ...UNBOUNDED };
}

function sizeOf({ payload, headerBlock }: Message): number {
  return payload.length + (headerBlock?.length ?? 0);
}
