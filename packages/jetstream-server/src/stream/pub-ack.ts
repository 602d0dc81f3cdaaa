// SPDX-License-Identifier: Apache-2.0
import { utf8 } from "@natswire/codec";
import type { ApiFailure } from "../api/api-failure.ts";
import { jsonBytes } from "../bytes.ts";

// The bytes that are allocated at once for many answers.
const SLAB = 8192;
const MAX_DIGITS = 16;
const ZERO = 0x30;
const CLOSE = 0x7d;

/** Writes the answers to what is published to a stream. Those to stored messages are written without JSON: they are frequent. */
export class PubAcks {
  readonly #stream: string;
  /** Everything before the sequence. */
  readonly #start: Uint8Array;
  #slab = new Uint8Array(0);
  #used = 0;

  constructor(stream: string) {
    this.#stream = stream;
    this.#start = utf8.encode(`{"stream":${JSON.stringify(stream)}, "seq":`);
  }

  stored(sequence: number): Uint8Array {
    const start = this.#start;
    const size = start.length + MAX_DIGITS + 1;
    if (this.#used + size > this.#slab.length) {
      this.#slab = new Uint8Array(Math.max(SLAB, size));
      this.#used = 0;
    }
    const slab = this.#slab;
    const from = this.#used;
    let at = from;
    for (let i = 0; i < start.length; i++) slab[at++] = start[i]!;
    let digits = 1;
    for (let limit = 10; sequence >= limit; limit *= 10) digits++;
    let rest = sequence;
    for (let i = at + digits - 1; i >= at; i--) {
      const next = Math.floor(rest / 10);
      slab[i] = ZERO + (rest - 10 * next);
      rest = next;
    }
    at += digits;
    slab[at++] = CLOSE;
    this.#used = at;
    return slab.subarray(from, at);
  }

  duplicate(sequence: number): Uint8Array {
    return utf8.encode(`{"stream":${JSON.stringify(this.#stream)}, "seq":${sequence},"duplicate": true}`);
  }

  failed({ body }: ApiFailure): Uint8Array {
    return jsonBytes({ error: body, stream: this.#stream, seq: 0 });
  }
}
