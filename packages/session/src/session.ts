// SPDX-License-Identifier: Apache-2.0
import { type Options, type ServerInfo, UsageError } from "@natswire/codec";
import { type Millis, resolveConfig, type SessionConfig } from "./config.ts";
import { SessionState } from "./context.ts";
import { FrameHandler } from "./frame-handler.ts";
import { countsOf, Inbound } from "./inbound.ts";
import type { Link } from "./link.ts";
import { Outbound, type Outgoing } from "./outbound.ts";
import type {
  Action,
  ConnectionStats,
  Credentials,
  Event,
  Failure,
  Outcome,
  Reason,
  SubscriptionCounts,
  SubscriptionId,
  Ticket,
} from "./outputs.ts";
import { PendingOperations, type RequestOptions } from "./pending-operations.ts";
import { phases } from "./phases.ts";
import type { Endpoint } from "./servers/address.ts";
import { ConnectScheduler } from "./servers/scheduler.ts";
import { checkMax, type SubscriptionOptions, Subscriptions } from "./subscriptions.ts";

const CLOSED_DETAIL = "the connection is closed";

/**
 * A NATS client as a sans-IO state machine: it owns no socket, timer or random source.
 *
 * **Inputs** are named after what happened: `resolved`, `opened`, `received`, `secured`, `signed`, `released`, `consumed`,
 * `lost`, `elapsed`. **Requests** of the application: `publish`, `subscribe`, `unsubscribe`, `request`, `cancel`, `flush`,
 * `drain`, `reconnect`, `setServers`, `close`. **Outputs**: `poll`, `transmit`, `deadline`. **Queries**: `info`, `endpoint`,
 * `isFull`, `stats`, `callers`, `countsOf`.
 *
 * After every call:
 *
 * 1. Call `poll` until it returns `undefined`. Perform each action and hand each event to the application. Before an action,
 *    write what `transmit` returns: it belongs to the connection that the action changes.
 * 2. Call `transmit` until it returns `undefined`, and write the bytes. Call `released` after they are written.
 * 3. Schedule `elapsed` for `deadline`.
 *
 * Every method is valid in every state: an input that does not fit the state is ignored. `now` is in monotonic milliseconds;
 * earlier values are clamped. The constructor begins the first attempt: the first outputs are the event `connecting` and the
 * action `dial`, or `resolve` with `canResolve`.
 *
 * @example
 * ```ts
 * import { Session } from "@natswire/session";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const random = (into: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(into);
 * const session = new Session({ random, servers: ["localhost:4222"] }, 0);
 * session.subscribe("greet.*");
 *
 * session.opened(1);
 * session.received(bytes('INFO {"max_payload":1048576}\r\nPONG\r\nMSG greet.eve 1 5\r\nhello\r\n'), 2);
 * const outputs: string[] = [];
 * for (let output = session.poll(); output !== undefined; output = session.poll()) {
 *   outputs.push("do" in output ? output.do : output.event);
 * }
 * console.log(outputs.join(", ")); // connecting, dial, connected, message
 * ```
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
  // Why the last connection, or attempt, failed.
  #failure: Failure | undefined;
  readonly #bytes = { bytesSent: 0, bytesReceived: 0 };

  /**
   * Creates a session and begins the first attempt.
   *
   * @param now the current time in milliseconds
   * @throws UsageError BAD_FIELD, BAD_NUMBER, BAD_SUBJECT if an option is wrong
   */
  constructor(options: Options<SessionConfig> & Pick<SessionConfig, "random" | "servers">, now: Millis) {
    this.#state = new SessionState(resolveConfig(options), now, (reason, detail) => this.#fail(reason, detail));
    this.#scheduler = new ConnectScheduler(this.#state);
    this.#subscriptions = new Subscriptions(this.#state);
    this.#inbound = new Inbound(this.#state, this.#subscriptions);
    this.#outbound = new Outbound(this.#state);
    const parts = { subscriptions: this.#subscriptions, inbound: this.#inbound, outbound: this.#outbound };
    this.#operations = new PendingOperations(this.#state, parts);
    const all = { ...parts, scheduler: this.#scheduler, operations: this.#operations };
    this.#frames = new FrameHandler(this.#state, all);
    this.#dial();
  }

  // ---- inputs: what happened ------------------------------------------------------------------------------------------------

  /** Answers a `resolve` action with the IP addresses of the host. Without any, the host is dialed by its name. */
  resolved(addresses: readonly string[], now: Millis): void {
    this.#tick(now);
    this.#frames.resolved(addresses);
  }

  /** Reports that the dialed connection is open. */
  opened(now: Millis): void {
    this.#tick(now);
    this.#frames.opened();
  }

  /**
   * Stores received bytes, which `poll` decodes. The session owns the chunk from now on: payloads of messages are views of it,
   * so its memory must not be changed or reused.
   */
  received(chunk: Uint8Array, now: Millis): void {
    this.#tick(now);
    this.#bytes.bytesReceived += chunk.length;
    this.#frames.received(chunk);
  }

  /** Reports that the TLS handshake is complete. */
  secured(now: Millis): void {
    this.#tick(now);
    this.#frames.secured();
  }

  /** Answers a `sign` action with the credentials for CONNECT. */
  signed(credentials: Credentials, now: Millis): void {
    this.#tick(now);
    this.#frames.signed(credentials);
  }

  /** Reports that the oldest `bytes` of the transmitted bytes are written, and their memory is no longer read. */
  released(bytes: number): void {
    this.#state.link?.released(bytes);
    this.#outbound.reportReady();
  }

  /** Reports that the application has consumed messages of a subscription; `bytes` counts their payloads and headers. */
  consumed(sid: SubscriptionId, messages: number, bytes: number): void {
    this.#inbound.consumed(sid, messages, bytes);
  }

  /**
   * Reports that the connection has ended, or could not be opened. What was received before is decoded first.
   *
   * @param detail why, for errors, e.g. `connection refused`
   * @param reason the reason, if the runtime knows it; otherwise that of the phase
   */
  lost(detail: string, now: Millis, reason?: Reason): void {
    const { link } = this.#state;
    this.#advanceAll(now);
    // The bytes received last may have ended this connection, and the current one is another.
    const { lost } = phases[this.#state.phase];
    if (this.#state.link === link && lost !== undefined) this.#fail(reason ?? lost, detail, false);
  }

  /** Does what is due: timeouts, keep-alive PINGs, the next attempt. Call it at `deadline`; calling it earlier does nothing. */
  elapsed(now: Millis): void {
    this.#advanceAll(now);
    if (this.#state.isClosed) return;
    this.#operations.elapsed();
    this.#inbound.elapsed();
    if (this.#retryAt !== undefined && this.#retryAt <= this.#state.now) this.#dial();
    const { link } = this.#state;
    if (link === undefined) return;
    if (link.becameStable(this.#state.now)) this.#scheduler.markStable();
    if (link.deadline > this.#state.now) return;
    if (link.phase === "ready") this.#keepAlive(link);
    else this.#fail("TIMEOUT", `no ${phases[link.phase].awaited} within ${link.timeout} ms`);
  }

  // ---- requests of the application -----------------------------------------------------------------------------------------------

  /**
   * Publishes a message. Without a connection, does what the option `whileDisconnected` says.
   *
   * A payload above 8 KiB is borrowed: do not change it until it is released, or set `isCopied`.
   *
   * @returns `accepted`, or `full` (accepted; wait for the event `ready`), or `refused` or `dropped` (not sent)
   * @throws UsageError if the subject is not valid, the message is too large, or the session is closed
   */
  publish(subject: string, message: Outgoing): Outcome {
    this.#checkOpen();
    return this.#outbound.publish(subject, message);
  }

  /**
   * Begins a subscription, which lasts over all connections. Its messages are `message` events.
   *
   * @returns its sid
   * @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_NUMBER, BAD_FIELD, TOO_LARGE, CLOSED
   */
  subscribe(subject: string, options: SubscriptionOptions = {}): SubscriptionId {
    this.#checkOpen();
    return this.#subscriptions.subscribe(subject, options).sid;
  }

  /**
   * Ends a subscription, at once or after it has received `max` messages since it began. Emits `unsubscribed`.
   *
   * @throws UsageError BAD_NUMBER if `max` is not an integer from 1 to 999,999,999
   */
  unsubscribe(sid: SubscriptionId, max?: number): void {
    checkMax(max);
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined || subscription.ticket !== undefined) return;
    if (max === undefined || subscription.received >= max) {
      this.#inbound.remove(subscription);
      this.#state.emit({ event: "unsubscribed", of: sid, failure: undefined, counts: countsOf(subscription) });
      return;
    }
    this.#state.readyLink?.setMax(subscription, max);
    subscription.max = max;
  }

  /**
   * Publishes a message and waits for its reply: ends with the event `reply` or `failed`. A request for many replies has an
   * event `reply` for each, and ends with `answered` or `failed`.
   *
   * @param caller any value, which these events carry
   * @returns the ticket, which these events carry too
   * @throws UsageError as `publish` does, and BAD_NUMBER if a time or a number is not positive
   */
  request(
    subject: string,
    message: Omit<Outgoing, "reply">,
    options: RequestOptions,
    now: Millis,
    caller?: unknown,
  ): Ticket {
    this.#tick(now);
    this.#checkOpen();
    return this.#operations.request(subject, message, options, caller);
  }

  /** Gives up an operation. No event follows, and a request that waits for a connection is never sent. */
  cancel(ticket: Ticket): void {
    this.#operations.cancel(ticket);
  }

  /** Emits `flushed` after the server has read all that was published before, or `failed`. */
  flush(now: Millis, caller?: unknown): Ticket {
    this.#tick(now);
    return this.#operations.flush(caller);
  }

  /**
   * Ends one subscription, or all, after the messages that are in flight to it. Emits `unsubscribed` for each, then `drained`.
   * Without a connection it ends them at once, and emits `failed`.
   */
  drain(now: Millis, of?: SubscriptionId, caller?: unknown): Ticket {
    this.#tick(now);
    return this.#operations.drain(this.#subscriptions.drainable(of), caller);
  }

  /** Closes the connection and connects to the next server, as after a lost connection. Does nothing before the handshake. */
  reconnect(now: Millis): void {
    this.#advanceAll(now);
    if (this.#state.readyLink !== undefined) this.#fail("LOST", "reconnect requested");
  }

  /**
   * Replaces the servers for later attempts. The current connection stays.
   *
   * @throws UsageError BAD_FIELD if there is no server, or one is not a server URL. The old servers then stay.
   */
  setServers(servers: readonly string[]): void {
    this.#scheduler.setServers(servers);
  }

  /** Closes the session after sending everything already published. The last event is `closed`. */
  close(now: Millis): void {
    this.#advanceAll(now);
    this.#finish("CLOSED", CLOSED_DETAIL);
  }

  // ---- outputs and queries ---------------------------------------------------------------------------------------------

  /** Returns the next action or event, or `undefined` if nothing is left to do. Decodes received bytes as far as needed. */
  poll(): Action | Event | undefined {
    let output = this.#state.outputs.shift();
    while (output === undefined) {
      const frame = this.#frames.pull();
      output = (frame && this.#frames.handle(frame)) ?? this.#state.outputs.shift();
      if (frame === undefined) break;
    }
    return output;
  }

  /** Returns the next bytes to write, or `undefined` if nothing is left to write. They do not change until `released`. */
  transmit(): Uint8Array | undefined {
    this.#advanceAll();
    const bytes = this.#state.link?.transmit();
    if (bytes !== undefined) this.#bytes.bytesSent += bytes.length;
    return bytes;
  }

  /** When to call `elapsed`, or `undefined` if nothing waits for time to pass. */
  get deadline(): Millis | undefined {
    if (this.#state.isClosed) return undefined;
    const all = [this.#state.link?.deadline, this.#retryAt, this.#operations.deadline, this.#inbound.deadline];
    const first = Math.min(...all.map((at) => at ?? Number.POSITIVE_INFINITY));
    return first === Number.POSITIVE_INFINITY ? undefined : first;
  }

  /** All INFO of the current server, merged, or `undefined` without a connection. */
  get info(): ServerInfo | undefined {
    return this.#state.readyLink?.info;
  }

  /** The address of the current server, or `undefined` without a connection. */
  get endpoint(): Endpoint | undefined {
    return this.#state.readyLink?.address.endpoint;
  }

  /** What the application gave with each request in progress. */
  get callers(): unknown[] {
    return this.#operations.callers;
  }

  /**
   * Returns the counts of a subscription; `undefined` after its end. The object changes with each message, and keeps the final
   * counts.
   */
  countsOf(sid: SubscriptionId): SubscriptionCounts | undefined {
    return this.#subscriptions.get(sid);
  }

  /** True after a `full` or `refused` outcome, until the event `ready`. */
  get isFull(): boolean {
    return this.#outbound.isFull;
  }

  /** The counts since the session began. */
  get stats(): ConnectionStats {
    const messages = { ...this.#outbound.counts, ...this.#outbound.outstanding, ...this.#frames.counts };
    return { ...messages, ...this.#bytes, reconnects: this.#scheduler.reconnects };
  }

  // ---- connections --------------------------------------------------------------------------------------------------

  #dial(): void {
    this.#retryAt = undefined;
    const link = this.#scheduler.next(this.#failure);
    this.#state.link = link;
    // No server is left, or `selectServer` returned -1.
    if (link === undefined) this.#retry(this.#failure ?? { reason: "LOST", detail: "selectServer chose no server" });
  }

  /** Schedules the next attempt, or closes the session if no attempt is left. */
  #retry({ reason, detail }: Failure): void {
    const after = this.#scheduler.delay();
    if (after === undefined) return this.#finish(reason, this.#scheduler.describeFailures(detail));
    this.#retryAt = this.#state.now + after;
    this.#state.emit({ event: "reconnecting", after, reason, detail });
  }

  /** Sends the keep-alive PING that is due, and schedules the next one. */
  #keepAlive(link: Link): void {
    const { unansweredPings } = link;
    link.schedulePing(this.#state.now, this.#state.config);
    // If reading was paused since the last PING, its PONG may wait in the socket.
    if (this.#inbound.wasPaused()) return;
    if (unansweredPings >= this.#state.config.maxPingOut) this.#fail("STALE", `${unansweredPings} PINGs unanswered`);
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
   * 5. Operations on the connection fail, and drained subscriptions end, before `disconnected`.
   * 6. `disconnected`, if the handshake was complete.
   * 7. `reconnecting` and, if there is nothing to wait for, the next attempt; or `closed`.
   *
   * @param isOpen whether the runtime still has the connection
   */
  #fail(reason: Reason, text: string, isOpen = true): void {
    const { link, isClosed } = this.#state;
    if (link === undefined || isClosed) return;
    const detail = link.withServer(text);
    this.#failure = { reason, detail };
    if (link.phase !== "ready") this.#scheduler.failed(link, detail);
    this.#state.link = undefined;
    if (isOpen) this.#state.emit({ do: "close", flushed: false });
    this.#inbound.reset();
    this.#outbound.lost(link);
    if (link.phase === "ready") {
      this.#operations.failAll("LOST", detail);
      this.#state.emit({ event: "disconnected", reason, detail });
    }
    this.#retry(this.#failure);
    if (this.#retryAt === this.#state.now) this.#dial();
  }

  /** Closes the session for good. The order is that of `#fail`; `closed` is the last event. */
  #finish(reason: Reason, detail: string): void {
    if (this.#state.isClosed) return;
    const { link } = this.#state;
    if (link !== undefined) this.#state.emit({ do: "close", flushed: link.phase === "ready" });
    this.#state.isClosed = true;
    this.#inbound.reset();
    this.#operations.failAll("CLOSED", reason === "CLOSED" ? detail : `${CLOSED_DETAIL}: ${detail}`);
    this.#inbound.end(this.#subscriptions, { reason, detail });
    this.#outbound.end();
    this.#state.emit({ event: "closed", reason, detail });
  }

  #checkOpen(): void {
    if (this.#state.isClosed) throw new UsageError("CLOSED", CLOSED_DETAIL);
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
