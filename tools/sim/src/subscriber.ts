// SPDX-License-Identifier: Apache-2.0
import type { ServerFrame } from "@natswire/codec";
import type { ConnectionStats, Event, Overflow, SubscriptionOptions } from "@natswire/session";
import { hold } from "./laws.ts";
import type { Messages } from "./messages.ts";
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
  /** Answers requests. */
  readonly responds: boolean;
  /** Whether its program leaves messages waiting. */
  isSlow: boolean;
  /** Sizes of the messages that were delivered and not consumed. */
  readonly waiting: number[];
  received: number;
  /** It received a 503 for a request. Servers do not count that as a message. */
  hadStatus: boolean;
  /** The connection on which it is drained. */
  drainedOn: Wire | undefined;
  isOver: boolean;
  hasEndEvent: boolean;
  /** The server denied it. */
  isDenied: boolean;
  /** Messages that were dropped, and those that were reported as dropped. */
  dropped: number;
  reportedDropped: number;
}

/** Models the subscriptions of a session: which messages must be delivered, dropped or counted as unmatched. */
export class Subscriber {
  readonly subscriptions: Map<number, Subscription> = new Map();
  received = 0;
  unmatched = 0;
  readonly #messages: Messages;
  readonly #saw: (state: Rare) => void;
  // Messages to be delivered next, and how many the program must forget before each.
  readonly #due: { readonly sid: number; readonly number: number; readonly forgotten: number }[] = [];
  // Sizes of the messages that wait, delivered or not.
  readonly #waiting = new Map<number, number[]>();
  #forgotten = 0;
  #last = 0;
  // The last message of each publisher's connection, by sid and subject.
  #order = new Map<string, number>();
  readonly #seen = new Set<string>();

  constructor(messages: Messages, saw: (state: Rare) => void) {
    this.#messages = messages;
    this.#saw = saw;
  }

  get live(): Subscription[] {
    return [...this.subscriptions.values()].filter(({ isOver }) => !isOver);
  }

  /** The subscriptions as a server should list them, without those being drained or counted differently. */
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

  /** Starts a new connection. */
  renew(): void {
    this.#order.clear();
  }

  /** Models a received message that is not for an inbox. */
  receive({ subject, sid, headers, payload }: Msg): void {
    const subscription = this.subscriptions.get(sid);
    if (subscription === undefined || subscription.isOver) {
      this.unmatched++;
      return this.#saw("lateMessage");
    }
    this.received++;
    subscription.received++;
    const number = payload.length === 0 ? -1 : this.#messages.of(subject, payload).number;
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

  /** Models an error of the server about a subscription: it ends the oldest one of this subject and queue group. */
  denied(subject: string, queue: string | undefined): void {
    const one = this.live.find((other) => other.subject === subject && other.queue === queue);
    if (one === undefined) return;
    this.#saw("deniedSubscription");
    one.isOver = one.isDenied = true;
  }

  /** Checks a delivered message. Returns its subscription. */
  delivered({ to, message }: Event & { event: "message" }): Subscription {
    const { subject, headers, payload } = message;
    const number = payload.length === 0 ? -1 : this.#messages.of(subject, payload).number;
    const due = this.#due.shift();
    const isDue = due?.sid === to && due.number === number && this.#forgotten === due.forgotten;
    this.#forgotten = 0;
    hold("delivered", isDue, () => `#${number} for sid ${to}, not ${JSON.stringify(due)}`);
    const subscription = this.subscriptions.get(to)!;
    hold("ended", !subscription.hasEndEvent, () => `a message for sid ${to}`);
    subscription.waiting.push(payload.length + (headers?.length ?? 0));
    return subscription;
  }

  /** Removes the oldest waiting messages, to make room for the next one. */
  forgot({ of, messages }: Event & { event: "forget" }): void {
    this.#forgotten = messages;
    this.subscriptions.get(of)!.waiting.splice(0, messages);
  }

  /** Checks that everything received was delivered. */
  checkDelivered(): void {
    hold("delivered", this.#due.length === 0, () => `${this.#due.length} messages were not delivered`);
    for (const { dropped, reportedDropped, sid, isDenied, hasEndEvent } of this.subscriptions.values()) {
      hold("denied", !isDenied || hasEndEvent, () => `sid ${sid} has not ended`);
      const isRight = reportedDropped <= dropped && (dropped === 0 || reportedDropped > 0);
      hold("counted", isRight, () => `sid ${sid} dropped ${dropped} messages and reported ${reportedDropped}`);
    }
  }

  checkCounts({ received, unmatched }: ConnectionStats): void {
    const isRight = received === this.received && unmatched === this.unmatched;
    const detail = (): string =>
      `${received} and ${unmatched}, but it should be ${this.received} and ${this.unmatched}`;
    hold("counted", isRight, detail);
  }

  consumed(sid: number, size: number): void {
    const waiting = this.#waiting.get(sid)!;
    hold("delivered", waiting.shift() === size, () => `sid ${sid} consumed what was not waiting`);
  }

  /** Checks the end of a subscription. @param all whether every subscription ends */
  ended(sid: number, all: boolean): void {
    const subscription = this.subscriptions.get(sid);
    hold("ended", subscription?.hasEndEvent === false, () => `sid ${sid} ended twice, or never began`);
    const one = subscription!;
    hold("ended", one.isOver || one.drainedOn !== undefined || all, () => `sid ${sid} ended without a reason`);
    hold(
      "counted",
      one.dropped === one.reportedDropped,
      () => `sid ${sid} reported ${one.reportedDropped} dropped, not ${one.dropped}`,
    );
    one.isOver = one.hasEndEvent = true;
  }

  #check({ sid }: Subscription, number: number, subject: string): void {
    const key = `${sid} ${number}`;
    hold("once", !this.#seen.has(key), () => `#${number} arrived twice for sid ${sid}`);
    this.#seen.add(key);
    const link = `${sid} ${this.#messages.at(number).wire} ${subject}`;
    const before = this.#order.get(link) ?? -1;
    hold("order", number > before, () => `#${number} arrived after #${before} for sid ${sid}`);
    this.#order.set(link, number);
  }
}

/** Returns whether one more message fits. */
function fits({ maxMessages, maxBytes = Number.POSITIVE_INFINITY }: Subscription, waiting: readonly number[]): boolean {
  return waiting.length < maxMessages && waiting.reduce((sum, size) => sum + size, 0) < maxBytes;
}
