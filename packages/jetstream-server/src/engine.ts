// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import { Deadlines, type Millis, type ModuleAction, type ModuleHost } from "@natswire/server";

/** Something with a deadline: a stream or a consumer. */
export interface Timed {
  /** Does what is due. */
  elapsed(): void;
}

/** Something that produces messages when it is asked, so that a receiver that lags can hold it back. */
export interface Source {
  /** Adds the next action, if there is one. Returns whether there may be more. */
  produce(): boolean;
}

/** What streams and consumers share: time, actions, deadlines and subscriptions. */
export class Engine {
  readonly host: ModuleHost;
  readonly #actions: ModuleAction[] = [];
  #taken = 0;
  readonly #timed = new Map<number, Timed>();
  readonly #deadlines = new Deadlines((id) => this.#timed.has(id));
  #lastTimed = 0;
  /** Sources that may have something to send, in the order in which they are asked. */
  readonly #ready = new Set<Source>();
  /** Sources that wait for a receiver that lags. */
  readonly #held = new Set<Source>();
  #lastSubscription = 0;
  readonly #subscribers = new Map<number, (message: Pub) => void>();
  /** By subject, queue group and account. */
  readonly #watchers = new Map<string, Set<(exists: boolean) => void>>();

  constructor(host: ModuleHost) {
    this.host = host;
  }

  get now(): Millis {
    return this.host.now;
  }

  get deadline(): Millis | undefined {
    return this.#deadlines.next;
  }

  /** Queues an action. */
  add(action: ModuleAction): void {
    this.#actions.push(action);
  }

  /** Publishes a message. @param to whose receivers get it; those of `subject` by default */
  publish(
    account: string,
    message: {
      readonly subject: string;
      readonly reply?: string | undefined;
      readonly headers?: Uint8Array | undefined;
      readonly payload: Uint8Array;
    },
    to?: string,
  ): void {
    const { subject, reply, headers, payload } = message;
    this.add({
      do: "publish",
      account,
      message: { op: "pub", subject, reply, headers, payload, flaw: undefined },
      to,
    });
  }

  /** Subscribes in an account. Returns what ends the subscription. */
  subscribe(account: string, pattern: string, received: (message: Pub) => void): () => void {
    const id = ++this.#lastSubscription;
    this.#subscribers.set(id, received);
    this.add({ do: "subscribe", id, account, pattern });
    return () => {
      this.#subscribers.delete(id);
      this.add({ do: "unsubscribe", id });
    };
  }

  /** Passes a message to a subscription. */
  received(subscription: number, message: Pub): void {
    this.#subscribers.get(subscription)?.(message);
  }

  /**
   * Tells whether somebody is subscribed to a subject, whenever that changes. Returns what ends it.
   *
   * @param queue the group whose members count; `undefined` for subscriptions without a group
   */
  watch(account: string, subject: string, queue: string | undefined, changed: (exists: boolean) => void): () => void {
    const key = watchKey(account, subject, queue);
    const watchers = this.#watchers.get(key) ?? new Set();
    if (watchers.size === 0) this.add({ do: "watch", account, subject, queue });
    this.#watchers.set(key, watchers.add(changed));
    return () => {
      if (!watchers.delete(changed) || watchers.size > 0) return;
      this.#watchers.delete(key);
      this.add({ do: "unwatch", account, subject, queue });
    };
  }

  /** Passes a change to those that watch a subject. */
  interestChanged(account: string, subject: string, exists: boolean, queue: string | undefined): void {
    for (const changed of this.#watchers.get(watchKey(account, subject, queue)) ?? []) changed(exists);
  }

  /** Adds something with deadlines. Returns how it sets one, and how it is removed. */
  time(one: Timed): { readonly at: (time: Millis | undefined) => void; readonly remove: () => void } {
    const id = ++this.#lastTimed;
    this.#timed.set(id, one);
    return { at: (time) => this.#deadlines.add(time, id), remove: () => this.#timed.delete(id) };
  }

  /** Does what is due. A deadline that was moved rings once more than it must. */
  elapsed(): void {
    for (const id of this.#deadlines.takeDue(this.now)) this.#timed.get(id)?.elapsed();
  }

  /** Asks a source before the server goes on. */
  ready(source: Source): void {
    this.#ready.add(source);
  }

  /** Asks a source after a receiver has caught up. */
  hold(source: Source): void {
    this.#ready.delete(source);
    this.#held.add(source);
  }

  /** Removes a source. */
  forget(source: Source): void {
    this.#ready.delete(source);
    this.#held.delete(source);
  }

  /** Asks the sources that waited. */
  resumed(): void {
    for (const source of this.#held) this.#ready.add(source);
    this.#held.clear();
  }

  /** Returns the next action. Sources take turns. */
  poll(): ModuleAction | undefined {
    for (;;) {
      const action = this.#actions[this.#taken++];
      if (action !== undefined) return action;
      this.#actions.length = this.#taken = 0;
      const [source] = this.#ready;
      if (source === undefined) return undefined;
      this.#ready.delete(source);
      if (source.produce() && !this.#held.has(source)) this.#ready.add(source);
    }
  }
}

function watchKey(account: string, subject: string, queue = ""): string {
  return `${subject} ${queue} ${account}`;
}
