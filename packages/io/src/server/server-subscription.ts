// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { ConnectionError } from "../connection-error.ts";
import { Mailbox, within } from "../mailbox.ts";
import type { Message } from "../message.ts";

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
  /** How many messages it received, dropped ones not included. */
  readonly received: number;
  /** How many messages were dropped because 65,536 were unread. */
  readonly dropped: number;
  /** Ends the subscription; messages that wait can still be read. */
  unsubscribe(): void;
  /**
   * Resolves with the next message.
   *
   * @param timeout milliseconds to wait on the machine's clock; 2,000 by default
   * @throws ConnectionError TIMEOUT if no message arrives in time, CLOSED if the subscription has ended
   */
  next(timeout?: number): Promise<Message>;
}

/** A subscription inside the server, and what the server calls. */
export class LocalSubscription implements ServerSubscription {
  readonly subject: string;
  received = 0;
  dropped = 0;
  readonly #callback: ((message: Message) => unknown) | undefined;
  readonly #mailbox: Mailbox<Message>;
  readonly #onEnd: () => void;
  #left: number;
  #isEnded = false;

  /**
   * @param onEnd called when it ends
   * @throws UsageError BAD_NUMBER if `max` is not a whole number above 0
   */
  constructor(subject: string, { callback, max }: ServerSubscribeOptions, onEnd: () => void) {
    if (max !== undefined && !(Number.isSafeInteger(max) && max > 0)) {
      throw new UsageError("BAD_NUMBER", `max must be a whole number above 0, not ${String(max)}`);
    }
    this.subject = subject;
    this.#callback = callback;
    this.#left = max ?? Number.POSITIVE_INFINITY;
    this.#onEnd = onEnd;
    this.#mailbox = new Mailbox(LIMIT, () => this.unsubscribe());
  }

  unsubscribe(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd();
    this.#mailbox.end();
  }

  async next(timeout: number = DEFAULT_TIMEOUT_MS): Promise<Message> {
    const message = await this.take(timeout);
    if (message !== undefined) return message;
    throw this.#isEnded
      ? new ConnectionError("CLOSED", `no message on "${this.subject}": the subscription has ended`)
      : new ConnectionError("TIMEOUT", `no message on "${this.subject}" within ${timeout} ms`);
  }

  /** Resolves with the next message, or with `undefined` if none arrives in time. */
  async take(milliseconds: number): Promise<Message | undefined> {
    return (await within(this.#mailbox, milliseconds)).value;
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
