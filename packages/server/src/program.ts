// SPDX-License-Identifier: Apache-2.0
import { decodeHeaders, encode, type Pub, UsageError } from "@natswire/codec";
import type { ActionQueue } from "./action-queue.ts";
import type { Permissions } from "./auth/permissions.ts";
import type { ServerConfig } from "./config.ts";
import { fanOut } from "./fanout.ts";
import type { Interest } from "./interest.ts";
import type { MessageData, SubscriptionId } from "./outputs.ts";
import type { Receiver, Subscription } from "./subscription.ts";

/** The program the server runs in: it publishes and subscribes without a connection, and may do everything. */
export class Program implements Receiver {
  readonly subscriptions: Map<string, Subscription> = new Map();
  readonly permissions: Permissions = {};
  readonly echo = true;
  readonly closing = false;
  readonly #interest: Interest;
  readonly #actions: ActionQueue;
  #lastSid = 0;

  constructor(interest: Interest, actions: ActionQueue) {
    this.#interest = interest;
    this.#actions = actions;
  }

  /** @returns how many received it */
  publish(message: MessageData, { maxPayload, random }: ServerConfig): number {
    const { subject, reply, headers, payload } = message;
    const pub: Pub = { op: "pub", subject, reply, headers, payload, flaw: undefined };
    // Whatever cannot be written is found here, before anybody receives it.
    encode(pub);
    const size = (headers?.length ?? 0) + payload.length;
    if (size > maxPayload) throw new UsageError("TOO_LARGE", `${size} bytes are more than max_payload, ${maxPayload}`);
    if (headers !== undefined && decodeHeaders(headers) === undefined) {
      throw new UsageError("BAD_HEADER", "the header block is malformed: encodeHeaders makes one");
    }
    // Its memory is the program's, who may use it again at once.
    return fanOut({ ...pub, payload: new Uint8Array(payload) }, this, this.#interest, random);
  }

  subscribe(pattern: string, queue: string | undefined): SubscriptionId {
    const id = ++this.#lastSid;
    // What no client could ask for is refused likewise.
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

  unsubscribe(id: SubscriptionId, max: number | undefined): void {
    const subscription = this.subscriptions.get(String(id));
    if (subscription !== undefined) this.#interest.setMax(subscription, max);
  }

  deliver({ subject, reply, headers, payload }: Pub, sid: string): void {
    this.#actions.add({ do: "deliver", subscription: Number(sid), message: { subject, reply, headers, payload } });
  }
}
