// SPDX-License-Identifier: Apache-2.0
import type { FrameCursor, Msg } from "@natswire/codec";
import type { Millis } from "./config.ts";
import type { SessionContext } from "./context.ts";
import type { ParsedDenial } from "./denial.ts";
import type { Inbound } from "./inbound.ts";
import { Inbox } from "./inbox.ts";
import type { Link } from "./link.ts";
import { type Many, type Operation, Operations } from "./operations.ts";
import type { Outbound, Outgoing, RejectedMessage } from "./outbound.ts";
import type { Event, Failure, Outcome, Reason, SubscriptionId, Ticket } from "./outputs.ts";
import { type Subscription, type Subscriptions, UNBOUNDED } from "./subscriptions.ts";
import { Timer, Timers } from "./timers.ts";
import { checkNumbers } from "./validate.ts";

/** The options of a request. */
export interface RequestOptions {
  /** Milliseconds to wait for the reply, or for all replies. Default: 1,000. */
  readonly timeout?: Millis | undefined;
  /** Accepts more than one reply. */
  readonly many?: Many | undefined;
  /** Receives the replies on a subscription of its own, for servers that permit no wildcard. Implied by `reply`. */
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

const NOTHING = /* @__PURE__ */ new Uint8Array(0);
const DEFAULT_TIMEOUT: Millis = 1000;
// The ticket of the inbox that is shared by all requests without one of their own.
const SHARED_INBOX: Ticket = 0;
const FULL: readonly [Reason, detail: string] = ["FULL", "maxPending is reached"];

/** Requests, flushes and drains in progress, each with its ticket. Each of them ends with exactly one event. */
export class PendingOperations {
  readonly #context: SessionContext;
  readonly #subscriptions: Subscriptions;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #inbox: Inbox;
  /** The sid of the shared inbox, or -1, which no frame has. */
  inboxSid: SubscriptionId = -1;
  // The request that the frame decoded last answers: it was found before the frame was made.
  #answered: Operation | undefined;
  readonly #operations = new Operations();
  readonly #timers = new Timers<Operation>();
  readonly #draft: { -readonly [Field in keyof Outgoing]: Outgoing[Field] } = {
    reply: undefined,
    headers: undefined,
    payload: NOTHING,
    isCopied: undefined,
  };

  constructor(context: SessionContext, { subscriptions, inbound, outbound }: OperationParts) {
    this.#context = context;
    this.#subscriptions = subscriptions;
    this.#inbound = inbound;
    this.#outbound = outbound;
    this.#inbox = new Inbox(context.config.inboxPrefix, context.config.random);
  }

  /** When the next request times out. */
  get deadline(): Millis | undefined {
    return this.#timers.deadline;
  }

  /** What the application gave with each request in progress. */
  get callers(): unknown[] {
    return [...this.#operations].filter(({ reply }) => reply !== "").map(({ caller }) => caller);
  }

  /**
   * Publishes a request, and begins to wait for its replies.
   *
   * @throws UsageError as `publish` does, and BAD_NUMBER if a time or a number is not positive
   */
  request(subject: string, message: Omit<Outgoing, "reply">, options: RequestOptions, caller: unknown): Ticket {
    const { timeout = DEFAULT_TIMEOUT, many, noMux } = options;
    // The common case costs one comparison.
    if (many !== undefined || typeof timeout !== "number" || !(timeout > 0))
      checkNumbers({ timeout, maxMessages: many?.maxMessages, stall: many?.stall });
    const isOwn = noMux === true || options.reply !== undefined;
    if (!isOwn && this.inboxSid < 0) {
      this.inboxSid = this.#subscriptions.subscribe(this.#inbox.pattern, UNBOUNDED, SHARED_INBOX).sid;
    }
    const operation = this.#operations.begin(caller);
    const { ticket } = operation;
    const reply = options.reply ?? this.#inbox.replyTo(operation.slot, isOwn);
    let outcome: Outcome = "refused";
    try {
      if (isOwn) operation.inbox = this.#subscriptions.subscribe(reply, UNBOUNDED, ticket);
      outcome = this.#outbound.publish(subject, this.#filled(message, reply), ticket);
    } finally {
      // The draft keeps nothing of the request alive.
      this.#draft.headers = undefined;
      this.#draft.payload = NOTHING;
      if (!isSent(outcome)) this.#end(operation);
    }
    if (!isSent(outcome)) {
      const [reason, detail] = this.#isBuffering() ? FULL : this.#whyNoLink();
      this.#context.emit({ event: "failed", ticket, caller, reason, detail: `not sent: ${detail}` });
      return ticket;
    }
    operation.subject = subject;
    operation.reply = reply;
    operation.timeout = timeout;
    operation.many = many;
    operation.message = this.#outbound.counts.published;
    this.#timers.start(operation.timer, timeout, this.#context.now);
    return ticket;
  }

  /** Gives up an operation: no event follows. A request that was not sent yet is never sent. */
  cancel(ticket: Ticket): void {
    const operation = this.#operations.get(ticket);
    if (operation === undefined) return;
    this.#outbound.withdraw(operation.message);
    this.#end(operation);
  }

  /**
   * Sends a PING, whose PONG says that the server has read all that was published before. Without a connection, waits for
   * the next one.
   */
  flush(caller: unknown): Ticket {
    const operation = this.#operations.begin(caller);
    const { ticket } = operation;
    const link = this.#context.readyLink;
    if (this.#context.phase === "closed") this.#fail(operation, ...this.#whyNoLink());
    else if (link === undefined) operation.waits = true;
    else link.ping("flush", ticket);
    return ticket;
  }

  /** Sends UNSUB for each subscription, then a PING. After its PONG no message is in flight. */
  drain(subscriptions: readonly Subscription[], caller: unknown): Ticket {
    const operation = this.#operations.begin(caller);
    const { ticket } = operation;
    const link = this.#context.readyLink;
    for (const { sid } of subscriptions) link?.unsubscribe(sid);
    operation.draining = subscriptions;
    if (link === undefined) this.#fail(operation, ...this.#whyNoLink());
    else link.ping("drain", ticket);
    return ticket;
  }

  /** Sends the PINGs of the flushes that wait for a connection. */
  connected(link: Link): void {
    for (const operation of this.#operations) {
      if (!operation.waits) continue;
      operation.waits = false;
      link.ping("flush", operation.ticket);
    }
  }

  /** Completes a flush or a drain, whose PONG was received. */
  complete(purpose: "flush" | "drain", ticket: Ticket): void {
    const operation = this.#operations.get(ticket);
    if (operation === undefined) return;
    const { caller } = operation;
    this.#end(operation);
    this.#context.emit({ event: purpose === "flush" ? "flushed" : "drained", ticket, caller });
  }

  /**
   * Returns the reply subject of the request that a message to the shared inbox answers. The subject of the message has the
   * same bytes, so it need not be decoded (`client request, 500 at once 16 B`).
   */
  replySubjectOf(message: FrameCursor): string | undefined {
    const operation = this.#operations.at(this.#inbox.slotOf(message));
    this.#answered = operation !== undefined && message.isSubject(operation.reply) ? operation : undefined;
    return this.#answered?.reply;
  }

  /**
   * Returns the request that waits for the message decoded last.
   *
   * @param inbox the ticket of the inbox that received the message
   */
  find(inbox: Ticket): Operation | undefined {
    return inbox === SHARED_INBOX ? this.#answered : this.#operations.get(inbox);
  }

  /** Returns the event of a reply, or of the failure that it reports, if that is the only output. Other outputs are emitted. */
  reply(operation: Operation, message: Msg): Event | undefined {
    const { ticket, caller, many, timeout } = operation;
    if (isNoResponders(message)) {
      const detail = `no subscriber on ${JSON.stringify(operation.subject)}`;
      this.#end(operation);
      return { event: "failed", ticket, caller, reason: "NO_RESPONDERS", detail };
    }
    operation.replies++;
    const isEmpty = message.payload.length === 0;
    if (many === undefined) this.#end(operation);
    else if (operation.replies === many.maxMessages || (many.sentinel === true && isEmpty)) {
      this.#end(operation);
      this.#context.emit({ event: "reply", ticket, caller, message });
      this.#context.emit({ event: "answered", ticket, caller });
      return undefined;
    } else if (many.stall !== undefined && many.stall < timeout) {
      // A stall that is not shorter than the timeout makes no difference.
      operation.stall ??= new Timer(operation);
      this.#timers.start(operation.stall, many.stall, this.#context.now);
    }
    return { event: "reply", ticket, caller, message };
  }

  /** Fails the requests whose buffered message the server does not accept. Reports the last of the other messages. */
  reject(messages: readonly RejectedMessage[]): void {
    let other: string | undefined;
    for (const { ticket, detail } of messages) {
      const operation = ticket === undefined ? undefined : this.#operations.get(ticket);
      if (operation === undefined) other = detail;
      else this.#fail(operation, "REFUSED", detail);
    }
    if (other !== undefined) this.#context.emit({ event: "error", reason: "REFUSED", detail: other });
  }

  /**
   * Fails the first request with the denied subject or reply subject, but none that the server has read before the denied one.
   * If more text follows the names, it fails none: the text is about the content of a message, and any message may have it.
   */
  deny({ denial, isReply, rest }: ParsedDenial, detail: string): void {
    // The server has read all messages up to this number. If messages were dropped, it has read some of the next ones too.
    const accepted = this.#outbound.counts.confirmed + this.#outbound.counts.unknown;
    const [first] = [...this.#operations]
      .filter(({ message, reply, subject }) => message > accepted && (isReply ? reply : subject) === denial.subject)
      .sort((one, other) => one.message - other.message);
    if (first !== undefined && rest === "") this.#refuse(first, { reason: "PERMISSION", detail, denial });
  }

  /** Fails the requests whose inbox the server does not accept. The next request subscribes to the inbox again. */
  denyInbox(inbox: Subscription, failure: Failure): void {
    this.#inbound.remove(inbox);
    if (inbox.ticket === SHARED_INBOX) this.inboxSid = -1;
    for (const operation of this.#operations) {
      const uses = operation.reply !== "" && operation.inbox === undefined;
      if (inbox.ticket === SHARED_INBOX ? uses : operation.inbox === inbox) this.#refuse(operation, failure);
    }
  }

  /** Ends the requests whose time is over. */
  elapsed(): void {
    for (let due = this.#takeDue(); due !== undefined; due = this.#takeDue()) {
      const { ticket, caller, subject, timeout, many } = due;
      // The caller gives it up, so it is never sent later.
      if (this.#outbound.withdraw(due.message)) this.#fail(due, "TIMEOUT", `not sent: no connection for ${timeout} ms`);
      else if (many === undefined) {
        this.#fail(due, "TIMEOUT", `no reply on ${JSON.stringify(subject)} within ${timeout} ms`);
      } else {
        this.#end(due);
        this.#context.emit({ event: "answered", ticket, caller });
      }
    }
  }

  /** Fails all operations. */
  failAll(reason: Reason, detail: string): void {
    for (const operation of this.#operations) this.#fail(operation, reason, detail);
  }

  /** Fills and returns the draft: a new object for each request would take memory. */
  #filled({ headers, payload, isCopied }: Omit<Outgoing, "reply">, reply: string): Outgoing {
    this.#draft.reply = reply;
    this.#draft.headers = headers;
    this.#draft.payload = payload;
    this.#draft.isCopied = isCopied;
    return this.#draft;
  }

  #takeDue(): Operation | undefined {
    return this.#timers.takeDue(this.#context.now);
  }

  /** Returns whether messages are sent, or buffered until they are. */
  #isBuffering(): boolean {
    return this.#context.readyLink !== undefined || this.#context.config.whileDisconnected === "buffer";
  }

  /** Returns why there is no connection for a flush or a drain. */
  #whyNoLink(): readonly [Reason, detail: string] {
    return this.#context.phase === "closed" ? ["CLOSED", "the connection is closed"] : ["LOST", "no connection"];
  }

  #fail(operation: Operation, reason: Reason, detail: string): void {
    this.#refuse(operation, { reason, detail });
  }

  #refuse(operation: Operation, failure: Failure): void {
    const { ticket, caller } = operation;
    this.#end(operation);
    this.#context.emit({ event: "failed", ticket, caller, ...failure });
  }

  /** Ends an operation: stops its timers, and ends its own inbox or the subscriptions that it drains. */
  #end(operation: Operation): void {
    const { inbox, draining, stall } = operation;
    this.#timers.stop(operation.timer);
    if (stall !== undefined) this.#timers.stop(stall);
    this.#operations.end(operation);
    if (inbox !== undefined) this.#inbound.remove(inbox);
    if (draining !== undefined) this.#inbound.end(draining, undefined);
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
