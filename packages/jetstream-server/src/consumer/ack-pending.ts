// SPDX-License-Identifier: Apache-2.0
import { Waits } from "./waits.ts";

const NONE = -1;

/**
 * The messages that were delivered and are not acknowledged, in the order of their sequences.
 *
 * Each has a slot, a number that is used again after its message is gone. What a slot holds is in columns, and the order is a
 * list of sequences with their slots: a message costs no object. A message that is acknowledged in order is found at once, any
 * other by a binary search.
 */
export class AckPending {
  readonly waits: Waits = new Waits();
  // By slot.
  readonly #stream: number[] = [];
  readonly #consumer: number[] = [];
  readonly #deliveries: number[] = [];
  readonly #free: number[] = [];
  // In order, from `#head` to `#tail`; the slot of one that is gone is -1.
  #sequences = new Float64Array(64);
  #slots = new Int32Array(64);
  #head = 0;
  #tail = 0;
  /** The position that was found last. Most acks come in order: the next is here, or the one after. */
  #hint = 0;
  #count = 0;
  #redelivered = 0;

  /** How many messages are pending. */
  get count(): number {
    return this.#count;
  }

  /** How many of them were delivered more than once. */
  get redelivered(): number {
    return this.#redelivered;
  }

  /** The slot of the message with the lowest sequence; -1 without one. */
  get first(): number {
    return this.#count === 0 ? NONE : this.#slots[this.#head & (this.#slots.length - 1)]!;
  }

  /** Adds a message that is delivered for the first time. Its sequence is above all others. Returns its slot. */
  add(stream: number, consumer: number): number {
    if (this.#tail - this.#head === this.#slots.length) this.#resize();
    const slot = this.#free.pop() ?? this.#stream.length;
    this.#stream[slot] = stream;
    this.#consumer[slot] = consumer;
    this.#deliveries[slot] = 1;
    const at = this.#tail++ & (this.#slots.length - 1);
    this.#sequences[at] = stream;
    this.#slots[at] = slot;
    this.#count++;
    return slot;
  }

  /** Returns the slot of a message, by its sequence in the stream; -1 if it is not pending. */
  find(stream: number): number {
    if (this.#count === 0) return NONE;
    const at = this.#position(stream);
    return at === NONE ? NONE : this.#slots[at]!;
  }

  /** The sequence of a slot's message in the stream. */
  streamOf(slot: number): number {
    return this.#stream[slot]!;
  }

  /** The consumer sequence of the first delivery of a slot's message. */
  consumerOf(slot: number): number {
    return this.#consumer[slot]!;
  }

  /** How often a slot's message was delivered. */
  deliveriesOf(slot: number): number {
    return this.#deliveries[slot]!;
  }

  /** Counts another delivery of a slot's message. */
  countDelivery(slot: number): void {
    if (this.#deliveries[slot]!++ === 1) this.#redelivered++;
  }

  /** Removes a slot. */
  remove(slot: number): void {
    this.waits.stop(slot);
    this.#slots[this.#position(this.#stream[slot]!)] = NONE;
    if (this.#deliveries[slot]! > 1) this.#redelivered--;
    this.#count--;
    this.#free.push(slot);
    const mask = this.#slots.length - 1;
    while (this.#head < this.#tail && this.#slots[this.#head & mask] === NONE) this.#head++;
  }

  /** Returns the slots, in order. */
  *[Symbol.iterator](): Generator<number> {
    for (let at = this.#head; at < this.#tail; at++) {
      const slot = this.#slots[at & (this.#slots.length - 1)]!;
      if (slot !== NONE) yield slot;
    }
  }

  /** Returns where a sequence is in the order; -1 if it is not there. */
  #position(stream: number): number {
    const mask = this.#slots.length - 1;
    for (let at = Math.max(this.#hint, this.#head); at < this.#tail && at <= this.#hint + 1; at++) {
      if (this.#sequences[at & mask] !== stream) continue;
      this.#hint = at;
      return at & mask;
    }
    let low = this.#head;
    let high = this.#tail;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      if (this.#sequences[middle & mask]! < stream) low = middle + 1;
      else high = middle;
    }
    if (low === this.#tail || this.#sequences[low & mask] !== stream) return NONE;
    this.#hint = low;
    return low & mask;
  }

  /** Makes room for one more: without those that are gone if they are at least half, otherwise twice as much. */
  #resize(): void {
    const length = this.#count * 2 > this.#slots.length ? this.#slots.length * 2 : this.#slots.length;
    const sequences = new Float64Array(length);
    const slots = new Int32Array(length);
    let tail = 0;
    for (const slot of this) {
      sequences[tail] = this.#stream[slot]!;
      slots[tail++] = slot;
    }
    this.#sequences = sequences;
    this.#slots = slots;
    this.#head = 0;
    this.#tail = tail;
    this.#hint = 0;
  }
}
