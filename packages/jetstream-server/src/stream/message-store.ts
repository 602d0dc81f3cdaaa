// SPDX-License-Identifier: Apache-2.0
import { type Filter, literals, passes } from "./filter.ts";
import { type Stored, storedSize } from "./stored.ts";

/** The messages of a stream, by sequence and by subject. Sequences are never used twice. */
export class MessageStore {
  // By sequence, from `#base` on; removed ones leave a gap.
  #messages: (Stored | undefined)[] = [];
  #base: number;
  #last: number;
  #count = 0;
  #bytes = 0;
  /** The sequences of each subject, in order. */
  readonly #bySubject = new Map<string, number[]>();

  /** @param first the sequence of the first message */
  constructor(first = 1) {
    this.#base = first;
    this.#last = first - 1;
  }

  /** The sequence of the first message; one after the last that was ever used if there is none. */
  get first(): number {
    return this.#base;
  }

  /** The last sequence that was used; 0 if none was. */
  get last(): number {
    return this.#last;
  }

  /** How many messages there are. */
  get count(): number {
    return this.#count;
  }

  /** What they count, see `storedSize`. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number of messages of each subject. */
  get subjects(): ReadonlyMap<string, readonly number[]> {
    return this.#bySubject;
  }

  /** Adds a message, whose sequence must be above `last`. */
  add(message: Stored): void {
    const { sequence, subject } = message;
    if (this.#count === 0) {
      this.#messages = [];
      this.#base = sequence;
    }
    while (this.#base + this.#messages.length < sequence) this.#messages.push(undefined);
    this.#messages.push(message);
    this.#last = sequence;
    this.#count++;
    this.#bytes += storedSize(message);
    const sequences = this.#bySubject.get(subject);
    if (sequences === undefined) this.#bySubject.set(subject, [sequence]);
    else sequences.push(sequence);
  }

  /** Returns a message, or `undefined` if it was removed, or never there. */
  get(sequence: number): Stored | undefined {
    return this.#messages[sequence - this.#base];
  }

  /** Removes a message. Returns it, or `undefined` if it is not there. */
  remove(sequence: number): Stored | undefined {
    const message = this.get(sequence);
    if (message === undefined) return undefined;
    this.#messages[sequence - this.#base] = undefined;
    this.#count--;
    this.#bytes -= storedSize(message);
    const sequences = this.#bySubject.get(message.subject)!;
    if (sequences.length === 1) this.#bySubject.delete(message.subject);
    else sequences.splice(sequences.indexOf(sequence), 1);
    this.#trim();
    return message;
  }

  /** Moves the sequences on, so that the next message gets one above `last`: after a purge, for example. */
  skipTo(last: number): void {
    if (last <= this.#last) return;
    this.#last = last;
    if (this.#count === 0) {
      this.#messages = [];
      this.#base = last + 1;
    }
  }

  /** Returns the first message from a sequence on whose subject passes a filter. */
  next(filter: Filter, from: number): Stored | undefined {
    const only = filter.length === 1 && !/[*>]/.test(filter[0]!) ? this.#bySubject.get(filter[0]!) : undefined;
    if (only !== undefined) return this.get(only.find((sequence) => sequence >= from) ?? -1);
    for (let i = Math.max(0, from - this.#base); i < this.#messages.length; i++) {
      const message = this.#messages[i];
      if (message !== undefined && passes(filter, message.subject)) return message;
    }
    return undefined;
  }

  /** Returns how many messages from a sequence on have a subject that passes a filter. */
  pending(filter: Filter, from = 0): number {
    if (filter.length === 0 && from <= this.#base) return this.#count;
    let count = 0;
    for (let i = Math.max(0, from - this.#base); i < this.#messages.length; i++) {
      const message = this.#messages[i];
      if (message !== undefined && passes(filter, message.subject)) count++;
    }
    return count;
  }

  /** Returns the sequences of the last message of each subject that passes a filter, in order. */
  lastOfEach(filter: Filter, upTo: number = Number.POSITIVE_INFINITY): number[] {
    const found: number[] = [];
    for (const [subject, sequences] of this.#bySubject) {
      if (!passes(filter, subject)) continue;
      let at = sequences.length - 1;
      while (at >= 0 && sequences[at]! > upTo) at--;
      const last = sequences[at];
      if (last !== undefined) found.push(last);
    }
    return found.sort((a, b) => a - b);
  }

  /** Moves the start past removed messages. */
  #trim(): void {
    let gone = 0;
    while (gone < this.#messages.length && this.#messages[gone] === undefined) gone++;
    if (gone === 0) return;
    this.#messages.splice(0, gone);
    this.#base += gone;
    if (this.#messages.length === 0) this.#base = this.#last + 1;
  }
}
