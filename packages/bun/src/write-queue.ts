// SPDX-License-Identifier: Apache-2.0
import { Queue } from "@natswire/io/adapter";

/** The bytes that wait to be written, in order. */
export class WriteQueue {
  readonly #segments = new Queue<Uint8Array>();
  // The rest of a segment that was written in part.
  #rest: Uint8Array | undefined;

  /** Adds a segment. */
  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#segments.push(bytes);
  }

  /** Removes and returns the bytes to write next; `undefined` if none wait. */
  shift(): Uint8Array | undefined {
    const rest = this.#rest;
    this.#rest = undefined;
    return rest ?? this.#segments.shift();
  }

  /** Puts back what was not written of the bytes that `shift` returned. */
  putBack(rest: Uint8Array): void {
    this.#rest = rest;
  }
}
