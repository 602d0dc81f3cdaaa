// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { Mailbox, within } from "./mailbox.ts";
import type { Received } from "./received.ts";

// As many as a subscription of a client's may keep.
const MOST = 65_536;
/** How long a test waits for what it expects, in milliseconds. */
export const PATIENCE = 2000;

/** How the program subscribes on its own server. */
export interface SubscribeOptions {
  /** Of the members of a queue group one receives each message. */
  readonly queue?: string | undefined;
  /** It ends after so many messages, 1 or more. */
  readonly max?: number | undefined;
  /**
   * Called for each message, in place of iterating. What it throws, or rejects with, goes to the server's `failed`, or is
   * uncaught. One that is async is not waited for: the next message comes all the same.
   */
  readonly callback?: ((message: Received) => unknown) | undefined;
}

/**
 * A subscription of the program's on its own server: iterate over its messages, take the `next`, or give a callback.
 *
 * Of messages that nobody reads it keeps 65,536; the ones after that are dropped and counted.
 */
export class LocalSubscription implements AsyncIterable<Received> {
  readonly subject: string;
  /** Messages it got, dropped ones not counted. */
  received = 0;
  /** Messages that nobody read in time. */
  dropped = 0;
  readonly #callback: ((message: Received) => unknown) | undefined;
  readonly #mailbox: Mailbox<Received>;
  readonly #onEnd: () => void;
  #left: number;
  #isEnded = false;

  /**
   * @param onEnd it wants no more messages
   * @throws UsageError BAD_NUMBER where `max` is no number of messages
   */
  constructor(subject: string, { callback, max }: SubscribeOptions, onEnd: () => void) {
    if (max !== undefined && !(Number.isSafeInteger(max) && max > 0)) {
      throw new UsageError("BAD_NUMBER", `max must be a whole number from 1 on, not ${String(max)}`);
    }
    this.subject = subject;
    this.#callback = callback;
    this.#left = max ?? Number.POSITIVE_INFINITY;
    this.#onEnd = onEnd;
    this.#mailbox = new Mailbox(MOST, () => this.unsubscribe());
  }

  /** No message comes any more; those that came can still be read. */
  unsubscribe(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd();
    this.#mailbox.end();
  }

  /**
   * The next message, as soon as it is there.
   *
   * @param within milliseconds to wait, of the machine's clock; 2,000 where left out
   * @throws Error where none comes in time, or the subscription has ended
   */
  async next(within: number = PATIENCE): Promise<Received> {
    const message = await this.take(within);
    if (message !== undefined) return message;
    const why = this.#isEnded ? "the subscription has ended" : `none came within ${within} ms`;
    throw new Error(`no message on ${this.subject}: ${why}`);
  }

  /** @internal The same, `undefined` where there is none. */
  async take(milliseconds: number = PATIENCE): Promise<Received | undefined> {
    return (await within(this.#mailbox, milliseconds)).value;
  }

  /**
   * @internal Its server hands it a message.
   *
   * @returns what the callback did
   */
  deliver(message: Received): unknown {
    if (this.#callback === undefined && !this.#mailbox.push(message)) this.dropped++;
    else this.received++;
    if (--this.#left <= 0) this.unsubscribe();
    return this.#callback?.(message);
  }

  [Symbol.asyncIterator](): AsyncIterator<Received> {
    return this.#mailbox;
  }
}
