// SPDX-License-Identifier: Apache-2.0
import { type Filter, passes } from "../stream/filter.ts";
import type { MessageStore } from "../stream/message-store.ts";
import type { Stored } from "../stream/stored.ts";

/** Where a consumer starts. */
export interface Start {
  /** The first sequence that it may deliver. */
  readonly next: number;
  /** Sequences that it delivers first, in order, before those above `resume`: the last message of each subject. */
  readonly only?: readonly number[] | undefined;
  readonly resume?: number | undefined;
}

/** Which messages of a stream a consumer delivers for the first time, and in which order. */
export class Cursor {
  readonly #store: MessageStore;
  #filter: Filter;
  #next: number;
  #pending = 0;
  /** The highest sequence that `#pending` knows of: a purge may come between a message and its report. */
  #counted = 0;
  #only: readonly number[] | undefined;
  #at = 0;
  readonly #resume: number;

  constructor(store: MessageStore, filter: Filter, { next, only, resume = 0 }: Start) {
    this.#store = store;
    this.#filter = filter;
    this.#next = next;
    this.#only = only === undefined || only.length === 0 ? undefined : only;
    this.#resume = resume;
    this.#count();
  }

  /** The lowest sequence that was not looked at yet. */
  get next(): number {
    return this.#next;
  }

  /** How many messages are left to deliver. */
  get pending(): number {
    return this.#pending;
  }

  /** Returns whether the consumer delivers messages of a subject. */
  covers(subject: string): boolean {
    return passes(this.#filter, subject);
  }

  /** Returns whether a message is left to deliver. */
  needs({ sequence, subject }: Pick<Stored, "sequence" | "subject">): boolean {
    if (!passes(this.#filter, subject)) return false;
    return this.#only === undefined ? sequence >= this.#next : sequence > this.#resume || this.#isListed(sequence);
  }

  /** A message was stored. Returns whether it is to be delivered. */
  stored({ sequence, subject }: Stored): boolean {
    // A start may be above the last sequence. What does not pass stays ahead until `peek` goes by: the filter may change.
    if (!passes(this.#filter, subject) || sequence < this.#next) return false;
    if (sequence > this.#counted) this.#pending++;
    this.#counted = Math.max(this.#counted, sequence);
    return true;
  }

  /** A message was removed. */
  removed(message: Stored): void {
    if (this.needs(message)) this.#pending--;
  }

  /** Returns the next message, or `undefined` without one. */
  peek(): Stored | undefined {
    while (this.#only !== undefined) {
      const message = this.#store.get(this.#only[this.#at]!);
      if (message !== undefined && passes(this.#filter, message.subject)) return message;
      this.#leaveListed();
    }
    const message = this.#store.next(this.#filter, this.#next);
    this.#next = Math.max(this.#next, message?.sequence ?? this.#store.last + 1);
    return message;
  }

  /** The next message is delivered. */
  take({ sequence }: Stored): void {
    this.#pending--;
    this.#next = sequence + 1;
    if (this.#only !== undefined) this.#leaveListed();
  }

  /** Everything below a sequence is gone. */
  purged(first: number): void {
    this.#next = Math.max(this.#next, first);
    this.#count();
  }

  /** Delivers other messages from now on. */
  changeFilter(filter: Filter): void {
    this.#filter = filter;
    this.#count();
  }

  /** Continues with the next sequence of the list. Those of messages that were removed stay in it until then. */
  #leaveListed(): void {
    if (++this.#at < this.#only!.length) return;
    this.#only = undefined;
    this.#next = Math.max(this.#next, this.#resume + 1);
  }

  #isListed(sequence: number): boolean {
    const only = this.#only!;
    let low = this.#at;
    let high = only.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (only[middle]! < sequence) low = middle + 1;
      else high = middle;
    }
    return only[low] === sequence;
  }

  #count(): void {
    const from = this.#only === undefined ? this.#next : this.#resume + 1;
    this.#counted = this.#store.last;
    this.#pending = this.#store.pending(this.#filter, from);
    for (let at = this.#at; at < (this.#only?.length ?? 0); at++) {
      const message = this.#store.get(this.#only![at]!);
      if (message !== undefined && passes(this.#filter, message.subject)) this.#pending++;
    }
  }
}
