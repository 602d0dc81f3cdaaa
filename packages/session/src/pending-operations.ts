// SPDX-License-Identifier: Apache-2.0
import type { Msg } from "@natswire/codec";
import type { Millis } from "./config.ts";
import type { SessionContext } from "./context.ts";
import type { Inbound } from "./inbound.ts";
import type { Link } from "./link.ts";
import type { Outbound, Outgoing, RejectedMessage } from "./outbound.ts";
import type { Outcome, Reason, Ticket } from "./outputs.ts";
import { type Many, Requests } from "./requests.ts";
import { type Subscription, type Subscriptions, UNBOUNDED } from "./subscriptions.ts";
import { checkNumbers } from "./validate.ts";

/** The options of a request. */
export interface RequestOptions {
  /** Milliseconds to wait for the reply, or for all replies. */
  readonly timeout: Millis;
  /** Accepts more than one reply. */
  readonly many?: Many | undefined;
  /** Receives the replies on a subscription of its own, for servers that permit no other. Implied by `reply`. */
  readonly noMux?: boolean | undefined;
  /** The subject that the replies are sent to. Default: one below the session's inbox. */
  readonly reply?: string | undefined;
}

/** The parts of a session that an operation needs. */
export interface OperationParts {
  readonly subscriptions: Subscriptions;
  readonly inbound: Inbound;
  readonly outbound: Outbound;
}

// The ticket of the inbox that is shared by all requests without one of their own.
const SHARED_INBOX: Ticket = 0;

/** Requests, flushes and drains in progress, each with its ticket. Each of them ends with exactly one event. */
export class PendingOperations {
  readonly #context: SessionContext;
  readonly #subscriptions: Subscriptions;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #requests: Requests;
  #hasInbox = false;
  readonly #ownInboxes = new Map<Ticket, Subscription>();
  readonly #draining = new Map<Ticket, readonly Subscription[]>();
  #lastTicket = 0;

  constructor(context: SessionContext, { subscriptions, inbound, outbound }: OperationParts) {
    this.#context = context;
    this.#subscriptions = subscriptions;
    this.#inbound = inbound;
    this.#outbound = outbound;
    this.#requests = new Requests(context.config.inboxPrefix, context.config.random);
  }

  /** When the next request times out. */
  get deadline(): Millis | undefined {
    return this.#requests.deadline;
  }

  /** @throws UsageError as `publish` does, and BAD_NUMBER if a time or a number is not positive */
  request(subject: string, message: Omit<Outgoing, "reply">, options: RequestOptions): Ticket {
    const { timeout, many } = options;
    const noMux = options.noMux === true || options.reply !== undefined;
    // The common case costs one comparison.
    if (many !== undefined || typeof timeout !== "number" || !(timeout > 0))
      checkNumbers({ timeout, maxMessages: many?.maxMessages, stall: many?.stall });
    const ticket = this.#lastTicket + 1;
    const reply = options.reply ?? this.#requests.replyTo(ticket, noMux);
    let ownInbox: Subscription | undefined;
    if (noMux) ownInbox = this.#subscriptions.subscribe(reply, UNBOUNDED, ticket);
    else if (!this.#hasInbox) {
      this.#subscriptions.subscribe(this.#requests.pattern, UNBOUNDED, SHARED_INBOX);
      this.#hasInbox = true;
    }
    let outcome: Outcome = "refused";
    try {
      outcome = this.#outbound.publish(subject, { ...message, reply });
    } finally {
      if (ownInbox !== undefined && !isSent(outcome)) this.#inbound.remove(ownInbox);
    }
    this.#lastTicket = ticket;
    if (isSent(outcome)) {
      this.#requests.add(ticket, { subject, timeout, many, replies: 0 }, this.#context.now);
      if (ownInbox !== undefined) this.#ownInboxes.set(ticket, ownInbox);
    } else
      this.#fail(ticket, "LOST", this.#isBuffering() ? "not sent: maxPending is reached" : "not sent: no connection");
    return ticket;
  }

  /** Forgets a request: no event follows. */
  cancel(ticket: Ticket): void {
    this.#requests.cancel(ticket);
    this.#discard(ticket);
  }

  /** Sends a PING, whose PONG says that the server has read all that was published before. */
  flush(): Ticket {
    const ticket = ++this.#lastTicket;
    const link = this.#context.readyLink;
    if (link === undefined) this.#fail(ticket, ...this.#whyNoLink());
    else link.ping("flush", ticket);
    return ticket;
  }

  /** Sends a PING behind the UNSUB of each subscription, so that after its PONG no message is on its way. */
  drain(subscriptions: readonly Subscription[]): Ticket {
    const ticket = ++this.#lastTicket;
    const link = this.#context.readyLink;
    for (const { sid } of subscriptions) link?.unsubscribe(sid);
    this.#draining.set(ticket, subscriptions);
    if (link === undefined) this.#failDrain(ticket, ...this.#whyNoLink());
    else link.ping("drain", ticket);
    return ticket;
  }

  /** Completes a flush or a drain, whose PONG was received. */
  complete(purpose: "flush" | "drain", ticket: Ticket): void {
    if (purpose === "flush") return this.#context.emit({ event: "flushed", ticket });
    this.#endDrained(ticket);
    this.#context.emit({ event: "drained", ticket });
  }

  /**
   * Settles a request, or one reply of it.
   *
   * @param inbox the ticket of the inbox that received the message
   * @returns false if no request waits for this reply
   */
  reply(message: Msg, inbox: Ticket): boolean {
    const ticket = inbox === SHARED_INBOX ? this.#requests.ticketOf(message.subject) : inbox;
    if (isNoResponders(message)) return this.#noResponders(ticket);
    const settled = this.#requests.settle(ticket, message.payload.length === 0, this.#context.now);
    if (settled === "unmatched") return false;
    this.#context.emit({ event: "reply", ticket, message });
    if (settled === "last") this.#context.emit({ event: "answered", ticket });
    if (settled !== "more") this.#discard(ticket);
    return true;
  }

  /** Fails the requests whose buffered message the server does not accept. Reports the last of the other messages. */
  reject(messages: readonly RejectedMessage[]): void {
    let other: string | undefined;
    for (const { reply, detail } of messages) {
      const ticket = this.#ticketOfReply(reply);
      if (this.#requests.cancel(ticket)) {
        this.#discard(ticket);
        this.#fail(ticket, "REFUSED", detail);
      } else other = detail;
    }
    if (other !== undefined) this.#context.emit({ event: "error", reason: "REFUSED", detail: other });
  }

  /** Ends the requests whose time is over. */
  elapsed(): void {
    for (const [ticket, { subject, timeout, many }] of this.#requests.due(this.#context.now)) {
      this.#discard(ticket);
      if (many !== undefined) this.#context.emit({ event: "answered", ticket });
      // A request that was sent fails with its connection. Without a connection this one is still in the buffer.
      else if (this.#context.readyLink === undefined)
        this.#fail(ticket, "TIMEOUT", `not sent: no connection for ${timeout} ms`);
      else this.#fail(ticket, "TIMEOUT", `no reply on ${JSON.stringify(subject)} within ${timeout} ms`);
    }
  }

  /** Fails the flushes and drains of a connection that has ended, and the requests if it was ready. */
  failAllOn(link: Link | undefined, reason: Reason, detail: string): void {
    for (const { purpose, ticket } of link?.pendingPings ?? []) {
      if (purpose === "flush") this.#fail(ticket, reason, detail);
      else if (purpose === "drain") this.#failDrain(ticket, reason, detail);
    }
    if (link?.phase === "ready") this.failAll(reason, detail);
  }

  /** Fails all requests. */
  failAll(reason: Reason, detail: string): void {
    for (const ticket of this.#requests.clear()) {
      this.#discard(ticket);
      this.#fail(ticket, reason, detail);
    }
  }

  #noResponders(ticket: Ticket): boolean {
    const request = this.#requests.get(ticket);
    if (request === undefined) return false;
    this.cancel(ticket);
    this.#fail(ticket, "NO_RESPONDERS", `no subscriber on ${JSON.stringify(request.subject)}`);
    return true;
  }

  /** Returns whether messages are sent, or buffered until they are. */
  #isBuffering(): boolean {
    return this.#context.readyLink !== undefined || this.#context.config.whileDisconnected === "buffer";
  }

  /** Returns why there is no connection for a flush or a drain. */
  #whyNoLink(): readonly [Reason, detail: string] {
    return this.#context.phase === "closed" ? ["CLOSED", "the connection is closed"] : ["LOST", "no connection"];
  }

  #failDrain(ticket: Ticket, reason: Reason, detail: string): void {
    this.#endDrained(ticket);
    this.#fail(ticket, reason, detail);
  }

  #endDrained(ticket: Ticket): void {
    const subscriptions = this.#draining.get(ticket) ?? [];
    this.#draining.delete(ticket);
    this.#inbound.end(subscriptions, undefined);
  }

  #ticketOfReply(reply = ""): Ticket {
    for (const [ticket, { subject }] of this.#ownInboxes) if (subject === reply) return ticket;
    return this.#requests.ticketOf(reply);
  }

  /** Removes the inbox of a request, if it has one of its own. */
  #discard(ticket: Ticket): void {
    const inbox = this.#ownInboxes.get(ticket);
    if (this.#ownInboxes.delete(ticket) && inbox !== undefined) this.#inbound.remove(inbox);
  }

  #fail(ticket: Ticket, reason: Reason, detail: string): void {
    this.#context.emit({ event: "failed", ticket, reason, detail });
  }
}

function isSent(outcome: Outcome): boolean {
  return outcome === "accepted" || outcome === "full";
}

const STATUS_503 = "NATS/1.0 503";

/** Returns whether a message is empty and has the status 503: the server found no subscriber. */
function isNoResponders({ headers, payload }: Msg): boolean {
  if (headers === undefined || headers.length < STATUS_503.length || payload.length > 0) return false;
  for (let i = 0; i < STATUS_503.length; i++) if (headers[i] !== STATUS_503.charCodeAt(i)) return false;
  return true;
}
