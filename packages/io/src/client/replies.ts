// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import type { MessageData } from "@natswire/session";
import { ConnectionError } from "../connection-error.ts";
import { Mailbox } from "../mailbox.ts";
import type { Message } from "../message.ts";
import { FailedOutcome } from "../outcome.ts";
import type { RequestManyOptions } from "./connection.ts";
import type { Waiter } from "./pending.ts";

// Unread replies, as for a subscription.
const LIMIT = 65_536;

/** Iterates over the replies to one request. */
export class Replies extends Mailbox<Message> implements Waiter {
  stopWaiting: (() => void) | undefined;
  readonly #received: (message: MessageData) => Message;
  readonly #giveUp: () => void;

  /** @param giveUp called if no more replies are wanted */
  constructor(received: (message: MessageData) => Message, giveUp: () => void) {
    super(LIMIT, () => {
      giveUp();
      this.stopWaiting?.();
    });
    this.#received = received;
    this.#giveUp = giveUp;
  }

  reply(message: MessageData): void {
    if (this.push(this.#received(message))) return;
    this.#giveUp();
    const toError = (): ConnectionError =>
      new ConnectionError("TOO_MANY", `${LIMIT} replies wait to be read, the limit`);
    this.fail(new FailedOutcome(toError));
  }

  done(): void {
    this.fail(undefined);
  }

  fail(failure: FailedOutcome | undefined): void {
    this.stopWaiting?.();
    this.end(failure);
  }
}

/**
 * Returns the options as a session takes them.
 *
 * @throws UsageError BAD_FIELD if the strategy is unknown
 */
export function manyOf({ strategy = "timer", maxMessages, stall = 300 }: RequestManyOptions): {
  readonly maxMessages: number | undefined;
  readonly stall: number | undefined;
  readonly sentinel: boolean;
} {
  if (!/^(timer|count|stall|sentinel)$/.test(strategy)) {
    throw new UsageError(
      "BAD_FIELD",
      `strategy must be "timer", "count", "stall" or "sentinel", not ${JSON.stringify(strategy)}`,
    );
  }
  return {
    maxMessages,
    stall: strategy === "stall" ? stall : undefined,
    sentinel: strategy === "sentinel",
  };
}
