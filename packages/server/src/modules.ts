// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Accounts } from "./auth/accounts.ts";
import type { Millis, ServerConfig } from "./config.ts";
import { fanOut, hasReceiver } from "./fanout.ts";
import type { InfoSender } from "./info.ts";
import type { Interest } from "./interest.ts";
import { ModuleReceiver } from "./module-receiver.ts";
import type { ConnectionId } from "./outputs.ts";
import { Peer } from "./peer.ts";
import type { ModuleAction, ModuleHost, Publisher, ServerModule } from "./server-module.ts";
import type { Subscription } from "./subscription.ts";
import type { Totals } from "./totals.ts";
import { UserInfo } from "./user-info.ts";
import { WatchedSubjects } from "./watched-subjects.ts";

// What the wall clock shows at 0 of the monotonic one until it is set: 2024-01-01T00:00:00Z.
const DEFAULT_WALL = 1_704_067_200_000;

/** What modules need of their server. */
interface Surroundings {
  readonly config: ServerConfig;
  /** Sends the INFO of its first listener. */
  readonly info: InfoSender;
  readonly accounts: Accounts;
  readonly totals: Totals;
  /** Returns the time. */
  readonly now: () => Millis;
  /** Has `elapsed` of the server called soon. */
  readonly wake: () => void;
}

/** A module, with its subscriptions. */
interface Hosted {
  readonly module: ServerModule;
  /** The account and pattern of each subscription, by its id. */
  readonly subscriptions: Map<number, { readonly account: string | undefined; readonly pattern: string }>;
  /** What it receives in each account. */
  readonly receivers: WeakMap<Interest, ModuleReceiver>;
}

/**
 * The modules of a server: passes them what happened, and performs their actions.
 *
 * Inputs only change a module, so they may come in the middle of a fan-out. `settle` performs the actions after it.
 */
export class Modules implements ModuleHost {
  readonly serverId: string;
  readonly serverName: string;
  readonly maxPayload: number;
  readonly random: ServerConfig["random"];
  readonly #surroundings: Surroundings;
  readonly #hosted: readonly Hosted[];
  readonly #watched = new WeakMap<Interest, WatchedSubjects<Hosted>>();
  /** The peers that `isLagging` has reported. */
  readonly #lagging = new Set<ConnectionId>();
  #isDue = false;
  // What the wall clock shows at 0 of the monotonic one.
  #wallOrigin: Millis = DEFAULT_WALL;

  constructor(surroundings: Surroundings) {
    const { config, accounts, info } = surroundings;
    const { server_id, server_name } = info.info;
    this.serverId = server_id;
    this.serverName = server_name;
    this.maxPayload = config.maxPayload;
    this.random = config.random;
    this.#surroundings = surroundings;
    const all = config.compat === "2.9" ? config.modules : [new UserInfo(info), ...config.modules];
    this.#hosted = all.map((module) => ({ module, subscriptions: new Map(), receivers: new WeakMap() }));
    accounts.created = (name, interest) => this.#enter(name, interest);
    for (const { module } of this.#hosted) module.started(this);
    this.#isDue = true;
    this.settle();
  }

  get now(): Millis {
    return this.#surroundings.now();
  }

  get wall(): Millis {
    return this.#wallOrigin + this.now;
  }

  /** Sets the wall clock. */
  set wall(wall: Millis) {
    this.#wallOrigin = wall - this.now;
  }

  /** Returns the earliest of a deadline and those of the modules; now if a module has asked to be polled. */
  earliest(own: Millis | undefined): Millis | undefined {
    if (this.#isDue) return this.now;
    let earliest = own ?? Number.POSITIVE_INFINITY;
    for (const { module } of this.#hosted) earliest = Math.min(earliest, module.deadline ?? earliest);
    return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
  }

  hasInterest(account: string, subject: string): boolean {
    return this.#hasReceiver(account, subject, () => true);
  }

  hasSubscriber(account: string, subject: string, queue: string | undefined): boolean {
    return this.#hasReceiver(account, subject, (one) => one.pattern === subject && one.queue === queue);
  }

  isLagging(account: string, subject: string): boolean {
    const found = this.#surroundings.accounts.get(account)?.receiversOf(subject);
    let isLagging = false;
    for (const list of found === undefined ? [] : [found.plain, ...found.groups]) {
      for (const { receiver } of list) {
        if (!(receiver instanceof Peer) || receiver.closing || receiver.outbox.hasRecovered) continue;
        this.#lagging.add(receiver.id);
        isLagging = true;
      }
    }
    return isLagging;
  }

  wake(): void {
    this.#isDue = true;
    this.#surroundings.wake();
  }

  /** Reports that bytes of a peer were released. The runtime is about to write others, so what modules do comes in another call. */
  released({ id, outbox }: Peer): void {
    if (this.#lagging.size > 0 && outbox.hasRecovered) this.#resumed(id);
    this.settleSoon();
  }

  /** Reports that a peer receives nothing more. */
  left({ id, subscriptions, interest }: Peer): void {
    this.#resumed(id);
    if (interest.changed === undefined) return;
    for (const { pattern, queue } of subscriptions.values()) interest.changed(pattern, queue);
  }

  /** Calls the modules whose time has come. Settles. */
  elapsed(): void {
    for (const { module } of this.#hosted) {
      if (!(module.deadline! <= this.now)) continue;
      module.elapsed?.();
      this.#isDue = true;
    }
    this.settle();
  }

  /** Has the runtime call the server soon if a module has something to do: the program waits for a subscription. */
  settleSoon(): void {
    if (this.#isDue) this.#surroundings.wake();
  }

  /** Performs the actions of the modules, until none of them has one. */
  settle(): void {
    while (this.#isDue) {
      this.#isDue = false;
      for (const hosted of this.#hosted) {
        for (let action = hosted.module.poll(); action !== undefined; action = hosted.module.poll()) {
          this.#perform(hosted, action);
        }
      }
    }
  }

  #perform(hosted: Hosted, action: ModuleAction): void {
    switch (action.do) {
      case "publish":
        return this.#publish(action.account, action.message, action.to);
      case "subscribe":
        return this.#subscribe(hosted, action.id, action.account, action.pattern);
      case "unsubscribe":
        return this.#unsubscribe(hosted, action.id);
      case "watch":
        return this.#watch(hosted, action.account, action.subject, action.queue);
      case "unwatch":
        return this.#unwatch(hosted, action.account, action.subject, action.queue);
    }
  }

  #publish(account: string, message: Pub, to: string | undefined): void {
    const interest = this.#surroundings.accounts.get(account);
    if (interest === undefined) return;
    this.#surroundings.totals.deliver(message, fanOut(message, undefined, interest, this.random, to));
  }

  #subscribe(hosted: Hosted, id: number, account: string | undefined, pattern: string): void {
    const { accounts } = this.#surroundings;
    hosted.subscriptions.set(id, { account, pattern });
    if (account === undefined) for (const [name, interest] of accounts) this.#add(hosted, id, pattern, name, interest);
    else this.#add(hosted, id, pattern, account, accounts.enter(account));
  }

  #unsubscribe(hosted: Hosted, id: number): void {
    const { accounts } = this.#surroundings;
    const subscription = hosted.subscriptions.get(id);
    if (subscription === undefined) return;
    hosted.subscriptions.delete(id);
    for (const [name, interest] of accounts) {
      if (subscription.account !== undefined && subscription.account !== name) continue;
      interest.remove(hosted.receivers.get(interest)!.subscriptions.get(String(id))!);
    }
    if (subscription.account !== undefined) accounts.leave(subscription.account);
  }

  #hasReceiver(account: string, subject: string, counts: (subscription: Subscription) => boolean): boolean {
    const interest = this.#surroundings.accounts.get(account);
    if (interest === undefined) return false;
    return hasReceiver(subject, undefined, interest, (one) => !one.receiver.isModule && counts(one));
  }

  #watch(hosted: Hosted, account: string, subject: string, queue: string | undefined): void {
    const { accounts } = this.#surroundings;
    const interest = accounts.enter(account);
    let watched = this.#watched.get(interest);
    if (watched === undefined) {
      watched = new WatchedSubjects<Hosted>(
        (one, group) => this.hasSubscriber(account, one, group),
        ({ module }, one, group, exists) => {
          module.interestChanged?.(account, one, exists, group);
          this.#isDue = true;
        },
      );
      this.#watched.set(interest, watched);
      interest.changed = watched.changed.bind(watched);
    }
    if (!watched.add(subject, queue, hosted)) accounts.leave(account);
  }

  #unwatch(hosted: Hosted, account: string, subject: string, queue: string | undefined): void {
    const { accounts } = this.#surroundings;
    const interest = accounts.get(account);
    const isRemoved = interest !== undefined && this.#watched.get(interest)?.remove(subject, queue, hosted);
    if (isRemoved) accounts.leave(account);
  }

  /** Adds what the modules subscribed to in every account to a new account. */
  #enter(name: string, interest: Interest): void {
    for (const hosted of this.#hosted) {
      for (const [id, { account, pattern }] of hosted.subscriptions) {
        if (account === undefined) this.#add(hosted, id, pattern, name, interest);
      }
    }
  }

  #add(hosted: Hosted, id: number, pattern: string, account: string, interest: Interest): void {
    let receiver = hosted.receivers.get(interest);
    if (receiver === undefined) {
      receiver = new ModuleReceiver((to, message, publisher) => this.#deliver(hosted, to, account, message, publisher));
      hosted.receivers.set(interest, receiver);
    }
    const one = { queue: undefined, delivered: 0, max: undefined, filtered: false };
    interest.add({ receiver, pattern, sid: String(id), ...one });
  }

  #deliver({ module }: Hosted, id: number, account: string, message: Pub, publisher: Publisher | undefined): void {
    this.#surroundings.totals.exclude(message);
    module.received(id, account, message, publisher);
    this.#isDue = true;
  }

  #resumed(id: ConnectionId): void {
    if (!this.#lagging.delete(id)) return;
    for (const { module } of this.#hosted) module.resumed?.();
    this.#isDue = true;
  }
}
