// SPDX-License-Identifier: Apache-2.0
import { SubjectTree } from "./subject-tree.ts";
import type { Subscription } from "./subscription.ts";

// Subscriptions in all cached results together: a few hundred kilobytes.
const CACHE_LIMIT = 32_768;
// Characters of the longest subject in the cache.
const MAX_CACHED_SUBJECT = 1024;

/** The subscriptions that match a subject: all plain ones, and each queue group, of which one member receives a message. */
export interface Receivers {
  readonly plain: readonly Subscription[];
  readonly groups: readonly (readonly Subscription[])[];
}

/** What is counted in all accounts together, since the server was created. */
export interface InterestCounts {
  inserts: number;
  removes: number;
  /** How often the receivers of a subject were looked up. */
  matches: number;
  /** How often the cache did not have them. */
  misses: number;
}

/** All subscriptions of one account. The receivers of a subject are cached: the second message to it costs one look-up. */
export class Interest {
  readonly #tree = new SubjectTree<Subscription>();
  readonly #cache = new Map<string, Receivers>();
  readonly #counts: InterestCounts;
  /** Called for each subscription that is added or removed, except those of modules. */
  changed: ((pattern: string, queue: string | undefined) => void) | undefined;
  #cacheSize = 0;

  constructor(counts: InterestCounts) {
    this.#counts = counts;
  }

  /** How many subscriptions each cached result has. */
  get cached(): number[] {
    return Array.from(this.#cache.values(), (found) => sizeOf(found) - 1);
  }

  /** Adds a subscription, to its receiver too. */
  add(subscription: Subscription): void {
    const { receiver, sid, pattern, queue } = subscription;
    receiver.subscriptions.set(sid, subscription);
    this.#tree.insert(pattern, subscription);
    this.#invalidate(pattern);
    if (receiver.isModule) return;
    this.#counts.inserts++;
    this.changed?.(pattern, queue);
  }

  /** Removes a subscription. Does nothing if it has been removed. */
  remove(subscription: Subscription): void {
    const { receiver, sid, pattern, queue } = subscription;
    if (receiver.subscriptions.get(sid) !== subscription) return;
    receiver.subscriptions.delete(sid);
    this.#tree.remove(pattern, subscription);
    this.#invalidate(pattern);
    if (receiver.isModule) return;
    this.#counts.removes++;
    this.changed?.(pattern, queue);
  }

  /** Ends a subscription after `max` deliveries; at once if it has had them, or if `max` is `undefined`. */
  setMax(subscription: Subscription, max: number | undefined): void {
    subscription.max = max;
    if (max === undefined || subscription.delivered >= max) this.remove(subscription);
  }

  /** Returns the receivers of a subject. A result never changes: subscriptions may come and go while it is read. */
  receiversOf(subject: string): Receivers {
    this.#counts.matches++;
    const cached = this.#cache.get(subject);
    if (cached !== undefined) return cached;
    this.#counts.misses++;
    const found = this.#match(subject);
    const size = sizeOf(found);
    if (size > CACHE_LIMIT || subject.length > MAX_CACHED_SUBJECT) return found;
    if (this.#cacheSize + size > CACHE_LIMIT) this.#clearCache();
    this.#cacheSize += size;
    this.#cache.set(subject, found);
    return found;
  }

  // Subscriptions with the same queue name form one group, whatever their patterns.
  #match(subject: string): Receivers {
    const plain: Subscription[] = [];
    const groups = new Map<string, Subscription[]>();
    this.#tree.match(subject, (subscription) => {
      const { queue } = subscription;
      if (queue === undefined) plain.push(subscription);
      else {
        const group = groups.get(queue);
        if (group === undefined) groups.set(queue, [subscription]);
        else group.push(subscription);
      }
    });
    return { plain, groups: [...groups.values()] };
  }

  #invalidate(pattern: string): void {
    if (this.#cache.size === 0) return;
    // A pattern without wildcards matches one subject only.
    if (/[*>]/.test(pattern)) return this.#clearCache();
    const cached = this.#cache.get(pattern);
    if (cached === undefined) return;
    this.#cacheSize -= sizeOf(cached);
    this.#cache.delete(pattern);
  }

  #clearCache(): void {
    this.#cache.clear();
    this.#cacheSize = 0;
  }
}

/** Returns what a cached result counts: its subscriptions, and one for itself. */
function sizeOf({ plain, groups }: Receivers): number {
  return 1 + plain.length + groups.reduce((sum, group) => sum + group.length, 0);
}
