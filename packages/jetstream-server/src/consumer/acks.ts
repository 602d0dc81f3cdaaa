// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import { timeText } from "../time.ts";
import { AckPending } from "./ack-pending.ts";
import type { ConsumerConfig } from "./consumer-config.ts";

const NANOS = 1_000_000;

/** A place in the messages of a consumer: its own sequence and that of the stream. */
export interface Place {
  consumer: number;
  stream: number;
}

/** Returns a place as an answer has it. @param time when it moved last, on the wall clock */
export function placeInfo({ consumer, stream }: Place, time: Millis | undefined): object {
  return { consumer_seq: consumer, stream_seq: stream, last_active: time === undefined ? undefined : timeText(time) };
}

/** What a consumer delivered, and what of it is acknowledged. */
export class Acks {
  readonly pending: AckPending = new AckPending();
  /** The last delivery; its `stream` is the highest sequence that was delivered. */
  readonly delivered: Place;
  /** Everything up to here is acknowledged. */
  readonly floor: Place;
  /** Messages that were delivered as often as is allowed, without an ack. */
  readonly exhausted: Set<number> = new Set();
  readonly #exceeded: (stream: number, deliveries: number) => void;
  #waits: readonly Millis[] = [];
  #maxDeliver = 0;
  #acksAll = false;

  /**
   * @param start the sequence of the stream before the first that is delivered
   * @param exceeded is called if a message was delivered as often as is allowed
   */
  constructor(config: ConsumerConfig, start: number, exceeded: (stream: number, deliveries: number) => void) {
    this.delivered = { consumer: 0, stream: start };
    // As in nats-server 2.11: nothing is acknowledged, wherever the consumer starts.
    this.floor = { consumer: 0, stream: 0 };
    this.#exceeded = exceeded;
    this.configure(config);
  }

  /** Uses the waits and limits of a configuration. Messages that wait for an ack now wait as long as the new one says. */
  configure({ ack_wait = 0, backoff = [ack_wait], max_deliver = -1, ack_policy }: ConsumerConfig): void {
    const waits = backoff.map((wait) => wait / NANOS);
    this.pending.waits.change((wait) => {
      const at = this.#waits.indexOf(wait);
      return at === -1 ? wait : waits[Math.min(at, waits.length - 1)]!;
    });
    this.#waits = waits;
    this.#maxDeliver = Math.max(0, max_deliver);
    this.#acksAll = ack_policy === "all";
  }

  /** When a message is to be delivered again next. */
  get deadline(): Millis | undefined {
    return this.pending.waits.next;
  }

  /** How many messages were delivered more than once, or as often as is allowed. */
  get redelivered(): number {
    return this.#maxDeliver === 1 ? 0 : this.pending.redelivered + this.exhausted.size;
  }

  /** Returns whether a message waits for an ack, or would if it had not been delivered too often. */
  needs(stream: number): boolean {
    return this.pending.find(stream) !== -1 || this.exhausted.has(stream);
  }

  /** Returns the slot of the message that is to be delivered again first; -1 without one. */
  nextRedelivery(): number {
    const { pending } = this;
    for (let slot = pending.waits.queued; slot !== -1; slot = pending.waits.queued) {
      const deliveries = pending.deliveriesOf(slot);
      if (this.#maxDeliver === 0 || deliveries < this.#maxDeliver) return slot;
      this.#exhaust(slot);
    }
    return -1;
  }

  /** A message is delivered for the first time, and needs an ack. Returns when it would be delivered again. */
  first(stream: number, now: Millis): Millis {
    this.delivered.consumer++;
    this.delivered.stream = stream;
    const slot = this.pending.add(stream, this.delivered.consumer);
    return this.pending.waits.start(slot, this.#waits[0]!, now);
  }

  /** A message is delivered that needs no ack. */
  unacknowledged(stream: number): void {
    this.floor.consumer = ++this.delivered.consumer;
    this.floor.stream = this.delivered.stream = stream;
  }

  /** A message is delivered again. Returns when it would be once more. */
  again(slot: number, now: Millis): Millis {
    this.delivered.consumer++;
    this.pending.countDelivery(slot);
    return this.pending.waits.start(slot, this.#waitOf(slot), now);
  }

  /**
   * A message is acknowledged, and with the policy `all` those before it.
   *
   * @param consumer the sequence of its delivery
   * @param each is called for each message that is acknowledged by it
   */
  acknowledge(stream: number, consumer: number, each: (stream: number) => void): void {
    if (this.#acksAll) this.#acknowledgeAll(stream, consumer, each);
    else {
      const slot = this.pending.find(stream);
      if (slot !== -1) this.#remove(slot);
      this.exhausted.delete(stream);
      each(stream);
    }
  }

  /** A message that waits for an ack is delivered again, after a delay if there is one. Returns whether it waits for one. */
  nak(stream: number, consumer: number, delay: Millis | undefined, now: Millis): boolean {
    if (consumer <= this.floor.consumer || consumer > this.delivered.consumer) return false;
    const slot = this.pending.find(stream);
    if (slot === -1) return false;
    if (delay === undefined) this.pending.waits.queue(slot);
    // As in nats-server: a delay replaces the first wait, and what later waits are longer is added.
    else this.pending.waits.start(slot, Math.max(0, delay + this.#waitOf(slot) - this.#waits[0]!), now);
    return true;
  }

  /** A message is still being processed: it waits anew. */
  progress(stream: number, now: Millis): void {
    const slot = this.pending.find(stream);
    if (slot !== -1 && !this.pending.waits.isQueued(slot)) this.pending.waits.start(slot, this.#waitOf(slot), now);
  }

  /** Queues the messages whose time has come, to be delivered again in order. Returns whether there are any. */
  expire(now: Millis): boolean {
    return this.#requeue(this.pending.waits.takeDue(now));
  }

  /** Queues all messages that wait for an ack. */
  expireAll(): void {
    this.#requeue([...this.pending].filter((slot) => !this.pending.waits.isQueued(slot)));
  }

  /** A message is gone. Returns the slot it had, -1 if it did not wait for an ack. */
  removed(stream: number): number {
    this.exhausted.delete(stream);
    return this.pending.find(stream);
  }

  /** Everything below a sequence is gone, and what is delivered next has the sequence `next`. */
  purged(first: number, next: number): void {
    const { pending, floor, delivered } = this;
    for (let slot = pending.first; slot !== -1 && pending.streamOf(slot) < first; slot = pending.first) {
      floor.consumer = Math.max(floor.consumer, pending.consumerOf(slot));
      pending.remove(slot);
    }
    floor.stream = Math.max(floor.stream, first - 1);
    delivered.stream = next - 1;
    for (const stream of this.exhausted) if (stream < first) this.exhausted.delete(stream);
    if (pending.count === 0) Object.assign(floor, delivered);
  }

  /** When the last message that waits for an ack would be delivered again. */
  get lastDue(): Millis {
    let last = Number.NEGATIVE_INFINITY;
    for (const slot of this.pending) last = Math.max(last, this.pending.waits.dueOf(slot));
    return last;
  }

  #acknowledgeAll(stream: number, consumer: number, each: (stream: number) => void): void {
    const { pending, floor } = this;
    if (consumer <= floor.consumer || stream <= floor.stream) return;
    const own = pending.find(stream);
    floor.consumer = own === -1 ? consumer : pending.consumerOf(own);
    floor.stream = stream;
    for (let slot = pending.first; slot !== -1; slot = pending.first) {
      const acknowledged = pending.streamOf(slot);
      if (acknowledged > stream) break;
      pending.remove(slot);
      each(acknowledged);
    }
    for (const exhausted of this.exhausted) {
      if (exhausted > stream) continue;
      this.exhausted.delete(exhausted);
      each(exhausted);
    }
    if (pending.count === 0) Object.assign(floor, this.delivered);
  }

  #requeue(slots: number[]): boolean {
    const { pending } = this;
    slots.sort((a, b) => pending.streamOf(a) - pending.streamOf(b));
    for (const slot of slots) {
      // As in nats-server: with more than one delivery, the limit is noticed when the message would be delivered again.
      const redeliveries = Math.max(1, pending.deliveriesOf(slot) - 1);
      if (this.#maxDeliver > 0 && redeliveries >= this.#maxDeliver) this.#exhaust(slot);
      else pending.waits.queue(slot);
    }
    return slots.length > 0;
  }

  #exhaust(slot: number): void {
    const stream = this.pending.streamOf(slot);
    const deliveries = this.pending.deliveriesOf(slot);
    this.exhausted.add(stream);
    // The floor stays, as in nats-server: the message is not acknowledged.
    this.pending.remove(slot);
    this.#exceeded(stream, deliveries);
  }

  #remove(slot: number): void {
    const { pending, floor, delivered } = this;
    const consumer = pending.consumerOf(slot);
    pending.remove(slot);
    const { first } = pending;
    if (first === -1) {
      floor.consumer = delivered.consumer;
      floor.stream = delivered.stream;
    } else if (consumer === floor.consumer + 1) {
      floor.consumer = pending.consumerOf(first) - 1;
      floor.stream = pending.streamOf(first) - 1;
    }
  }

  #waitOf(slot: number): Millis {
    return this.#waits[Math.min(this.pending.deliveriesOf(slot), this.#waits.length) - 1]!;
  }
}
