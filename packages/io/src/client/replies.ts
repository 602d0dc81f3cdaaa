// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import type { MessageData } from "@natswire/session";
import { ConnectionError } from "../connection-error.ts";
import { Mailbox } from "../mailbox.ts";
import type { Message } from "../message.ts";
import type { RequestManyOptions } from "./connection.ts";
import type { Waiter } from "./pending-replies.ts";

// As many as a subscription may have waiting.
const MOST = 65_536;

/** The replies to one request, as they come. */
export class Replies extends Mailbox<Message> implements Waiter {
  readonly #received: (message: MessageData) => Message;
  readonly #giveUp: (reason?: unknown) => void;

  /** @param giveUp no more of them are wanted */
  constructor(received: (message: MessageData) => Message, giveUp: (reason?: unknown) => void) {
    super(MOST, giveUp);
    this.#received = received;
    this.#giveUp = giveUp;
  }

  reply(message: MessageData): boolean {
    if (!this.push(this.#received(message))) {
      this.#giveUp(new ConnectionError("TOO_MANY", `${MOST} replies wait to be read`));
    }
    return true;
  }

  done(): void {
    this.end();
  }

  fail(error: unknown): void {
    this.end(error === undefined ? undefined : { error });
  }
}

/**
 * The options as a session takes them.
 *
 * @throws UsageError BAD_FIELD where the strategy is none
 */
export function manyOf({ strategy = "timer", maxMessages, stall = 300 }: RequestManyOptions): {
  readonly maxMessages: number | undefined;
  readonly stall: number | undefined;
  readonly sentinel: boolean;
} {
  if (!/^(timer|count|stall|sentinel)$/.test(strategy)) {
    throw new UsageError("BAD_FIELD", "strategy must be timer, count, stall or sentinel");
  }
  return {
    maxMessages,
    stall: strategy === "stall" ? stall : undefined,
    sentinel: strategy === "sentinel",
  };
}
