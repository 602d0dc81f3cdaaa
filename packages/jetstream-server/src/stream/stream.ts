// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Millis } from "@natswire/server";
import type { JetStreamAccount } from "../account.ts";
import type { StreamConsumer } from "../consumer/stream-consumer.ts";
import { MessageStore } from "./message-store.ts";
import type { Stored } from "./stored.ts";
import type { StreamConfig } from "./stream-config.ts";

/** A stream: stores messages, and tells its consumers about them. */
export class Stream {
  readonly account: JetStreamAccount;
  readonly created: Millis;
  config: StreamConfig;
  readonly store: MessageStore = new MessageStore();
  readonly consumers: Map<string, StreamConsumer> = new Map();

  constructor(account: JetStreamAccount, config: StreamConfig) {
    this.account = account;
    this.config = config;
    this.created = account.engine.host.wall;
  }

  /** Stores a message that was published to one of its subjects, and answers the publisher. */
  publish(_message: Pub): void {}

  /** A consumer does not need a message any more: with interest and workqueue retention it may go. */
  acknowledged(_consumer: StreamConsumer, _sequence: number): void {}

  /** Removes the messages that no consumer needs any more, with interest retention. */
  forgetUnneeded(): void {}

  /** Removes a message, and tells the consumers. */
  remove(sequence: number): Stored | undefined {
    const message = this.store.remove(sequence);
    if (message !== undefined) for (const consumer of this.consumers.values()) consumer.removed(message);
    return message;
  }
}
