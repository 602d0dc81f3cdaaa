// SPDX-License-Identifier: Apache-2.0

/** Who watches a subject, and what was last reported to them. */
interface Watch<Watcher> {
  exists: boolean;
  readonly watchers: Set<Watcher>;
}

/** The subjects of one account that are watched: reports when one gets its first subscription, and when it loses its last. */
export class WatchedSubjects<Watcher> {
  readonly #watches = new Map<string, Watch<Watcher>>();
  readonly #hasInterest: (subject: string, queue: string | undefined) => boolean;
  readonly #report: (watcher: Watcher, subject: string, queue: string | undefined, exists: boolean) => void;

  /** @param hasInterest returns whether a subject has a subscription, in a queue group or in none */
  constructor(
    hasInterest: (subject: string, queue: string | undefined) => boolean,
    report: (watcher: Watcher, subject: string, queue: string | undefined, exists: boolean) => void,
  ) {
    this.#hasInterest = hasInterest;
    this.#report = report;
  }

  /** Watches a subject. Reports at once if it has a subscription. Returns false if it was watched already. */
  add(subject: string, queue: string | undefined, watcher: Watcher): boolean {
    const key = keyOf(subject, queue);
    const watch = this.#watches.get(key) ?? { exists: this.#hasInterest(subject, queue), watchers: new Set() };
    if (watch.watchers.has(watcher)) return false;
    this.#watches.set(key, watch);
    watch.watchers.add(watcher);
    if (watch.exists) this.#report(watcher, subject, queue, true);
    return true;
  }

  /** Ends a watch. Returns false if it was not watched. */
  remove(subject: string, queue: string | undefined, watcher: Watcher): boolean {
    const key = keyOf(subject, queue);
    const watch = this.#watches.get(key);
    if (watch?.watchers.delete(watcher) !== true) return false;
    if (watch.watchers.size === 0) this.#watches.delete(key);
    return true;
  }

  /** A subscription was added, removed or stopped: reports what changed. */
  changed(subject: string, queue: string | undefined): void {
    const watch = this.#watches.get(keyOf(subject, queue));
    if (watch === undefined) return;
    const exists = this.#hasInterest(subject, queue);
    if (exists === watch.exists) return;
    watch.exists = exists;
    for (const watcher of watch.watchers) this.#report(watcher, subject, queue, exists);
  }
}

/** Neither a subject nor the name of a queue group has a space. */
function keyOf(subject: string, queue: string | undefined): string {
  return queue === undefined ? subject : `${subject} ${queue}`;
}
