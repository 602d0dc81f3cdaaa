// SPDX-License-Identifier: Apache-2.0
import { byteLength, encode, isHeaderBlock, type Pub, UsageError } from "@natswire/codec";
import type { ActionQueue } from "./action-queue.ts";
import type { Permissions } from "./auth/permissions.ts";
import type { ServerConfig } from "./config.ts";
import { fanOut } from "./fanout.ts";
import type { Interest } from "./interest.ts";
import type { MessageData, SubscriptionId } from "./outputs.ts";
import type { Receiver, Subscription } from "./subscription.ts";

/** The host program: it publishes and subscribes without a connection, in the global account, with every permission. */
export class Program implements Receiver {
  readonly subscriptions: Map<string, Subscription> = new Map();
  readonly permissions: Permissions = {};
  readonly echo = true;
  readonly closing = false;
  readonly isModule = false;
  readonly #interest: Interest;
  readonly #actions: ActionQueue;
  #lastSid = 0;

  constructor(interest: Interest, actions: ActionQueue) {
    this.#interest = interest;
    this.#actions = actions;
  }

  /**
   * Publishes a message. Copies its payload.
   *
   * @returns how many subscriptions received it
   * @throws UsageError if a client could not publish it: nothing has been delivered then
   */
  publish(message: MessageData, { maxPayload, random }: ServerConfig): number {
    const { subject, reply, headers, payload } = message;
    const pub: Pub = { op: "pub", subject, reply, headers, payload, flaw: undefined };
    // Throws if the message cannot be encoded, before it is delivered to the first receiver.
    encode(pub);
    const size = (headers === undefined ? 0 : byteLength(headers, "headers")) + byteLength(payload);
    if (size > maxPayload) {
      throw new UsageError(
        "TOO_LARGE",
        `message of ${size} bytes for "${subject}" exceeds maxPayload of ${maxPayload}`,
      );
    }
    if (headers !== undefined && !isHeaderBlock(headers)) {
      throw new UsageError(
        "BAD_HEADER",
        `the header block for "${subject}" must begin with NATS/1.0; use encodeHeaders()`,
      );
    }
    // The program may overwrite its payload at once.
    return fanOut({ ...pub, payload: new Uint8Array(payload) }, this, this.#interest, random);
  }

  /**
   * Subscribes to a pattern.
   *
   * @throws UsageError if a client could not subscribe to it
   */
  subscribe(pattern: string, queue: string | undefined): SubscriptionId {
    const id = ++this.#lastSid;
    // Throws if no client could send this.
    encode({ op: "sub", subject: pattern, queue, sid: String(id) });
    const subscription = {
      receiver: this,
      pattern,
      queue,
      sid: String(id),
      delivered: 0,
      max: undefined,
      filtered: false,
    };
    this.#interest.add(subscription);
    return id;
  }

  /** Ends a subscription: now, or after `max` messages since it began. */
  unsubscribe(id: SubscriptionId, max: number | undefined): void {
    const subscription = this.subscriptions.get(String(id));
    if (subscription !== undefined) this.#interest.setMax(subscription, max);
  }

  /** Queues a `deliver` action. */
  deliver({ subject, reply, headers, payload }: Pub, sid: string): void {
    this.#actions.add({ do: "deliver", subscription: Number(sid), message: { subject, reply, headers, payload } });
  }
}
