// SPDX-License-Identifier: Apache-2.0
import type { MessageData, SubscriptionOptions } from "@natswire/session";
import type { Client } from "./client.ts";
import { DENIED } from "./host.ts";
import { hold } from "./laws.ts";
import { Publisher, SERVICE } from "./publisher.ts";
import type { Subscription } from "./subscriber.ts";
import type { World } from "./world.ts";

const PATTERNS = ["a", "b", "c.d", "c.*", "c.>", "*", ">"];
const FRESH = "fresh";

/** The program that uses a session. It does everything that a program can, at random. */
export class Program {
  readonly #world: World;
  readonly #client: Client;
  readonly publisher: Publisher;
  isClosing = false;
  // The subscriptions of each drain in progress.
  readonly #drains = new Map<number, number[]>();
  /** Messages received on fresh subjects, with the sid. */
  readonly fresh: string[] = [];

  readonly #acts: readonly (readonly [weight: number, act: () => void])[];

  constructor(world: World, client: Client) {
    this.#world = world;
    this.#client = client;
    this.publisher = new Publisher(world, client);
    this.#acts = [
      [30, () => this.publisher.publishSome()],
      [8, () => this.#subscribe(world.random.pick(PATTERNS))],
      [3, () => this.#subscribe(SERVICE)],
      [2, () => world.setup.isAuthorized && this.#subscribe(DENIED)],
      [5, () => this.#unsubscribe()],
      [12, () => this.publisher.request()],
      [1, () => this.publisher.cancel()],
      [8, () => this.publisher.flush()],
      [12, () => this.#consume(5)],
      [1, () => this.drain()],
      [2, () => this.drain(false)],
      [1, () => this.#reconnect()],
      [1, () => this.#setServers()],
    ];
  }

  /** Does one thing and schedules the next. */
  readonly act = (): void => {
    const { random, schedule, now, hasFaults } = this.#world;
    if (!hasFaults || this.#client.isClosed) return;
    if (random.once(400)) return this.close();
    random.weighted(this.#acts)();
    this.#client.pump();
    schedule.at(now + random.pick([1, 20, 200, 500, 1000]), this.act);
  };

  /** Handles a delivered message. */
  deliver(subscription: Subscription, { subject, reply }: MessageData): void {
    const { random, schedule, now, hasFaults } = this.#world;
    if (subject.startsWith(FRESH)) this.fresh.push(`${subject} ${subscription.sid}`);
    if (!subscription.isSlow) this.#take(subscription);
    if (!subscription.responds || reply === undefined) return;
    const answer = (): void => {
      if (!this.#client.isClosed) this.publisher.answer(reply);
    };
    const when = hasFaults ? random.pick(["now", "now", "later", "never"]) : "now";
    if (when === "now") return answer();
    if (when === "never") return;
    schedule.at(now + random.pick([10, 300, 3000]), () => {
      answer();
      if (!this.#client.isClosed) this.#client.pump();
    });
  }

  subscribeFresh(): number {
    return this.#add(`${FRESH}.*`, {});
  }

  publishFresh(): string {
    const subject = `${FRESH}.${this.#client.name}`;
    this.publisher.publish(subject, 10);
    return subject;
  }

  /** Consumes everything that waits, and no longer lets messages wait. */
  keepUp(): void {
    for (const subscription of this.#client.subscriber.subscriptions.values()) {
      subscription.isSlow = subscription.overflow === "drop-oldest";
      while (subscription.waiting.length > 0) this.#take(subscription);
    }
    this.#client.pump();
  }

  /** @param all drains all subscriptions; otherwise a random one */
  drain(all = true): void {
    const { session, subscriber, pending, wire } = this.#client;
    const { live } = subscriber;
    const drained = all || live.length === 0 ? live : [this.#world.random.pick(live)];
    const isOne = !all && live.length > 0;
    for (const one of drained) {
      one.drainedOn = wire;
      // Nothing is in flight.
      one.isOver = session.info === undefined;
    }
    const ticket = session.drain(this.#client.now(), isOne ? drained[0]!.sid : undefined);
    this.#note(`drain ${isOne ? drained[0]!.sid : "all"}: ${ticket}`);
    pending.add(ticket, "drain");
    this.#drains.set(
      ticket,
      drained.map(({ sid }) => sid),
    );
  }

  drained(ticket: number): void {
    const { subscriptions } = this.#client.subscriber;
    for (const sid of this.#drains.get(ticket) ?? []) {
      hold("drained", subscriptions.get(sid)!.hasEndEvent, () => `sid ${sid} has not ended`);
    }
  }

  close(): void {
    const { session } = this.#client;
    this.#note("close");
    this.isClosing = true;
    for (const one of this.#client.subscriber.live) one.isOver = true;
    if (session.stats.inFlight > 0) this.#world.saw("closedBusy");
    session.close(this.#client.now());
    this.#client.pump();
  }

  #subscribe(subject: string): void {
    const { random, hasFaults } = this.#world;
    if (this.#client.subscriber.live.length > 8) return this.#unsubscribe();
    const isBounded = random.once(2);
    const options = {
      queue: random.once(3) ? random.pick(["q", "w"]) : undefined,
      max: random.once(4) ? 1 + random.below(12) : undefined,
      maxMessages: isBounded ? random.pick([1, 3, 10]) : undefined,
      maxBytes: random.once(6) ? 500 : undefined,
      overflow: isBounded ? random.pick(["drop-newest", "drop-oldest", "pause", "close"] as const) : undefined,
    };
    // With drop-oldest, the messages to forget must not be consumed already.
    this.#add(subject, options, isBounded && (hasFaults || options.overflow === "drop-oldest"));
  }

  #add(subject: string, given: SubscriptionOptions, isSlow = false): number {
    const { session, subscriber } = this.#client;
    const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const sid = session.subscribe(subject, options);
    hold("once", sid === subscriber.nextSid(), () => `sid ${sid} is not the next`);
    if (session.info === undefined) this.#world.saw("subscribedDown");
    this.#note(`subscribe ${subject} ${JSON.stringify(options)}: ${sid}`);
    const fresh = {
      waiting: [],
      received: 0,
      hadStatus: false,
      drainedOn: undefined,
      isOver: false,
      hasEndEvent: false,
      isDenied: false,
    };
    const { maxMessages = 65_536, overflow = "drop-newest", max } = given;
    const counts = { dropped: 0, reportedDropped: 0 };
    const responds = subject === SERVICE;
    subscriber.add({ ...given, max, sid, subject, maxMessages, overflow, responds, isSlow, ...fresh, ...counts });
    return sid;
  }

  #unsubscribe(): void {
    const { session, subscriber } = this.#client;
    const { random } = this.#world;
    const { live } = subscriber;
    if (live.length === 0) return;
    const one = random.pick(live);
    // A larger maximum could be too late: the server forgets the subscription after the last message.
    const max = random.once(3) ? 1 + random.below(one.max ?? 10) : undefined;
    this.#note(`unsubscribe ${one.sid}${max === undefined ? "" : ` after ${max}`}`);
    if (max === undefined || one.received >= max) one.isOver = true;
    else one.max = max;
    if (session.info === undefined) this.#world.saw("unsubscribedDown");
    session.unsubscribe(one.sid, max);
  }

  #consume(most: number): void {
    const { random } = this.#world;
    const waiting = this.#client.subscriber.live.filter((one) => one.waiting.length > 0);
    if (waiting.length === 0) return;
    const one = random.pick(waiting);
    for (let left = random.below(most) + 1; left > 0 && one.waiting.length > 0; left--) this.#take(one);
  }

  #take({ sid, waiting }: Subscription): void {
    const size = waiting.shift()!;
    this.#client.subscriber.consumed(sid, size);
    this.#client.session.consumed(sid, 1, size);
  }

  #reconnect(): void {
    const { session } = this.#client;
    if (session.info !== undefined) this.#world.saw("reconnected");
    this.#note("reconnect");
    session.reconnect(this.#client.now());
  }

  #setServers(): void {
    const { random, hosts } = this.#world;
    const chosen = hosts.filter(() => random.once(2));
    const servers = chosen.length === 0 ? hosts : chosen;
    this.#note(`setServers ${servers.map(({ name }) => name).join(" ")}`);
    this.#client.session.setServers(servers.map(({ url }) => url));
    this.#client.pool.setServers(servers.map(({ address }) => address));
  }

  #note(line: string): void {
    this.#world.note(`${this.#client.name}: ${line}`);
  }
}
