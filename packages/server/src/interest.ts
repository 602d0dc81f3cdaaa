// SPDX-License-Identifier: Apache-2.0
import { SubjectTree } from "./subject-tree.ts";
import type { Subscription } from "./subscription.ts";

// Subscriptions that the remembered results name, all together: a few hundred kilobytes.
const MOST = 32_768;

/** Who receives what is published to a subject; of each group one. */
export interface Receivers {
  readonly plain: readonly Subscription[];
  readonly groups: readonly (readonly Subscription[])[];
}

/** All subscriptions of a server, and who receives what; subjects that were asked for before cost one look-up. */
export class Interest {
  readonly #tree = new SubjectTree<Subscription>();
  readonly #known = new Map<string, Receivers>();
  #weight = 0;
  #size = 0;

  /** Subscriptions there are. */
  get size(): number {
    return this.#size;
  }

  add(subscription: Subscription): void {
    const { to, sid, pattern } = subscription;
    to.subscriptions.set(sid, subscription);
    this.#tree.insert(pattern, subscription);
    this.#forget(pattern);
    this.#size++;
  }

  /** Ends a subscription, once. */
  remove(subscription: Subscription): void {
    const { to, sid, pattern } = subscription;
    if (to.subscriptions.get(sid) !== subscription) return;
    to.subscriptions.delete(sid);
    this.#tree.remove(pattern, subscription);
    this.#forget(pattern);
    this.#size--;
  }

  /** Ends a subscription when it has had `max` deliveries, now where it has or where there is no `max`. */
  limit(subscription: Subscription, max: number | undefined): void {
    subscription.max = max;
    if (max === undefined || subscription.delivered >= max) this.remove(subscription);
  }

  /** A result is never changed, so that subscriptions may come and go while it is read. */
  of(subject: string): Receivers {
    const known = this.#known.get(subject);
    if (known !== undefined) return known;
    const found = this.#find(subject);
    const weight = 1 + found.plain.length + found.groups.reduce((sum, group) => sum + group.length, 0);
    if (weight > MOST) return found;
    if (this.#weight + weight > MOST) this.#clear();
    this.#weight += weight;
    this.#known.set(subject, found);
    return found;
  }

  /** A group's name is the whole of it, whatever the patterns of its members. */
  #find(subject: string): Receivers {
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

  #forget(pattern: string): void {
    if (this.#known.size === 0) return;
    // Without a star or a `>` it receives one subject only.
    if (/[*>]/.test(pattern)) return this.#clear();
    const known = this.#known.get(pattern);
    if (known === undefined) return;
    this.#weight -= 1 + known.plain.length + known.groups.reduce((sum, group) => sum + group.length, 0);
    this.#known.delete(pattern);
  }

  #clear(): void {
    this.#known.clear();
    this.#weight = 0;
  }
}
