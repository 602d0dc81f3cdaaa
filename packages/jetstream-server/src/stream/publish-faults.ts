// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import type { JetStreamAccount } from "../account.ts";
import type { Timed } from "../engine.ts";

/** What goes wrong with the next messages that are published to a stream, because a test wants it. */
export class PublishFaults {
  readonly #account: JetStreamAccount;
  #lost = 0;
  #delayed = 0;
  #delay: Millis = 0;
  /** Whether the stream refuses messages as if it were full. */
  isFull = false;

  constructor(account: JetStreamAccount) {
    this.#account = account;
  }

  /** Does not answer the next messages. */
  loseAcks(count: number): void {
    this.#lost = count;
  }

  /** Answers the next messages later. */
  delayAcks(delay: Millis, count: number): void {
    this.#delay = delay;
    this.#delayed = count;
  }

  /** Answers a publisher, now, later or never. */
  answer(reply: string, ack: Uint8Array): void {
    if (this.#lost > 0) {
      this.#lost--;
      return;
    }
    if (this.#delayed === 0) return this.#account.publish(reply, ack);
    this.#delayed--;
    const { engine } = this.#account;
    const late: Timed = {
      elapsed: () => {
        timer.remove();
        this.#account.publish(reply, ack);
      },
    };
    const timer = engine.time(late);
    timer.at(engine.now + this.#delay);
  }
}
