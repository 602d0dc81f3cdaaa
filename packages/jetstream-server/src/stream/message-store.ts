// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import { utf8Length } from "../bytes.ts";
import { Block } from "./block.ts";
import { type Filter, literals, passes } from "./filter.ts";
import type { Stored } from "./stored.ts";
import { SubjectSequences } from "./subject-sequences.ts";

/** What nats-server counts for a message in addition to its subject, headers and payload. */
export interface Overhead {
  readonly message: number;
  /** If it has headers. */
  readonly headers: number;
}

/** What nats-server counts for a message in memory. */
export const memoryOverhead: Overhead = { message: 16, headers: 0 };
/** What nats-server counts for a message in a file. */
export const fileOverhead: Overhead = { message: 30, headers: 4 };

/** The messages of a stream, by sequence and by subject. Sequences are never used twice. */
export class MessageStore {
  readonly #overhead: Overhead;
  /** Blocks that have messages, in order. */
  #blocks: Block[] = [];
  /** The block that was used last: the next message is often in it. */
  #recent: Block | undefined;
  #first: number;
  #isNew: boolean;
  #last: number;
  #count = 0;
  #bytes = 0;
  readonly #subjects = new Map<string, SubjectSequences>();

  /** @param first the sequence of the first message; 0, which is 1, if the configuration has none */
  constructor(first = 0, overhead: Overhead = memoryOverhead) {
    this.#isNew = first === 0;
    this.#first = first || 1;
    this.#last = this.#first - 1;
    this.#overhead = overhead;
  }

  /** Whether nothing was stored or purged yet, and the configuration has no first sequence. */
  get isNew(): boolean {
    return this.#isNew && this.#last === 0;
  }

  /** The sequence of the first message; one after `last` without one. */
  get first(): number {
    return this.#first;
  }

  /** The last sequence that was used; 0 if none was. */
  get last(): number {
    return this.#last;
  }

  /** How many messages there are. */
  get count(): number {
    return this.#count;
  }

  /** What they count, see `sizeOf`. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The sequences of each subject. */
  get subjects(): ReadonlyMap<string, Pick<SubjectSequences, "length" | "first" | "last">> {
    return this.#subjects;
  }

  /** Returns the bytes that nats-server counts for a message. */
  sizeOf(subject: string, headers: number, payload: number): number {
    const { message, headers: forHeaders } = this.#overhead;
    return message + utf8Length(subject) + (headers === 0 ? 0 : headers + forHeaders) + payload;
  }

  /** Adds a message, whose sequence must be above `last`, and copies its bytes. */
  add(message: Stored): void {
    const { sequence, subject } = message;
    const headers = message.headers?.length ?? 0;
    const size = headers + message.payload.length;
    let block = this.#blocks.at(-1);
    if (block === undefined || !block.fits(sequence, size)) {
      block = new Block(sequence, size, block);
      this.#blocks.push(block);
    }
    block.add(message);
    if (this.#count === 0) this.#first = sequence;
    this.#last = sequence;
    this.#count++;
    this.#bytes += this.sizeOf(subject, headers, message.payload.length);
    const sequences = this.#subjects.get(subject);
    if (sequences === undefined) this.#subjects.set(subject, new SubjectSequences(sequence));
    else sequences.add(sequence);
  }

  /** Returns a message, or `undefined` if it was removed, or never there. */
  get(sequence: number): Stored | undefined {
    return this.#blockOf(sequence)?.get(sequence);
  }

  /** Returns the subject of a message, or `undefined` if it was removed, or never there. */
  subject(sequence: number): string | undefined {
    return this.#blockOf(sequence)?.subject(sequence);
  }

  /** Removes a message. Returns whether it was there. */
  remove(sequence: number): boolean {
    const block = this.#blockOf(sequence);
    const subject = block?.subject(sequence);
    if (block === undefined || subject === undefined) return false;
    const { headers, payload } = block.size(sequence);
    block.remove(sequence);
    this.#count--;
    this.#bytes -= this.sizeOf(subject, headers, payload);
    const sequences = this.#subjects.get(subject)!;
    if (sequences.length === 1) this.#subjects.delete(subject);
    else sequences.remove(sequence);
    if (sequence === this.#first) this.#first = this.nextSequence(sequence + 1) ?? this.#last + 1;
    if (block.live === 0) {
      this.#blocks.splice(this.#indexOf(sequence), 1);
      if (this.#recent === block) this.#recent = undefined;
    }
    return true;
  }

  /** Removes all messages. */
  clear(): void {
    this.#blocks = [];
    this.#recent = undefined;
    this.#subjects.clear();
    this.#count = this.#bytes = 0;
    this.#isNew = false;
    this.#first = this.#last + 1;
  }

  /** Moves the sequences on, so that the next message gets one above `last`. */
  skipTo(last: number): void {
    if (last <= this.#last) return;
    this.#last = last;
    if (this.#count === 0) this.#first = last + 1;
  }

  /** Returns the sequences of a subject. */
  sequencesOf(subject: string): SubjectSequences | undefined {
    return this.#subjects.get(subject);
  }

  /** Returns the first sequence from one on that has a message. */
  nextSequence(from: number): number | undefined {
    for (let i = this.#indexOf(from); i < this.#blocks.length; i++) {
      const sequence = this.#blocks[i]!.next(from);
      if (sequence < this.#blocks[i]!.end) return sequence;
    }
    return undefined;
  }

  /** Returns the first message from a sequence on whose subject passes a filter. */
  next(filter: Filter, from: number): Stored | undefined {
    const sequence = this.#nextPassing(filter, from);
    return sequence === undefined ? undefined : this.get(sequence);
  }

  #nextPassing(filter: Filter, from: number): number | undefined {
    if (filter.length === 0) return this.nextSequence(from);
    const subjects = literals(filter);
    if (subjects !== undefined) {
      let first: number | undefined;
      for (const subject of subjects) {
        const sequence = this.#subjects.get(subject)?.next(from);
        if (sequence !== undefined && (first === undefined || sequence < first)) first = sequence;
      }
      return first;
    }
    for (let i = this.#indexOf(from); i < this.#blocks.length; i++) {
      const block = this.#blocks[i]!;
      for (let sequence = block.next(from); sequence < block.end; sequence = block.next(sequence + 1)) {
        if (passes(filter, block.subject(sequence)!)) return sequence;
      }
    }
    return undefined;
  }

  /** Returns how many messages from a sequence on have a subject that passes a filter. */
  pending(filter: Filter, from = 0): number {
    let count = 0;
    if (filter.length === 0) {
      if (from <= this.#first) return this.#count;
      for (let i = this.#indexOf(from); i < this.#blocks.length; i++) count += this.#blocks[i]!.countFrom(from);
      return count;
    }
    for (const [, sequences] of this.matching(filter)) count += sequences.countFrom(from);
    return count;
  }

  /** Returns the subjects that pass a filter, and their sequences. */
  *matching(filter: Filter): Generator<[subject: string, sequences: SubjectSequences], void, undefined> {
    const subjects = literals(filter);
    if (subjects === undefined) {
      for (const entry of this.#subjects) if (passes(filter, entry[0])) yield entry;
      return;
    }
    for (const subject of new Set(subjects)) {
      const sequences = this.#subjects.get(subject);
      if (sequences !== undefined) yield [subject, sequences];
    }
  }

  /** Returns the sequences of the last message of each subject that passes a filter, in order. */
  lastOfEach(filter: Filter, upTo: number = Number.POSITIVE_INFINITY): number[] {
    const found: number[] = [];
    for (const [, sequences] of this.matching(filter)) {
      const last = upTo >= this.#last ? sequences.last : sequences.lastUpTo(upTo);
      if (last !== undefined) found.push(last);
    }
    return found.sort((a, b) => a - b);
  }

  /** Returns the sequences between the first and the last that have no message. */
  deleted(): number[] {
    const found: number[] = [];
    let expected = this.#first;
    for (const block of this.#blocks) {
      for (let at = block.next(0); at < block.end; at = block.next(at + 1), expected++) {
        while (expected < at) found.push(expected++);
      }
    }
    while (this.#count > 0 && expected <= this.#last) found.push(expected++);
    return found;
  }

  /** Returns the sequence of the first message that was stored at a time or later; one after `last` without one. */
  sequenceAt(time: Millis): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#blocks[middle]!.time(this.#blocks[middle]!.end - 1) < time) low = middle + 1;
      else high = middle;
    }
    const block = this.#blocks[low];
    let sequence = block?.next(0) ?? this.#last + 1;
    while (block !== undefined && sequence < block.end && block.time(sequence) < time)
      sequence = block.next(sequence + 1);
    return block === undefined || sequence < block.end ? sequence : (this.nextSequence(sequence) ?? this.#last + 1);
  }

  #blockOf(sequence: number): Block | undefined {
    const recent = this.#recent;
    if (recent !== undefined && sequence >= recent.first && sequence < recent.end) return recent;
    const block = this.#blocks[this.#indexOf(sequence)];
    if (block === undefined || sequence < block.first) return undefined;
    this.#recent = block;
    return block;
  }

  /** Returns the index of the first block that ends after a sequence. */
  #indexOf(sequence: number): number {
    let low = 0;
    let high = this.#blocks.length;
    if (high > 0 && this.#blocks[0]!.end > sequence) return 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#blocks[middle]!.end <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
