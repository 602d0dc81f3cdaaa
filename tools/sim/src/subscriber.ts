// SPDX-License-Identifier: Apache-2.0
import type { ServerFrame } from "@natswire/codec";
import type { ConnectionStats, Event, Overflow, SubscriptionOptions } from "@natswire/session";
import { hold } from "./laws.ts";
import type { Ledger } from "./ledger.ts";
import type { Rare } from "./rare.ts";
import type { Wire } from "./wire.ts";

type Msg = ServerFrame & { op: "msg" };

/** A subscription as its program sees it. */
export interface Subscription extends SubscriptionOptions {
  readonly sid: number;
  readonly subject: string;
  readonly maxMessages: number;
  readonly overflow: Overflow;
  max: number | undefined;
  /** It answers requests. */
  readonly responds: boolean;
  /** How fast its program takes what it is told. */
  isSlow: boolean;
  /** Sizes of the messages it was told and has not consumed. */
  readonly waiting: number[];
  received: number;
  /** It was told of a 503 that was for a request: servers do not count that as a message. */
  hadStatus: boolean;
  /** The connection it is being drained on. */
  drainedOn: Wire | undefined;
  isOver: boolean;
  isToldOver: boolean;
  /** Messages dropped, and told so. */
  dropped: number;
  toldDropped: number;
}

/** What a session is to tell of what it hears: what comes for each subscription, and what became of it. */
export class Subscriber {
  readonly subscriptions: Map<number, Subscription> = new Map();
  received = 0;
  unmatched = 0;
  readonly #ledger: Ledger;
  readonly #saw: (state: Rare) => void;
  // Messages that are to be told next, and how many are to be forgotten before.
  readonly #due: { readonly sid: number; readonly number: number; readonly forgotten: number }[] = [];
  // Sizes of the messages that wait, told or not.
  readonly #waiting = new Map<number, number[]>();
  #forgotten = 0;
  #last = 0;
  // The last message of each publisher's connection, by sid and subject.
  #order = new Map<string, number>();
  readonly #seen = new Set<string>();

  constructor(ledger: Ledger, saw: (state: Rare) => void) {
    this.#ledger = ledger;
    this.#saw = saw;
  }

  get live(): Subscription[] {
    return [...this.subscriptions.values()].filter(({ isOver }) => !isOver);
  }

  /** What a server is to know, as it tells it: what is being drained, and what servers count otherwise, left out. */
  get lines(): string[] {
    return this.live
      .filter(({ drainedOn, hadStatus }) => drainedOn === undefined && !hadStatus)
      .map(({ sid, subject, queue, max, received }) => {
        return `${sid} ${subject} ${queue} ${max === undefined ? "" : max - received}`;
      });
  }

  nextSid(): number {
    return ++this.#last;
  }

  add(subscription: Subscription): void {
    this.subscriptions.set(subscription.sid, subscription);
    this.#waiting.set(subscription.sid, []);
  }

  /** The connection is another one now. */
  renew(): void {
    this.#order.clear();
  }

  /** A message was heard for what is no inbox. */
  heard({ subject, sid, headers, payload }: Msg): void {
    const subscription = this.subscriptions.get(sid);
    if (subscription === undefined || subscription.isOver) {
      this.unmatched++;
      return this.#saw("lateMessage");
    }
    this.received++;
    subscription.received++;
    const number = payload.length === 0 ? -1 : this.#ledger.of(subject, payload).number;
    if (number >= 0) this.#check(subscription, number, subject);
    else subscription.hadStatus = true;
    const waiting = this.#waiting.get(sid)!;
    const { overflow } = subscription;
    if (subscription.drainedOn !== undefined) this.#saw("drainBusy");
    const isFull = !fits(subscription, waiting);
    if (isFull && overflow === "close") {
      subscription.isOver = true;
      return this.#saw("tooSlow");
    }
    if (isFull && overflow === "drop-newest") {
      subscription.dropped++;
      this.#saw("dropNewest");
    } else {
      let forgotten = 0;
      for (; overflow === "drop-oldest" && !fits(subscription, waiting); forgotten++) waiting.shift();
      if (forgotten > 0) this.#saw("dropOldest");
      subscription.dropped += forgotten;
      waiting.push(payload.length + (headers?.length ?? 0));
      this.#due.push({ sid, number, forgotten });
    }
    if (subscription.max !== undefined && subscription.received >= subscription.max) {
      subscription.isOver = true;
      this.#saw("maxReached");
    }
  }

  /** @returns the subscription, and which message it was; -1 for a status */
  told({ to, message }: Event & { event: "message" }): Subscription {
    const { subject, headers, payload } = message;
    const number = payload.length === 0 ? -1 : this.#ledger.of(subject, payload).number;
    const due = this.#due.shift();
    const isDue = due?.sid === to && due.number === number && this.#forgotten === due.forgotten;
    this.#forgotten = 0;
    hold("told", isDue, () => `#${number} for sid ${to}, not ${JSON.stringify(due)}`);
    const subscription = this.subscriptions.get(to)!;
    hold("ended", !subscription.isToldOver, () => `a message for sid ${to}`);
    subscription.waiting.push(payload.length + (headers?.length ?? 0));
    return subscription;
  }

  /** The oldest of what waits make room for the message that is told next. */
  forgot({ of, messages }: Event & { event: "forget" }): void {
    this.#forgotten = messages;
    this.subscriptions.get(of)!.waiting.splice(0, messages);
  }

  /** All that was heard has been told. */
  checkTold(): void {
    hold("told", this.#due.length === 0, () => `${this.#due.length} messages were not told`);
    for (const { dropped, toldDropped, sid } of this.subscriptions.values()) {
      const isRight = toldDropped <= dropped && (dropped === 0 || toldDropped > 0);
      hold("counted", isRight, () => `sid ${sid} dropped ${dropped} messages and told of ${toldDropped}`);
    }
  }

  checkCounts({ received, unmatched }: ConnectionStats): void {
    const isRight = received === this.received && unmatched === this.unmatched;
    const heard = (): string => `${received} and ${unmatched}, heard were ${this.received} and ${this.unmatched}`;
    hold("counted", isRight, heard);
  }

  consumed(sid: number, size: number): void {
    const waiting = this.#waiting.get(sid)!;
    hold("told", waiting.shift() === size, () => `sid ${sid} consumed what was not waiting`);
  }

  /** @param all whether every subscription ends */
  ended(sid: number, all: boolean): void {
    const subscription = this.subscriptions.get(sid);
    hold("ended", subscription?.isToldOver === false, () => `sid ${sid} ended twice, or never was`);
    const one = subscription!;
    hold("ended", one.isOver || one.drainedOn !== undefined || all, () => `sid ${sid} ended of its own accord`);
    hold("counted", one.dropped === one.toldDropped, () => `sid ${sid} told of ${one.toldDropped}, not ${one.dropped}`);
    one.isOver = one.isToldOver = true;
  }

  #check({ sid }: Subscription, number: number, subject: string): void {
    const key = `${sid} ${number}`;
    hold("once", !this.#seen.has(key), () => `#${number} came twice for sid ${sid}`);
    this.#seen.add(key);
    const way = `${sid} ${this.#ledger.at(number).wire} ${subject}`;
    const before = this.#order.get(way) ?? -1;
    hold("order", number > before, () => `#${number} came behind #${before} for sid ${sid}`);
    this.#order.set(way, number);
  }
}

/** Whether one more may wait. */
function fits({ maxMessages, maxBytes = Number.POSITIVE_INFINITY }: Subscription, waiting: readonly number[]): boolean {
  return waiting.length < maxMessages && waiting.reduce((sum, size) => sum + size, 0) < maxBytes;
}
