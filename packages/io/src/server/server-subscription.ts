// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { Mailbox, within } from "../mailbox.ts";
import type { Message } from "../message.ts";

// As many as a subscription of a client's may keep.
const MOST = 65_536;
/** How long a test waits for what it expects, in milliseconds. */
export const PATIENCE = 2000;

/** How the program subscribes on its own server. */
export interface ServerSubscribeOptions {
  /** Of the members of a queue group one receives each message. */
  readonly queue?: string | undefined;
  /** It ends after so many messages, 1 or more. */
  readonly max?: number | undefined;
  /**
   * Called for each message, in place of iterating. What it throws, or rejects with, goes to the server's `failed`, or is
   * uncaught. One that is async is not waited for: the next message comes all the same.
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
   * @throws Error if no message arrives in time, or if the subscription has ended
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
   * @param onEnd it wants no more messages
   * @throws UsageError BAD_NUMBER where `max` is no number of messages
   */
  constructor(subject: string, { callback, max }: ServerSubscribeOptions, onEnd: () => void) {
    if (max !== undefined && !(Number.isSafeInteger(max) && max > 0)) {
      throw new UsageError("BAD_NUMBER", `max must be a whole number from 1 on, not ${String(max)}`);
    }
    this.subject = subject;
    this.#callback = callback;
    this.#left = max ?? Number.POSITIVE_INFINITY;
    this.#onEnd = onEnd;
    this.#mailbox = new Mailbox(MOST, () => this.unsubscribe());
  }

  unsubscribe(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd();
    this.#mailbox.end();
  }

  async next(timeout: number = PATIENCE): Promise<Message> {
    const message = await this.take(timeout);
    if (message !== undefined) return message;
    const reason = this.#isEnded ? "the subscription has ended" : `nothing arrived within ${timeout} ms`;
    throw new Error(`no message on "${this.subject}": ${reason}`);
  }

  /** Resolves with the next message, or with `undefined` if there is none in time. */
  async take(milliseconds: number): Promise<Message | undefined> {
    return (await within(this.#mailbox, milliseconds)).value;
  }

  /** Hands it a message. Returns what the callback returned. */
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
