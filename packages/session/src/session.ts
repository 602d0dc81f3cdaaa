// SPDX-License-Identifier: Apache-2.0
import { type ServerInfo, UsageError } from "@natswire/codec";
import { type Millis, resolveConfig, type SessionConfig } from "./config.ts";
import { FrameHandler, HEARD } from "./frame-handler.ts";
import type { Failure } from "./handshake.ts";
import { Inbound, type MessageEvent } from "./inbound.ts";
import type { Link, PendingPing } from "./link.ts";
import { Outbound, type Outgoing } from "./outbound.ts";
import type {
  Action,
  ConnectionStats,
  Credentials,
  Event,
  Outcome,
  Reason,
  SubscriptionId,
  Ticket,
} from "./outputs.ts";
import { PendingOperations, type RequestOptions } from "./pending-operations.ts";
import { Queue } from "./queue.ts";
import { ConnectScheduler } from "./servers/scheduler.ts";
import { checkMax, type Subscription, type SubscriptionOptions, Subscriptions } from "./subscriptions.ts";

/**
 * The client without IO: tell it what happened and what is wished, pull what to do and to tell.
 *
 * After each call, write what `transmit` gives, do what `poll` asks and tell what it tells, and call `elapsed` at
 * `deadline`. It reads no clock: `now` is monotonic milliseconds, and a smaller one counts as equal. Every call is
 * legal at any time.
 */
export class Session {
  readonly #config: SessionConfig;
  readonly #scheduler: ConnectScheduler;
  readonly #subscriptions: Subscriptions;
  readonly #operations: PendingOperations;
  readonly #outputs = new Queue<Action | Event>();
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #frames: FrameHandler;
  #link: Link | undefined;
  #now: Millis;
  #retryAt: Millis | undefined;
  // Of the connection, or the attempt at one, that failed last.
  #failure!: Failure;
  #isClosed = false;

  /** @throws UsageError BAD_FIELD, BAD_NUMBER where the configuration makes no sense */
  constructor(given: Partial<SessionConfig> & Pick<SessionConfig, "random" | "servers">, now: Millis) {
    this.#now = now;
    this.#config = resolveConfig(given);
    this.#subscriptions = new Subscriptions(this.#config.maxControlLine);
    this.#scheduler = new ConnectScheduler(this.#config, (detail) =>
      this.#outputs.push({ event: "error", reason: "LOST", detail }),
    );
    this.#operations = new PendingOperations(this.#config, this.#outputs, {
      publish: (subject, message) => this.publish(subject, message),
      subscribe: (subject, options, ticket) => this.#subscribe(subject, options, ticket),
      discard: (subscription) => this.#remove(subscription),
      end: (subscriptions) => this.#inbound.end(subscriptions, undefined),
    });
    const unsubscribe = (sid: SubscriptionId): void => this.#readyLink?.unsubscribe(sid);
    this.#inbound = new Inbound(this.#subscriptions, this.#operations, this.#outputs, unsubscribe);
    this.#outbound = new Outbound(this.#config);
    this.#frames = new FrameHandler(this.#config, this.#outputs, {
      pong: (link, question) => this.#pong(link, question),
      confirmed: (link, published) => this.#outbound.confirm(link, published),
      message: (frame) => this.#inbound.deliver(frame, this.#now),
      discover: (link, connectUrls) => this.#discover(link, connectUrls),
      fail: (reason, detail) => this.#fail(reason, detail),
    });
    this.#dial();
  }

  // ---- what happened ------------------------------------------------------------------------------------------------

  /** The connection that was dialled is there. */
  opened(now: Millis): void {
    this.#tick(now);
    if (this.#link !== undefined) this.#frames.opened(this.#link);
  }

  /** Bytes came, which `poll` reads. The chunk is given away: payloads of messages are views of it. */
  received(chunk: Uint8Array, now: Millis): void {
    this.#tick(now);
    if (this.#link !== undefined && !this.#isClosed) this.#frames.received(this.#link, chunk);
  }

  /** TLS is there. */
  secured(now: Millis): void {
    this.#tick(now);
    if (this.#link !== undefined) this.#frames.secured(this.#link);
  }

  /** What CONNECT is to carry. */
  signed(credentials: Credentials, now: Millis): void {
    this.#tick(now);
    if (this.#link?.phase === "signing") this.#frames.sendConnect(this.#link, credentials);
  }

  /** The oldest `bytes` transmitted are no longer read. */
  released(bytes: number): void {
    this.#link?.released(bytes);
    this.#reportReady();
  }

  /** So many messages of a subscription, of so many bytes, are consumed. */
  consumed(sid: SubscriptionId, messages: number, bytes: number): void {
    this.#inbound.consumed(sid, messages, bytes);
  }

  /** The connection ended, or never came to be. */
  lost(detail: string, now: Millis): void {
    const link = this.#link;
    this.#advanceAll(now);
    const reason = link?.phase === "dialing" ? "REFUSED" : link?.phase === "securing" ? "TLS" : "LOST";
    // It may have been over before, by the last that was heard, and what there is be another one.
    if (this.#link === link) this.#fail(reason, detail, false);
  }

  /** Time passed. */
  elapsed(now: Millis): void {
    this.#advanceAll(now);
    if (this.#isClosed) return;
    this.#operations.elapsed(this.#now);
    if (this.#retryAt !== undefined && this.#retryAt <= this.#now) this.#dial();
    const link = this.#link;
    if (link === undefined) return;
    if (link.becameStable(this.#now)) this.#scheduler.markStable();
    const failure = link.elapsed(this.#now, this.#config, () => this.#inbound.wasPaused());
    if (failure !== undefined) this.#fail(failure.reason, failure.detail);
  }

  // ---- what is wished -----------------------------------------------------------------------------------------------

  /**
   * Sends a message, or keeps it until there is a connection. Its bytes must not be changed before they are released,
   * unless it is to be copied.
   *
   * @throws UsageError where it could not go on the wire, is larger than the server takes, or the session is closed
   */
  publish(subject: string, message: Outgoing): Outcome {
    this.#checkOpen();
    return this.#outbound.publish(subject, message, this.#readyLink);
  }

  /** @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_NUMBER, TOO_LARGE, CLOSED */
  subscribe(subject: string, options: SubscriptionOptions = {}): SubscriptionId {
    this.#checkOpen();
    return this.#subscribe(subject, options).sid;
  }

  /**
   * Ends a subscription, now or after so many messages since it began.
   *
   * @throws UsageError BAD_NUMBER
   */
  unsubscribe(sid: SubscriptionId, max?: number): void {
    checkMax(max);
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined || subscription.ticket !== undefined) return;
    if (max === undefined || subscription.received >= max) return this.#end(subscription, undefined);
    this.#readyLink?.setMax(subscription, max);
    subscription.max = max;
  }

  /**
   * Publishes and waits for a reply, which comes as `reply`, or as `failed`; for many of them, until `answered`.
   *
   * @throws UsageError as `publish` does, and BAD_NUMBER where the timeout is none
   */
  request(subject: string, message: Omit<Outgoing, "reply">, options: RequestOptions, now: Millis): Ticket {
    this.#tick(now);
    this.#checkOpen();
    return this.#operations.request(subject, message, options, this.#now);
  }

  /** Nobody waits for its reply any more. */
  cancel(ticket: Ticket): void {
    this.#operations.cancel(ticket);
  }

  /** Asks whether all that was published before has reached the server: `flushed`, or `failed`. */
  flush(now: Millis): Ticket {
    this.#tick(now);
    return this.#operations.flush(this.#readyLink, this.#isClosed ? "CLOSED" : "LOST");
  }

  /**
   * Ends a subscription, or all there are, behind the messages that are under way to it: `drained`, or `failed` where
   * there is no connection any more, and then no message comes either.
   */
  drain(now: Millis, of?: SubscriptionId): Ticket {
    this.#tick(now);
    const drained = this.#subscriptions.drainable(of);
    for (const { sid } of drained) this.#readyLink?.unsubscribe(sid);
    return this.#operations.drain(this.#readyLink, this.#isClosed ? "CLOSED" : "LOST", drained);
  }

  /** Leaves the server for another, as if the connection had been lost. */
  reconnect(now: Millis): void {
    this.#advanceAll(now);
    if (this.#readyLink !== undefined) this.#fail("LOST", "a new connection was asked for");
  }

  /**
   * Replaces the servers to go to; the connection there is stays.
   *
   * @throws UsageError BAD_FIELD where there is none, or one is none, and then the old ones stay
   */
  setServers(servers: readonly string[]): void {
    this.#scheduler.setServers(servers);
  }

  /** Ends the session behind what was published. */
  close(now: Millis): void {
    this.#advanceAll(now);
    this.#finish("CLOSED", "the session was closed");
  }

  // ---- what comes of it ---------------------------------------------------------------------------------------------

  /** The next thing to do or to tell; call until it returns `undefined`. */
  poll(): Action | Event | undefined {
    let next = this.#outputs.shift() ?? this.#advance();
    while (next === HEARD) next = this.#outputs.shift() ?? this.#advance();
    return next;
  }

  /** The next bytes to write; call until it returns `undefined`. They stay as they are until `released`. */
  transmit(): Uint8Array | undefined {
    this.#advanceAll();
    return this.#link?.transmit();
  }

  /** When `elapsed` wants to be called; `undefined` while nothing waits for time to pass. */
  get deadline(): Millis | undefined {
    if (this.#isClosed) return undefined;
    const all = [this.#link?.deadline, this.#retryAt, this.#operations.deadline].filter((at) => at !== undefined);
    return all.length === 0 ? undefined : Math.min(...all);
  }

  /** The server's INFO, while there is a connection. */
  get info(): ServerInfo | undefined {
    return this.#readyLink?.info;
  }

  /** So much waits to be sent that `ready` will tell when there is room again. */
  get isFull(): boolean {
    return this.#outbound.isFull;
  }

  /** What became of the messages so far. */
  get stats(): ConnectionStats {
    const { reconnects } = this.#scheduler;
    const outbound = { ...this.#outbound.counts, ...this.#outbound.outstanding(this.#link) };
    return { ...outbound, ...this.#inbound.counts, ...this.#frames.counts, reconnects };
  }

  // ---- connections come and go --------------------------------------------------------------------------------------

  /** The connection, where it is ready for more than the handshake. */
  get #readyLink(): Link | undefined {
    return this.#link?.phase === "ready" && !this.#isClosed ? this.#link : undefined;
  }

  #dial(): void {
    this.#retryAt = undefined;
    const link = this.#scheduler.next(this.#now);
    if (link === undefined)
      return this.#finish(this.#failure.reason, `${this.#failure.detail}; no server is left to try`);
    this.#link = link;
    this.#outputs.push({ do: "dial", to: link.address.endpoint, timeout: this.#config.timeout });
  }

  #connected(link: Link): void {
    link.activate(this.#now, this.#config);
    const again = this.#scheduler.connected(link);
    for (const frame of this.#subscriptions.replay()) link.send(frame);
    const refused = this.#outbound.sendBuffered(link);
    this.#outputs.push({ event: "connected", to: link.address.endpoint, info: link.info, again });
    this.#operations.reject(refused);
    this.#discover(link, link.info.connect_urls);
    this.#reportReady();
  }

  #pong(link: Link, { purpose, ticket, published }: PendingPing): void {
    this.#outbound.confirm(link, published);
    if (purpose === "handshake") this.#connected(link);
    else if (purpose !== "keep-alive") this.#operations.complete(purpose, ticket);
  }

  #discover(link: Link, connectUrls: readonly string[] = []): void {
    if (this.#config.ignoreClusterUpdates) return;
    const servers = this.#scheduler.discover(connectUrls, link);
    if (servers.added.length + servers.deleted.length > 0) this.#outputs.push({ event: "update", servers });
  }

  /** The connection is over: another one, or the end. */
  #fail(reason: Reason, what: string, isThere = true): void {
    const link = this.#link;
    if (link === undefined || this.#isClosed) return;
    const detail = link.withServer(what);
    this.#failure = { reason, detail };
    this.#link = undefined;
    if (isThere) this.#outputs.push({ do: "close", flushed: false });
    this.#inbound.reset();
    this.#outbound.lost(link);
    this.#operations.failAllOn(link, "LOST", detail);
    if (link.phase === "ready") this.#outputs.push({ event: "disconnected", reason, detail });
    const after = this.#scheduler.delay();
    if (after === undefined) return this.#finish(reason, detail);
    this.#retryAt = this.#now + after;
    this.#outputs.push({ event: "reconnecting", after, reason, detail });
    if (after === 0) this.#dial();
  }

  #finish(reason: Reason, detail: string): void {
    if (this.#isClosed) return;
    const link = this.#link;
    if (link !== undefined) this.#outputs.push({ do: "close", flushed: link.phase === "ready" });
    this.#isClosed = true;
    this.#inbound.reset();
    this.#operations.failAllOn(link, "CLOSED", detail);
    this.#operations.failAll("CLOSED", detail);
    this.#inbound.end(this.#subscriptions, reason);
    this.#outbound.end(link);
    this.#outputs.push({ event: "closed", reason, detail });
  }

  #subscribe(subject: string, options: SubscriptionOptions, ticket?: Ticket): Subscription {
    const subscription = this.#subscriptions.add(subject, options, ticket);
    this.#readyLink?.subscribe(subscription);
    return subscription;
  }

  #remove(subscription: Subscription): void {
    this.#inbound.remove(subscription);
    this.#readyLink?.unsubscribe(subscription.sid);
  }

  #end(subscription: Subscription, reason: Reason | undefined): void {
    this.#remove(subscription);
    this.#outputs.push({ event: "unsubscribed", of: subscription.sid, reason });
  }

  #reportReady(): void {
    if (this.#outbound.becameReady(this.#readyLink)) this.#outputs.push({ event: "ready" });
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new UsageError("CLOSED", "the session is closed");
  }

  /** The next frame of what was received: one at a time, so that a message is told while it is young. */
  #advance(): MessageEvent | typeof HEARD | undefined {
    return this.#link === undefined || this.#isClosed ? undefined : this.#frames.next(this.#link, this.#now);
  }

  /** All that was received is heard: it may ask for an answer, and what ends a connection comes behind it. */
  #advanceAll(now: Millis = this.#now): void {
    this.#tick(now);
    for (let told = this.#advance(); told !== undefined; told = this.#advance())
      if (told !== HEARD) this.#outputs.push(told);
  }

  #tick(now: Millis): void {
    if (now > this.#now) this.#now = now;
  }
}
