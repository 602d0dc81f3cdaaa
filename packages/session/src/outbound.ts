// SPDX-License-Identifier: Apache-2.0
import { encode, UsageError } from "@natswire/codec";
import type { SessionContext } from "./context.ts";
import { checkLineLength } from "./line-length.ts";
import type { Link } from "./link.ts";
import type { Outcome, Ticket } from "./outputs.ts";

// The least that a buffered message takes besides its bytes. Without it, millions of empty ones could wait.
const BUFFERED_OVERHEAD = 64;

/** A message to publish. */
export interface Outgoing {
  /** The subject for replies. */
  readonly reply?: string | undefined;
  /** The raw header block, as `encodeHeaders` returns it or as it was received. It is sent as it is. */
  readonly headers?: Uint8Array | undefined;
  readonly payload: Uint8Array;
  /** Copies a payload that would be borrowed until it is released, so that its memory can be used again at once. */
  readonly isCopied?: boolean | undefined;
}

/** A message that waits for a connection. */
interface Buffered extends Outgoing {
  readonly subject: string;
  /** The request that it belongs to, if any. */
  readonly ticket: Ticket | undefined;
  /** The bytes of `maxPending` that it takes. */
  readonly bytes: number;
}

/** A buffered message that the server does not accept. */
export interface RejectedMessage {
  readonly ticket: Ticket | undefined;
  readonly detail: string;
}

/** Sends or buffers messages, and counts each until its outcome is known (docs/reliability.md, S15). */
export class Outbound {
  readonly #context: SessionContext;
  // By the number of the message: the value of `counts.published` that it made.
  readonly #buffered = new Map<number, Buffered>();
  #bufferedBytes = 0;
  readonly #maxPending: number;
  readonly #lowWater: number;
  readonly #alwaysFits: number;
  #isFull = false;
  readonly counts = { published: 0, confirmed: 0, unknown: 0, dropped: 0 };

  constructor(context: SessionContext) {
    const { maxPending, maxControlLine } = context.config;
    this.#context = context;
    this.#maxPending = maxPending;
    this.#lowWater = maxPending / 2;
    // Names of this many UTF-16 units always fit: a unit takes at most 3 bytes, and two sizes with blanks take 21.
    this.#alwaysFits = maxControlLine / 3 - 7;
  }

  /** True after a `full` or `refused` outcome, until `ready` is emitted. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** The messages whose outcome is not known yet. */
  get outstanding(): { readonly inFlight: number; readonly buffered: number } {
    const { link } = this.#context;
    return { inFlight: (link?.published ?? 0) - (link?.confirmed ?? 0), buffered: this.#buffered.size };
  }

  /**
   * Sends a message. Without a connection, does what `whileDisconnected` says.
   *
   * @param ticket the request that the message belongs to, if any
   * @throws UsageError if the message cannot be encoded, or the server does not accept it
   */
  publish(subject: string, message: Outgoing, ticket?: Ticket): Outcome {
    const size = sizeOf(message);
    const { reply, headers } = message;
    // The encoder reports a subject that is not a string.
    if ((subject?.length ?? 0) + (reply?.length ?? 0) > this.#alwaysFits)
      checkLineLength([subject, reply, headers?.length, size], this.#context.config.maxControlLine);
    const link = this.#context.readyLink;
    if (link === undefined) return this.#buffer(subject, message, ticket);
    const refusal = link.refusal(subject, size, headers !== undefined);
    if (refusal !== undefined) throw refusal;
    const pending = link.pending + size;
    if (pending > this.#maxPending) return this.#reject(subject, size);
    link.publish(subject, message);
    this.counts.published++;
    return pending <= this.#lowWater ? "accepted" : this.#full("full");
  }

  /** Sends the buffered messages. Drops and returns those that the server does not accept. */
  sendBuffered(link: Link): RejectedMessage[] {
    const rejected: RejectedMessage[] = [];
    for (const message of this.#buffered.values()) {
      const { subject, ticket } = message;
      const refusal = link.refusal(subject, sizeOf(message), message.headers !== undefined);
      if (refusal === undefined) link.publish(subject, message);
      else rejected.push({ ticket, detail: `not sent: ${refusal.message}` });
    }
    this.counts.dropped += rejected.length;
    this.#clear();
    return rejected;
  }

  /**
   * Drops a buffered message that its caller gave up.
   *
   * @param number the value of `counts.published` after it was published
   * @returns false if it was sent, or dropped, already
   */
  withdraw(number: number): boolean {
    const bytes = this.#buffered.get(number)?.bytes;
    if (bytes === undefined) return false;
    this.#buffered.delete(number);
    this.#bufferedBytes -= bytes;
    this.counts.dropped++;
    this.reportReady();
    return true;
  }

  /** Counts the first `published` messages of a connection as confirmed: the server has read them. */
  confirm(link: Link, published: number): void {
    if (published <= link.confirmed) return;
    this.counts.confirmed += published - link.confirmed;
    link.confirmed = published;
  }

  /** Counts the unconfirmed messages of a lost connection as unknown: they may have arrived, or not. */
  lost(link: Link): void {
    this.counts.unknown += link.published - link.confirmed;
    link.confirmed = link.published;
  }

  /** Settles all counts when the session closes: unconfirmed is unknown, buffered is dropped. */
  end(): void {
    const { link } = this.#context;
    if (link !== undefined) this.lost(link);
    this.counts.dropped += this.#buffered.size;
    this.#clear();
  }

  /** Emits `ready`, once, if the output was full and half of `maxPending` or less is left. */
  reportReady(): void {
    if (!this.#isFull || (this.#context.readyLink?.pending ?? this.#bufferedBytes) > this.#lowWater) return;
    this.#isFull = false;
    this.#context.emit({ event: "ready" });
  }

  #clear(): void {
    this.#buffered.clear();
    this.#bufferedBytes = 0;
  }

  #buffer(subject: string, { reply, headers, payload }: Outgoing, ticket: Ticket | undefined): Outcome {
    const { whileDisconnected } = this.#context.config;
    // Throws now what would throw when it is sent.
    encode({ op: "pub", subject, reply, headers, payload: payload.subarray(0, 0), flaw: undefined });
    if (whileDisconnected === "reject") return "refused";
    if (whileDisconnected === "drop") {
      this.counts.published++;
      this.counts.dropped++;
      return "dropped";
    }
    const bytes = BUFFERED_OVERHEAD + payload.length + (headers?.length ?? 0) + subject.length;
    if (this.#bufferedBytes + bytes > this.#maxPending) return this.#reject(subject, bytes);
    this.#bufferedBytes += bytes;
    this.counts.published++;
    // Copies: the caller may change its memory before there is a connection. `slice` of a Buffer would be a view.
    const copies = { headers: headers && new Uint8Array(headers), payload: new Uint8Array(payload) };
    this.#buffered.set(this.counts.published, { subject, reply, ticket, bytes, ...copies });
    return this.#bufferedBytes <= this.#lowWater ? "accepted" : this.#full("full");
  }

  /** @throws UsageError TOO_LARGE if the message could never be accepted */
  #reject(subject: string, size: number): Outcome {
    if (size <= this.#maxPending) return this.#full("refused");
    throw new UsageError(
      "TOO_LARGE",
      `message of ${size} bytes for ${JSON.stringify(subject)} exceeds maxPending of ${this.#maxPending}`,
    );
  }

  #full(outcome: Outcome): Outcome {
    this.#isFull = true;
    return outcome;
  }
}

function sizeOf({ headers, payload }: Outgoing): number {
  return payload.length + (headers?.length ?? 0);
}
