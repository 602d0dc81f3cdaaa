// SPDX-License-Identifier: Apache-2.0
import { type ServerInfo, UsageError } from "@natswire/codec";
import { type Millis, resolveConfig, type SessionConfig } from "./config.ts";
import { SessionState } from "./context.ts";
import { FrameHandler } from "./frame-handler.ts";
import type { Failure } from "./handshake.ts";
import { Inbound } from "./inbound.ts";
import type { Link } from "./link.ts";
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
import { phases } from "./phases.ts";
import { ConnectScheduler } from "./servers/scheduler.ts";
import { checkMax, type SubscriptionOptions, Subscriptions } from "./subscriptions.ts";

/**
 * The client without IO: tell it what happened and what is wished, pull what to do and to tell.
 *
 * After each call, write what `transmit` gives, do what `poll` asks and tell what it tells, and call `elapsed` at
 * `deadline`. It reads no clock: `now` is monotonic milliseconds, and a smaller one counts as equal. Every call is
 * legal at any time.
 */
export class Session {
  readonly #state: SessionState;
  readonly #scheduler: ConnectScheduler;
  readonly #subscriptions: Subscriptions;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #operations: PendingOperations;
  readonly #frames: FrameHandler;
  #retryAt: Millis | undefined;
  // Of the last connection, or attempt, that failed.
  #failure!: Failure;

  /** @throws UsageError BAD_FIELD, BAD_NUMBER where the configuration makes no sense */
  constructor(options: Partial<SessionConfig> & Pick<SessionConfig, "random" | "servers">, now: Millis) {
    this.#state = new SessionState(resolveConfig(options), now, (reason, detail) => this.#fail(reason, detail));
    const scheduler = new ConnectScheduler(this.#state);
    const subscriptions = new Subscriptions(this.#state);
    const inbound = new Inbound(this.#state, subscriptions);
    const outbound = new Outbound(this.#state);
    const operations = new PendingOperations(this.#state, { subscriptions, inbound, outbound });
    this.#frames = new FrameHandler(this.#state, { scheduler, subscriptions, inbound, outbound, operations });
    this.#scheduler = scheduler;
    this.#subscriptions = subscriptions;
    this.#inbound = inbound;
    this.#outbound = outbound;
    this.#operations = operations;
    this.#dial();
  }

  // ---- what happened ------------------------------------------------------------------------------------------------

  /** The connection that was dialled is there. */
  opened(now: Millis): void {
    this.#tick(now);
    this.#frames.opened();
  }

  /** Bytes came, which `poll` reads. The chunk is given away: payloads of messages are views of it. */
  received(chunk: Uint8Array, now: Millis): void {
    this.#tick(now);
    this.#frames.received(chunk);
  }

  /** TLS is there. */
  secured(now: Millis): void {
    this.#tick(now);
    this.#frames.secured();
  }

  /** What CONNECT is to carry. */
  signed(credentials: Credentials, now: Millis): void {
    this.#tick(now);
    this.#frames.signed(credentials);
  }

  /** The oldest `bytes` transmitted are no longer read. */
  released(bytes: number): void {
    this.#state.link?.released(bytes);
    this.#outbound.reportReady();
  }

  /** So many messages of a subscription, of so many bytes, are consumed. */
  consumed(sid: SubscriptionId, messages: number, bytes: number): void {
    this.#inbound.consumed(sid, messages, bytes);
  }

  /** The connection ended, or never came to be. */
  lost(detail: string, now: Millis): void {
    const { link } = this.#state;
    this.#advanceAll(now);
    // The bytes received last may have ended this connection, and the current one is another.
    const { lost } = phases[this.#state.phase];
    if (this.#state.link === link && lost !== undefined) this.#fail(lost, detail, false);
  }

  /** Time passed. */
  elapsed(now: Millis): void {
    this.#advanceAll(now);
    if (this.#state.isClosed) return;
    this.#operations.elapsed();
    if (this.#retryAt !== undefined && this.#retryAt <= this.#state.now) this.#dial();
    const { link } = this.#state;
    if (link === undefined) return;
    if (link.becameStable(this.#state.now)) this.#scheduler.markStable();
    if (link.deadline > this.#state.now) return;
    if (link.phase === "ready") this.#keepAlive(link);
    else this.#fail("TIMEOUT", `not connected in ${this.#state.config.timeout} ms: ${link.phase}`);
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
    return this.#outbound.publish(subject, message);
  }

  /** @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_NUMBER, TOO_LARGE, CLOSED */
  subscribe(subject: string, options: SubscriptionOptions = {}): SubscriptionId {
    this.#checkOpen();
    return this.#subscriptions.subscribe(subject, options).sid;
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
    if (max === undefined || subscription.received >= max) {
      this.#inbound.remove(subscription);
      this.#state.emit({ event: "unsubscribed", of: sid, reason: undefined });
      return;
    }
    this.#state.readyLink?.setMax(subscription, max);
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
    return this.#operations.request(subject, message, options);
  }

  /** Nobody waits for its reply any more. */
  cancel(ticket: Ticket): void {
    this.#operations.cancel(ticket);
  }

  /** Asks whether all that was published before has reached the server: `flushed`, or `failed`. */
  flush(now: Millis): Ticket {
    this.#tick(now);
    return this.#operations.flush();
  }

  /**
   * Ends a subscription, or all there are, behind the messages that are under way to it: `drained`, or `failed` where
   * there is no connection any more, and then no message comes either.
   */
  drain(now: Millis, of?: SubscriptionId): Ticket {
    this.#tick(now);
    return this.#operations.drain(this.#subscriptions.drainable(of));
  }

  /** Leaves the server for another, as if the connection had been lost. */
  reconnect(now: Millis): void {
    this.#advanceAll(now);
    if (this.#state.readyLink !== undefined) this.#fail("LOST", "a new connection was asked for");
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
    let output = this.#state.outputs.shift();
    while (output === undefined) {
      const frame = this.#frames.pull();
      output = (frame && this.#frames.handle(frame)) ?? this.#state.outputs.shift();
      if (frame === undefined) break;
    }
    return output;
  }

  /** The next bytes to write; call until it returns `undefined`. They stay as they are until `released`. */
  transmit(): Uint8Array | undefined {
    this.#advanceAll();
    return this.#state.link?.transmit();
  }

  /** When `elapsed` wants to be called; `undefined` while nothing waits for time to pass. */
  get deadline(): Millis | undefined {
    if (this.#state.isClosed) return undefined;
    const all = [this.#state.link?.deadline, this.#retryAt, this.#operations.deadline].filter((at) => at !== undefined);
    return all.length === 0 ? undefined : Math.min(...all);
  }

  /** The server's INFO, while there is a connection. */
  get info(): ServerInfo | undefined {
    return this.#state.readyLink?.info;
  }

  /** So much waits to be sent that `ready` will tell when there is room again. */
  get isFull(): boolean {
    return this.#outbound.isFull;
  }

  /** What became of the messages so far. */
  get stats(): ConnectionStats {
    const { reconnects } = this.#scheduler;
    return { ...this.#outbound.counts, ...this.#outbound.outstanding, ...this.#frames.counts, reconnects };
  }

  // ---- connections --------------------------------------------------------------------------------------------------

  #dial(): void {
    this.#retryAt = undefined;
    const link = this.#scheduler.next();
    if (link === undefined)
      return this.#finish(this.#failure.reason, `${this.#failure.detail}; no server is left to try`);
    this.#state.link = link;
    this.#state.emit({ do: "dial", to: link.address.endpoint, timeout: this.#state.config.timeout });
  }

  #keepAlive(link: Link): void {
    const { config, now } = this.#state;
    link.schedulePing(now, config);
    // While reading is paused, the PONG may wait in the socket.
    if (this.#inbound.wasPaused()) return;
    const { unansweredPings } = link;
    if (unansweredPings >= config.maxPingOut) this.#fail("STALE", `${unansweredPings} PINGs unanswered`);
    else link.ping("keep-alive");
  }

  /**
   * Ends the current connection, and leads to the next one or to the end of the session.
   *
   * The order matters:
   *
   * 1. The session has no link any more, so that nothing below writes to the old one.
   * 2. `close`, unless the connection has ended by itself.
   * 3. A pause is forgotten: the next connection begins unpaused, and no `resume` is emitted.
   * 4. Unconfirmed messages are counted as unknown, so that the counts are right in each event.
   * 5. Operations on the connection fail, and drained subscriptions end: the application learns of them first.
   * 6. `disconnected`, if the handshake was complete.
   * 7. `reconnecting` and, if there is nothing to wait for, `dial`; or `closed`.
   *
   * @param isOpen whether the runtime still has the connection
   */
  #fail(reason: Reason, text: string, isOpen = true): void {
    const { link, isClosed } = this.#state;
    if (link === undefined || isClosed) return;
    const detail = link.withServer(text);
    this.#failure = { reason, detail };
    this.#state.link = undefined;
    if (isOpen) this.#state.emit({ do: "close", flushed: false });
    this.#inbound.reset();
    this.#outbound.lost(link);
    this.#operations.failAllOn(link, "LOST", detail);
    if (link.phase === "ready") this.#state.emit({ event: "disconnected", reason, detail });
    const after = this.#scheduler.delay();
    if (after === undefined) return this.#finish(reason, detail);
    this.#retryAt = this.#state.now + after;
    this.#state.emit({ event: "reconnecting", after, reason, detail });
    if (after === 0) this.#dial();
  }

  /** Closes the session for good. The order is that of `#fail`; `closed` is the last event. */
  #finish(reason: Reason, detail: string): void {
    if (this.#state.isClosed) return;
    const { link } = this.#state;
    if (link !== undefined) this.#state.emit({ do: "close", flushed: link.phase === "ready" });
    this.#state.isClosed = true;
    this.#inbound.reset();
    this.#operations.failAllOn(link, "CLOSED", detail);
    this.#operations.failAll("CLOSED", detail);
    this.#inbound.end(this.#subscriptions, reason);
    this.#outbound.end();
    this.#state.emit({ event: "closed", reason, detail });
  }

  #checkOpen(): void {
    if (this.#state.isClosed) throw new UsageError("CLOSED", "the session is closed");
  }

  /** Handles all that was received: it may be answered, and it precedes what happens next. */
  #advanceAll(now: Millis = this.#state.now): void {
    this.#tick(now);
    for (let frame = this.#frames.pull(); frame !== undefined; frame = this.#frames.pull()) {
      const message = this.#frames.handle(frame);
      if (message !== undefined) this.#state.emit(message);
    }
  }

  #tick(now: Millis): void {
    if (now > this.#state.now) this.#state.now = now;
  }
}
