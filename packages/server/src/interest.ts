// SPDX-License-Identifier: Apache-2.0
import { SubjectTree } from "./subject-tree.ts";
import type { Subscription } from "./subscription.ts";

// Subscriptions that the remembered results name, all together: a few hundred kilobytes.
const CACHE_LIMIT = 32_768;

/** Who receives what is published to a subject; of each group one. */
export interface Receivers {
  readonly plain: readonly Subscription[];
  readonly groups: readonly (readonly Subscription[])[];
}

/** All subscriptions of a server, and who receives what; subjects that were asked for before cost one look-up. */
export class Interest {
  readonly #tree = new SubjectTree<Subscription>();
  readonly #cache = new Map<string, Receivers>();
  #cacheSize = 0;
  #size = 0;

  /** Subscriptions there are. */
  get size(): number {
    return this.#size;
  }

  add(subscription: Subscription): void {
    const { receiver, sid, pattern } = subscription;
    receiver.subscriptions.set(sid, subscription);
    this.#tree.insert(pattern, subscription);
    this.#invalidate(pattern);
    this.#size++;
  }

  /** Ends a subscription, once. */
  remove(subscription: Subscription): void {
    const { receiver, sid, pattern } = subscription;
    if (receiver.subscriptions.get(sid) !== subscription) return;
    receiver.subscriptions.delete(sid);
    this.#tree.remove(pattern, subscription);
    this.#invalidate(pattern);
    this.#size--;
  }

  /** Ends a subscription when it has had `max` deliveries, now where it has or where there is no `max`. */
  setMax(subscription: Subscription, max: number | undefined): void {
    subscription.max = max;
    if (max === undefined || subscription.delivered >= max) this.remove(subscription);
  }

  /** A result is never changed, so that subscriptions may come and go while it is read. */
  receiversOf(subject: string): Receivers {
    const cached = this.#cache.get(subject);
    if (cached !== undefined) return cached;
    const found = this.#match(subject);
    const size = 1 + found.plain.length + found.groups.reduce((sum, group) => sum + group.length, 0);
    if (size > CACHE_LIMIT) return found;
    if (this.#cacheSize + size > CACHE_LIMIT) this.#clearCache();
    this.#cacheSize += size;
    this.#cache.set(subject, found);
    return found;
  }

  /** A group's name is the whole of it, whatever the patterns of its members. */
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
    // Without a star or a `>` it receives one subject only.
    if (/[*>]/.test(pattern)) return this.#clearCache();
    const cached = this.#cache.get(pattern);
    if (cached === undefined) return;
    this.#cacheSize -= 1 + cached.plain.length + cached.groups.reduce((sum, group) => sum + group.length, 0);
    this.#cache.delete(pattern);
  }

  #clearCache(): void {
    this.#cache.clear();
    this.#cacheSize = 0;
  }
}
