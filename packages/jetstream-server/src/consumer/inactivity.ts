// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import type { Acks } from "./acks.ts";
import type { ConsumerConfig } from "./consumer-config.ts";

const NANOS = 1_000_000;

/** When a consumer without clients is deleted. */
export class Inactivity {
  #threshold: Millis = 0;
  /** The last use; `undefined` while somebody is subscribed to the messages of a push consumer. */
  #since: Millis | undefined;

  /** @param isBound whether somebody is subscribed to the messages of a push consumer */
  constructor(config: ConsumerConfig, now: Millis, isBound: boolean) {
    this.#since = isBound ? undefined : now;
    this.configure(config, now);
  }

  /** When the consumer is deleted if it is not used until then. */
  get deadline(): Millis | undefined {
    return this.#threshold === 0 || this.#since === undefined ? undefined : this.#since + this.#threshold;
  }

  configure({ inactive_threshold = 0 }: ConsumerConfig, now: Millis): void {
    // Below 0 means never, as 0 does.
    this.#threshold = Math.max(0, inactive_threshold) / NANOS;
    this.used(now);
  }

  /** The consumer is used. */
  used(now: Millis): void {
    if (this.#since !== undefined) this.#since = now;
  }

  /** Somebody subscribed to the messages of a push consumer, or the last subscription is gone. */
  bound(isBound: boolean, now: Millis): void {
    if (isBound) this.#since = undefined;
    else this.#since ??= now;
  }

  /** Returns whether the consumer is to be deleted. Requests, and messages that wait for an ack, keep it. */
  hasElapsed(now: Millis, isRequested: boolean, acks: Acks): boolean {
    if (this.deadline === undefined || now < this.deadline) return false;
    this.#since = isRequested ? now : Math.max(this.#since!, acks.lastDue);
    return now >= this.deadline;
  }
}
