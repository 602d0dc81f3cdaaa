// SPDX-License-Identifier: Apache-2.0
import { matches } from "@natswire/codec";

/** Who watches a subject, and what was last reported to them. */
interface Watch<Watcher> {
  exists: boolean;
  readonly watchers: Set<Watcher>;
}

/** The subjects of one account that are watched: reports when one gets its first subscription, and when it loses its last. */
export class WatchedSubjects<Watcher> {
  readonly #bySubject = new Map<string, Watch<Watcher>>();
  readonly #hasInterest: (subject: string) => boolean;
  readonly #report: (watcher: Watcher, subject: string, exists: boolean) => void;

  /** @param hasInterest returns whether a subject has a subscription */
  constructor(
    hasInterest: (subject: string) => boolean,
    report: (watcher: Watcher, subject: string, exists: boolean) => void,
  ) {
    this.#hasInterest = hasInterest;
    this.#report = report;
  }

  /** Watches a subject. Reports at once if it has a subscription. Returns false if it was watched already. */
  add(subject: string, watcher: Watcher): boolean {
    const watch = this.#bySubject.get(subject) ?? { exists: this.#hasInterest(subject), watchers: new Set() };
    if (watch.watchers.has(watcher)) return false;
    this.#bySubject.set(subject, watch);
    watch.watchers.add(watcher);
    if (watch.exists) this.#report(watcher, subject, true);
    return true;
  }

  /** Ends a watch. Returns false if it was not watched. */
  remove(subject: string, watcher: Watcher): boolean {
    const watch = this.#bySubject.get(subject);
    if (watch?.watchers.delete(watcher) !== true) return false;
    if (watch.watchers.size === 0) this.#bySubject.delete(subject);
    return true;
  }

  /** A subscription to a pattern was added, removed or stopped: reports what changed. */
  changed(pattern: string): void {
    const watch = this.#bySubject.get(pattern);
    if (watch !== undefined) this.#check(pattern, watch);
    if (!/[*>]/.test(pattern)) return;
    for (const [subject, one] of this.#bySubject) if (matches(pattern, subject)) this.#check(subject, one);
  }

  #check(subject: string, watch: Watch<Watcher>): void {
    const exists = this.#hasInterest(subject);
    if (exists === watch.exists) return;
    watch.exists = exists;
    for (const watcher of watch.watchers) this.#report(watcher, subject, exists);
  }
}
