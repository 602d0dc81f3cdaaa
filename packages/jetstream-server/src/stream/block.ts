// SPDX-License-Identifier: Apache-2.0
import { noBytes } from "../bytes.ts";
import type { Stored } from "./stored.ts";

// A block ends at this many bytes, unless it has one message that is larger, and at this many sequences.
const MAX_BYTES = 65_536;
const MAX_SEQUENCES = 512;
const MIN_BYTES = 1024;
const MIN_SEQUENCES = 16;
// Fewer bytes are copied by a loop.
const LOOP_COPY = 64;
// More sequences than this are not bridged: the next message begins a new block.
const MAX_GAP = 64;

/**
 * Consecutive messages, as columns: an object of its own for each would take more memory than a small message.
 *
 * Their headers and payloads lie in one array, which is only appended to: views of it stay valid. If more than half of it belongs
 * to removed messages, the others move to a smaller one.
 */
export class Block {
  /** The sequence of the first column. */
  readonly first: number;
  #bytes: Uint8Array;
  #used = 0;
  #removed = 0;
  #live = 0;
  // By sequence. Without a subject there is no message.
  readonly #subjects: (string | undefined)[] = [];
  /** Where the bytes of each begin, and how many of them are headers and payload. */
  readonly #starts: Uint32Array;
  readonly #headerBytes: Uint32Array;
  readonly #payloadBytes: Uint32Array;
  readonly #times: Float64Array;
  readonly #storedAt: Float64Array;

  /** @param previous the block before: this one may be twice as large */
  constructor(first: number, size: number, previous: Block | undefined) {
    this.first = first;
    const columns = previous === undefined ? MIN_SEQUENCES : Math.min(MAX_SEQUENCES, 2 * previous.#starts.length);
    const average = previous === undefined ? 0 : previous.#used / previous.#subjects.length;
    // Room for messages that are a little larger than those before.
    this.#bytes = new Uint8Array(Math.max(size, Math.min(MAX_BYTES, Math.max(MIN_BYTES, 1.1 * average * columns))));
    this.#starts = new Uint32Array(columns);
    this.#headerBytes = new Uint32Array(columns);
    this.#payloadBytes = new Uint32Array(columns);
    this.#times = new Float64Array(columns);
    this.#storedAt = new Float64Array(columns);
  }

  /** How many messages there are. */
  get live(): number {
    return this.#live;
  }

  /** The sequence after the last column. */
  get end(): number {
    return this.first + this.#subjects.length;
  }

  /** Returns whether a message can be added. */
  fits(sequence: number, size: number): boolean {
    return (
      this.#used + size <= this.#bytes.length &&
      sequence - this.first < this.#starts.length &&
      sequence - this.end <= MAX_GAP
    );
  }

  /** Adds a message that fits, and copies its bytes. */
  add({ sequence, subject, headers, payload, time, storedAt }: Stored): void {
    while (this.end < sequence) this.#push(undefined, 0, 0, time, storedAt);
    this.#push(subject, headers?.length ?? 0, payload.length, time, storedAt);
    if (headers !== undefined) this.#copy(headers);
    this.#copy(payload);
    this.#live++;
  }

  /** Returns the subject of a message, or `undefined` if it was removed. */
  subject(sequence: number): string | undefined {
    return this.#subjects[sequence - this.first];
  }

  /** Returns how many bytes headers and payload of a message have. */
  size(sequence: number): { readonly headers: number; readonly payload: number } {
    const i = sequence - this.first;
    return { headers: this.#headerBytes[i]!, payload: this.#payloadBytes[i]! };
  }

  /** Returns when a message was stored, on the wall clock; of a gap, when the message after it was. */
  time(sequence: number): number {
    return this.#times[sequence - this.first]!;
  }

  /** Returns a message, or `undefined` if it was removed. */
  get(sequence: number): Stored | undefined {
    const i = sequence - this.first;
    const subject = this.#subjects[i];
    if (subject === undefined) return undefined;
    const start = this.#starts[i]!;
    const split = start + this.#headerBytes[i]!;
    return {
      sequence,
      subject,
      headers: split === start ? undefined : this.#bytes.subarray(start, split),
      payload: this.#payloadBytes[i] === 0 ? noBytes : this.#bytes.subarray(split, split + this.#payloadBytes[i]!),
      time: this.#times[i]!,
      storedAt: this.#storedAt[i]!,
    };
  }

  /** Removes a message that is there. */
  remove(sequence: number): void {
    const i = sequence - this.first;
    this.#subjects[i] = undefined;
    this.#live--;
    this.#removed += this.#headerBytes[i]! + this.#payloadBytes[i]!;
    if (this.#live > 0 && this.#removed > MIN_BYTES && 2 * this.#removed > this.#used) this.#compact();
  }

  /** Returns the first sequence from one on that has a message; `end` without one. */
  next(from: number): number {
    let sequence = Math.max(from, this.first);
    while (sequence < this.end && this.#subjects[sequence - this.first] === undefined) sequence++;
    return sequence;
  }

  /** Returns how many messages there are from a sequence on. */
  countFrom(from: number): number {
    if (from <= this.first) return this.#live;
    let count = 0;
    for (let i = from - this.first; i < this.#subjects.length; i++) if (this.#subjects[i] !== undefined) count++;
    return count;
  }

  #copy(bytes: Uint8Array): void {
    const into = this.#bytes;
    const at = this.#used;
    // A call of set costs more than copying a few bytes.
    if (bytes.length > LOOP_COPY) into.set(bytes, at);
    else for (let i = 0; i < bytes.length; i++) into[at + i] = bytes[i]!;
    this.#used = at + bytes.length;
  }

  #push(subject: string | undefined, headers: number, payload: number, time: number, storedAt: number): void {
    const i = this.#subjects.push(subject) - 1;
    this.#starts[i] = this.#used;
    this.#headerBytes[i] = headers;
    this.#payloadBytes[i] = payload;
    this.#times[i] = time;
    this.#storedAt[i] = storedAt;
  }

  #compact(): void {
    const bytes = new Uint8Array(this.#used - this.#removed);
    let used = 0;
    for (let i = 0; i < this.#subjects.length; i++) {
      if (this.#subjects[i] === undefined) continue;
      const start = this.#starts[i]!;
      const size = this.#headerBytes[i]! + this.#payloadBytes[i]!;
      bytes.set(this.#bytes.subarray(start, start + size), used);
      this.#starts[i] = used;
      used += size;
    }
    this.#bytes = bytes;
    this.#used = used;
    this.#removed = 0;
  }
}
