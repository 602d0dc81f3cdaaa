// SPDX-License-Identifier: Apache-2.0
import { type Printable, printable, UsageError } from "@natswire/codec";
import { realClock } from "../clock.ts";
import { ConnectionError } from "../connection-error.ts";
import { Mailbox } from "../mailbox.ts";
import type { Message } from "../message.ts";
import { checkFunction, checkOptions } from "../options.ts";
import { checkWait, type WaitOptions } from "../wait.ts";

// Unread messages, as for a client's subscription.
const LIMIT = 65_536;
/** Milliseconds that `next` and `request` of a server wait by default. */
export const DEFAULT_TIMEOUT_MS = 2000;

/** How the program subscribes on its own server. */
export interface ServerSubscribeOptions {
  /** The queue group: one of its members receives each message. */
  readonly queue?: string | undefined;
  /** Ends the subscription after this many messages, 1 or more; unlimited by default. */
  readonly max?: number | undefined;
  /**
   * Called for each message, in place of iterating. What it throws or rejects with goes to the server's `failed` hook, or is an
   * uncaught error. An async callback is not awaited: the next message follows at once.
   */
  readonly callback?: ((message: Message) => unknown) | undefined;
}

/**
 * A subscription of the program on its own server: iterate over its messages, await the `next`, or subscribe with a
 * callback. It keeps 65,536 unread messages, and drops and counts further ones.
 */
export interface ServerSubscription extends AsyncIterable<Message> {
  readonly subject: string;
  /** The queue group; `undefined` if it has none. */
  readonly queue: string | undefined;
  /** How many messages it received, dropped ones not included. */
  readonly received: number;
  /** How many messages were dropped because 65,536 were unread. */
  readonly dropped: number;
  /** Ends the subscription; messages that wait can still be read. */
  unsubscribe(): void;
  /**
   * Resolves with the next message.
   *
   * @param options `timeout` is 2,000 by default, on the machine's clock
   * @throws ConnectionError TIMEOUT if no message arrives in time, CLOSED if the subscription has ended
   */
  next(options?: WaitOptions): Promise<Message>;
  /** Returns what `console.log` and `JSON.stringify` show: subject, queue group and counts. */
  toJSON(): object;
}

const subscribeOptions: readonly (keyof ServerSubscribeOptions)[] = ["callback", "queue", "max"];

const Printed: Printable = /* @__PURE__ */ printable("ServerSubscription");

/** A subscription inside the server, and what the server calls. */
export class LocalSubscription extends Printed implements ServerSubscription {
  readonly subject: string;
  readonly queue: string | undefined;
  received = 0;
  dropped = 0;
  readonly #callback: ((message: Message) => unknown) | undefined;
  readonly #mailbox: Mailbox<Message>;
  readonly #onEnd: () => void;
  #left: number;
  #isEnded = false;

  /**
   * @param onEnd called when it ends
   * @throws UsageError BAD_NUMBER if `max` is not a whole number above 0, BAD_FIELD if an option is unknown
   */
  constructor(subject: string, options: ServerSubscribeOptions, onEnd: () => void) {
    super();
    checkOptions(options, subscribeOptions, "subscribe");
    const { callback, max } = options;
    checkFunction("callback", callback);
    if (max !== undefined && !(Number.isSafeInteger(max) && max > 0)) {
      throw new UsageError("BAD_NUMBER", `max must be a whole number above 0, not ${String(max)}`);
    }
    this.subject = subject;
    this.queue = options.queue;
    this.#callback = callback;
    this.#left = max ?? Number.POSITIVE_INFINITY;
    this.#onEnd = onEnd;
    this.#mailbox = new Mailbox(LIMIT, () => this.unsubscribe());
  }

  toJSON(): object {
    const { subject, queue, received, dropped } = this;
    return { subject, queue, received, dropped };
  }

  unsubscribe(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd();
    this.#mailbox.end();
  }

  async next(options: WaitOptions = {}): Promise<Message> {
    checkWait(options, "next");
    const { timeout = DEFAULT_TIMEOUT_MS, signal } = options;
    const missing = `no message on "${this.subject}"`;
    const message = await this.take({ timeout, signal }, missing);
    if (message === undefined) throw new ConnectionError("CLOSED", `${missing}: the subscription has ended`);
    return message;
  }

  /** Resolves with the next message, or with `undefined` after the last. */
  async take(options: WaitOptions, missing: string): Promise<Message | undefined> {
    return (await this.#mailbox.nextWithin(options, realClock, missing)).value;
  }

  /** Delivers a message. Returns what the callback returned. */
  deliver(message: Message): unknown {
    if (this.#callback === undefined && !this.#mailbox.push(message)) this.dropped++;
    else this.received++;
    if (--this.#left <= 0) this.unsubscribe();
    return this.#callback?.(message);
  }

  [Symbol.asyncIterator](): AsyncIterator<Message> {
    return this.#mailbox;
  }
}
