// SPDX-License-Identifier: Apache-2.0
import type { Msg } from "@natswire/codec";
import type { Millis, SessionConfig } from "./config.ts";
import type { Link } from "./link.ts";
import type { Outgoing, RejectedMessage } from "./outbound.ts";
import type { Action, Event, Outcome, Reason, Ticket } from "./outputs.ts";
import type { Queue } from "./queue.ts";
import { type Many, Requests } from "./requests.ts";
import { type Subscription, UNBOUNDED } from "./subscriptions.ts";
import { checkNumbers } from "./validate.ts";

/** How to ask. */
export interface RequestOptions {
  /** Milliseconds to wait for the reply, or for all of them. */
  readonly timeout: Millis;
  /** More than one reply is wanted. */
  readonly many?: Many | undefined;
  /** Its replies come to a subscription of its own, for servers that permit no other; true where there is a `reply`. */
  readonly noMux?: boolean | undefined;
  /** Where they come to. */
  readonly reply?: string | undefined;
}

/** What asking takes. */
export interface OperationHost {
  publish(subject: string, message: Outgoing): Outcome;
  subscribe(subject: string, options: typeof UNBOUNDED, ticket: Ticket): Subscription;
  /** Ends a subscription of its own, of which nobody else knows. */
  discard(subscription: Subscription): void;
  /** Nothing comes any more for what was drained. */
  end(subscriptions: readonly Subscription[]): void;
}

// Whose inbox gets the replies to all requests that have none of their own.
const SHARED_INBOX: Ticket = 0;

/** Whoever waits for an answer, each by its ticket: requests, flushes and drains. Each hears once how it ended. */
export class PendingOperations {
  readonly #requests: Requests;
  readonly #out: Queue<Action | Event>;
  readonly #host: OperationHost;
  #hasInbox = false;
  readonly #ownInboxes = new Map<Ticket, Subscription>();
  readonly #draining = new Map<Ticket, readonly Subscription[]>();
  #lastTicket = 0;

  constructor({ inboxPrefix, random }: SessionConfig, out: Queue<Action | Event>, means: OperationHost) {
    this.#requests = new Requests(inboxPrefix, random);
    this.#out = out;
    this.#host = means;
  }

  /** When the next request has waited long enough. */
  get deadline(): Millis | undefined {
    return this.#requests.deadline;
  }

  /** @throws UsageError as a publish does, and BAD_NUMBER where a time or a number is none */
  request(subject: string, message: Omit<Outgoing, "reply">, options: RequestOptions, now: Millis): Ticket {
    const { timeout, many } = options;
    const noMux = options.noMux === true || options.reply !== undefined;
    // The usual one costs a compare.
    if (many !== undefined || typeof timeout !== "number" || !(timeout > 0))
      checkNumbers({ timeout, maxMessages: many?.maxMessages, stall: many?.stall });
    const ticket = this.#lastTicket + 1;
    const reply = options.reply ?? this.#requests.replyTo(ticket, noMux);
    let own: Subscription | undefined;
    if (noMux) own = this.#host.subscribe(reply, UNBOUNDED, ticket);
    else if (!this.#hasInbox) {
      this.#host.subscribe(this.#requests.pattern, UNBOUNDED, SHARED_INBOX);
      this.#hasInbox = true;
    }
    let outcome: Outcome = "refused";
    try {
      outcome = this.#host.publish(subject, { ...message, reply });
    } finally {
      if (own !== undefined && (outcome === "refused" || outcome === "dropped")) this.#host.discard(own);
    }
    this.#lastTicket = ticket;
    if (outcome === "refused" || outcome === "dropped") this.#fail(ticket, "LOST", `the request was ${outcome}`);
    else {
      this.#requests.add(ticket, timeout, now, many);
      if (own !== undefined) this.#ownInboxes.set(ticket, own);
    }
    return ticket;
  }

  /** Nobody waits for its answer any more. */
  cancel(ticket: Ticket): void {
    this.#requests.cancel(ticket);
    this.#discard(ticket);
  }

  /** Whether all that was published before has reached the server. */
  flush(link: Link | undefined, reason: Reason): Ticket {
    const ticket = ++this.#lastTicket;
    if (link === undefined) this.#fail(ticket, reason, "there is no connection");
    else link.ping("flush", ticket);
    return ticket;
  }

  /** Whether all has come of subscriptions that the server was just told to end. */
  drain(link: Link | undefined, reason: Reason, subscriptions: readonly Subscription[]): Ticket {
    const ticket = ++this.#lastTicket;
    this.#draining.set(ticket, subscriptions);
    if (link === undefined) this.#failDrain(ticket, reason, "there is no connection");
    else link.ping("drain", ticket);
    return ticket;
  }

  /** A PONG answered a flush or a drain. */
  complete(purpose: "flush" | "drain", ticket: Ticket): void {
    if (purpose === "flush") return this.#out.push({ event: "flushed", ticket });
    this.#endDrained(ticket);
    this.#out.push({ event: "drained", ticket });
  }

  /**
   * @param inbox the ticket whose inbox it came to, or the common one
   * @returns false where nobody waits for such a reply
   */
  reply(message: Msg, inbox: Ticket, now: Millis): boolean {
    const ticket = inbox === SHARED_INBOX ? this.#requests.ticketOf(message.subject) : inbox;
    const settled = this.#requests.settle(ticket, message.payload.length === 0, now);
    if (settled === "unmatched") return false;
    if (isNoResponders(message)) {
      this.cancel(ticket);
      this.#fail(ticket, "NO_RESPONDERS", "nobody listens to the subject");
      return true;
    }
    this.#out.push({ event: "reply", ticket, message });
    if (settled === "last") this.#out.push({ event: "answered", ticket });
    if (settled !== "more") this.#discard(ticket);
    return true;
  }

  /** Of what was kept the server would not take these: who asked is told so, and of the others the last is told. */
  reject(messages: readonly RejectedMessage[]): void {
    let other: string | undefined;
    for (const { reply, detail } of messages) {
      const ticket = this.#ticketOfReply(reply);
      if (this.#requests.cancel(ticket)) {
        this.#discard(ticket);
        this.#fail(ticket, "REFUSED", detail);
      } else other = detail;
    }
    if (other !== undefined) this.#out.push({ event: "error", reason: "REFUSED", detail: other });
  }

  elapsed(now: Millis): void {
    for (const { ticket, isMany } of this.#requests.due(now)) {
      this.#discard(ticket);
      if (isMany) this.#out.push({ event: "answered", ticket });
      else this.#fail(ticket, "TIMEOUT", "nobody answered in time");
    }
  }

  /** A connection is no more that was asked on it. */
  failAllOn(link: Link | undefined, reason: Reason, detail: string): void {
    for (const { purpose, ticket } of link?.pendingPings ?? []) {
      if (purpose === "flush") this.#fail(ticket, reason, detail);
      else if (purpose === "drain") this.#failDrain(ticket, reason, detail);
    }
    if (link?.phase === "ready") this.failAll(reason, detail);
  }

  /** No reply comes any more for any request. */
  failAll(reason: Reason, detail: string): void {
    for (const ticket of this.#requests.clear()) {
      this.#discard(ticket);
      this.#fail(ticket, reason, detail);
    }
  }

  #failDrain(ticket: Ticket, reason: Reason, detail: string): void {
    this.#endDrained(ticket);
    this.#fail(ticket, reason, detail);
  }

  #endDrained(ticket: Ticket): void {
    const subscriptions = this.#draining.get(ticket) ?? [];
    this.#draining.delete(ticket);
    this.#host.end(subscriptions);
  }

  #ticketOfReply(reply = ""): Ticket {
    for (const [ticket, { subject }] of this.#ownInboxes) if (subject === reply) return ticket;
    return this.#requests.ticketOf(reply);
  }

  #discard(ticket: Ticket): void {
    const own = this.#ownInboxes.get(ticket);
    if (this.#ownInboxes.delete(ticket) && own !== undefined) this.#host.discard(own);
  }

  #fail(ticket: Ticket, reason: Reason, detail: string): void {
    this.#out.push({ event: "failed", ticket, reason, detail });
  }
}

const STATUS_503 = "NATS/1.0 503";

/** An empty message with the status 503. */
function isNoResponders({ headers, payload }: Msg): boolean {
  if (headers === undefined || headers.length < STATUS_503.length || payload.length > 0) return false;
  for (let i = 0; i < STATUS_503.length; i++) if (headers[i] !== STATUS_503.charCodeAt(i)) return false;
  return true;
}
