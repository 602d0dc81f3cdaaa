// SPDX-License-Identifier: Apache-2.0
import { encode, UsageError } from "@natswire/codec";
import type { SessionConfig } from "./config.ts";
import { checkControlLine } from "./control-line.ts";
import type { Link } from "./link.ts";
import type { Outcome } from "./outputs.ts";

// What a message that is kept takes besides its bytes, at the least: or empty ones would wait by the million.
const BUFFERED_OVERHEAD = 64;

/** What is to be published. */
export interface Outgoing {
  readonly reply?: string | undefined;
  /** The raw block, as `encodeHeaders` makes it. */
  readonly headers?: Uint8Array | undefined;
  readonly payload: Uint8Array;
  /** The payload's memory may be used again at once: what would be borrowed until it is released is copied. */
  readonly isCopied?: boolean | undefined;
}

/** A message that was kept in vain. */
export interface RejectedMessage {
  readonly reply: string | undefined;
  readonly detail: string;
}

/** Messages on their way out, each of them counted until it is known what became of it (RELIABILITY S15). */
export class Outbound {
  readonly #config: SessionConfig;
  readonly #buffered: (Outgoing & { readonly subject: string })[] = [];
  #bufferedBytes = 0;
  readonly #maxPending: number;
  readonly #lowWater: number;
  readonly #alwaysFits: number;
  #isFull = false;
  readonly counts = { published: 0, confirmed: 0, unknown: 0, dropped: 0 };

  constructor(config: SessionConfig) {
    this.#config = config;
    this.#maxPending = config.maxPending;
    this.#lowWater = config.maxPending / 2;
    // Names of so many units of text always fit: one is at most 3 bytes, and two sizes with blanks are 21.
    this.#alwaysFits = config.maxControlLine / 3 - 7;
  }

  /** Somebody was told that it is crowded, and not yet that it no longer is. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Messages of which it is not known yet what becomes of them. */
  outstanding(link: Link | undefined): { readonly inFlight: number; readonly buffered: number } {
    return { inFlight: (link?.published ?? 0) - (link?.confirmed ?? 0), buffered: this.#buffered.length };
  }

  /**
   * Hands a message to the connection, or does with it what is to be done without one.
   *
   * @throws UsageError where it cannot go on the wire, or the server would not take it
   */
  publish(subject: string, message: Outgoing, link: Link | undefined): Outcome {
    const size = sizeOf(message);
    const { reply, headers } = message;
    // Where it is no text, the encoder says so.
    if ((subject?.length ?? 0) + (reply?.length ?? 0) > this.#alwaysFits)
      checkControlLine([subject, reply, headers?.length, size], this.#config.maxControlLine);
    if (link === undefined) return this.#buffer(subject, message);
    const refusal = link.refusal(size, headers !== undefined);
    if (refusal !== undefined) throw refusal;
    const waiting = link.pending + size;
    if (waiting > this.#maxPending) return this.#reject(size);
    link.publish(subject, message);
    this.counts.published++;
    return waiting <= this.#lowWater ? "accepted" : this.#full("full");
  }

  /**
   * What was kept goes to a connection that is there.
   *
   * @returns what the server would not take, and why: it is dropped
   */
  sendBuffered(link: Link): RejectedMessage[] {
    const refused: RejectedMessage[] = [];
    for (const { subject, ...message } of this.#buffered.splice(0)) {
      const refusal = link.refusal(sizeOf(message), message.headers !== undefined);
      if (refusal === undefined) link.publish(subject, message);
      else refused.push({ reply: message.reply, detail: `kept, and dropped: ${refusal.message}` });
    }
    this.counts.dropped += refused.length;
    this.#bufferedBytes = 0;
    return refused;
  }

  /** A PONG, or a verbose server's `+OK`, says that the server has read all that was published before. */
  confirm(link: Link, published: number): void {
    if (published <= link.confirmed) return;
    this.counts.confirmed += published - link.confirmed;
    link.confirmed = published;
  }

  /** The connection is gone: what it had that was not confirmed may have arrived, or not. */
  lost(link: Link): void {
    this.counts.unknown += link.published - link.confirmed;
    link.confirmed = link.published;
  }

  /** There will be no connection any more behind the one there is, and nobody hears what becomes of what that one has. */
  end(link: Link | undefined): void {
    if (link !== undefined) this.lost(link);
    this.counts.dropped += this.#buffered.length;
    this.#buffered.length = 0;
  }

  /** Whether somebody who was told that it is crowded can go on; true once. */
  becameReady(link: Link | undefined): boolean {
    if (!this.#isFull || (link?.pending ?? this.#bufferedBytes) > this.#lowWater) return false;
    this.#isFull = false;
    return true;
  }

  #buffer(subject: string, { reply, headers, payload }: Outgoing): Outcome {
    const { whileDisconnected } = this.#config;
    // What could not be written later is refused now.
    encode({ op: "pub", subject, reply, headers, payload: payload.subarray(0, 0), flaw: undefined });
    if (whileDisconnected === "reject") return "refused";
    if (whileDisconnected === "drop") {
      this.counts.published++;
      this.counts.dropped++;
      return "dropped";
    }
    const bytes = BUFFERED_OVERHEAD + payload.length + (headers?.length ?? 0) + subject.length;
    if (this.#bufferedBytes + bytes > this.#maxPending) return this.#reject(bytes);
    this.#bufferedBytes += bytes;
    this.counts.published++;
    // The caller may use its memory again long before there is a connection; Buffer's own slice would be a view of it.
    const own = { headers: headers && new Uint8Array(headers), payload: new Uint8Array(payload) };
    this.#buffered.push({ subject, reply, ...own });
    return this.#bufferedBytes <= this.#lowWater ? "accepted" : this.#full("full");
  }

  /** @throws UsageError TOO_LARGE where waiting would not help */
  #reject(size: number): Outcome {
    if (size <= this.#maxPending) return this.#full("refused");
    throw new UsageError("TOO_LARGE", `${size} bytes are more than maxPending, ${this.#maxPending}`);
  }

  #full(outcome: Outcome): Outcome {
    this.#isFull = true;
    return outcome;
  }
}

function sizeOf({ headers, payload }: Outgoing): number {
  return payload.length + (headers?.length ?? 0);
}
