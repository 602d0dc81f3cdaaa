// SPDX-License-Identifier: Apache-2.0
import type { Findings } from "../findings.ts";

/** The consumers of the stream. `looping` acknowledges without an answer, `confirming` waits for the server's answer. */
export const consumers = ["looping", "confirming"] as const;
export type ConsumerName = (typeof consumers)[number];

/** A delivery, as its acknowledgement subject describes it. */
export interface Delivery {
  /** The sequence of the message in the stream. */
  readonly streamSequence: number;
  /** The number of the delivery, which the consumer counts. */
  readonly deliverySequence: number;
  /** How often the message was delivered, this time included. */
  readonly deliveryCount: number;
}

const ACKED = 1;
const DELIVERED: Readonly<Record<ConsumerName, number>> = { looping: 2, confirming: 4 };
const CONFIRMED = 8;
const COMPLETE = ACKED | DELIVERED.looping | DELIVERED.confirming;

/**
 * Accounts for every message of a stream, by its number.
 *
 * - A message whose publish was acknowledged is delivered to each consumer at least once.
 * - It is stored once: the acknowledgement and every delivery have the same sequence.
 * - After the server confirmed that it is acknowledged, it is not redelivered until the server is killed. Exception: nats-server
 *   2.9.10 sometimes repeats a delivery as the first one, with a new number, after a connection broke.
 * - Deliveries come in the order of their numbers, and each comes once, until the server is killed.
 *
 * Its memory is allocated at the beginning, so that it is not mistaken for a leak.
 */
export class Ledger {
  readonly #findings: Findings;
  readonly #states: Uint8Array;
  readonly #sequences: Uint32Array;
  // The number of the last delivery to each consumer.
  readonly #last = new Map<ConsumerName, number>();
  #next = 0;
  // Messages before this one are complete.
  #complete = 0;
  readonly totals = { published: 0, delivered: 0, redelivered: 0, confirmed: 0, repeated: 0 };

  /** @param capacity the largest number of messages */
  constructor(capacity: number, findings: Findings) {
    this.#findings = findings;
    this.#states = new Uint8Array(capacity);
    this.#sequences = new Uint32Array(capacity);
  }

  /** Returns the number of the next message; `undefined` if the ledger is full. */
  next(): number | undefined {
    return this.#next < this.#states.length ? this.#next++ : undefined;
  }

  /** Notes that the server acknowledged a publish. */
  acked(number: number, sequence: number): void {
    this.#isStoredAt(number, sequence, "its publish was acknowledged");
    this.#states[number]! |= ACKED;
    this.totals.published++;
  }

  /** Notes that a consumer received a message. */
  delivered(name: ConsumerName, number: number, delivery: Delivery): void {
    const { streamSequence, deliverySequence, deliveryCount } = delivery;
    const last = this.#last.get(name) ?? 0;
    this.#last.set(name, deliverySequence);
    this.#findings.check(
      deliverySequence > last,
      `the consumer ${name} received delivery ${deliverySequence} after ${last}`,
    );
    const state = this.#states[number];
    if (state === undefined || number >= this.#next) {
      return this.#findings.report(`the consumer ${name} received message ${number}, which was never published`);
    }
    this.#isStoredAt(number, streamSequence, `the consumer ${name} received it`);
    if (state & DELIVERED[name]) this.totals.redelivered++;
    else this.totals.delivered++;
    if (name === "confirming" && state & CONFIRMED) {
      this.totals.repeated++;
      const what = `message ${number} is redelivered, after the server confirmed its acknowledgement`;
      this.#findings.check(deliveryCount === 1, what);
    }
    this.#states[number] = state | DELIVERED[name];
  }

  /** Notes that the server confirmed to the consumer `confirming` that a message is acknowledged. */
  confirmed(number: number): void {
    this.#states[number]! |= CONFIRMED;
    this.totals.confirmed++;
  }

  /** Notes that the server was killed, and that no answer of it is on its way. It may have lost what it confirmed. */
  killed(): void {
    this.#last.clear();
    for (let number = 0; number < this.#next; number++) this.#states[number]! &= ~CONFIRMED;
  }

  /** Returns the messages that were acknowledged and not delivered to each consumer, at most ten of them. */
  get missing(): string[] {
    while (this.#complete < this.#next && (this.#states[this.#complete]! & COMPLETE) === COMPLETE) this.#complete++;
    const missing: string[] = [];
    for (let number = this.#complete; number < this.#next && missing.length < 10; number++) {
      const state = this.#states[number]!;
      for (const name of consumers)
        if (state & ACKED && !(state & DELIVERED[name]))
          missing.push(`message ${number} is lost: its publish was acknowledged, the consumer ${name} did not get it`);
    }
    return missing;
  }

  #isStoredAt(number: number, sequence: number, what: string): void {
    const known = this.#sequences[number]!;
    if (known === 0) this.#sequences[number] = sequence;
    else if (known !== sequence)
      this.#findings.report(`message ${number} is stored twice: at ${known}; ${what} at ${sequence}`);
  }
}
