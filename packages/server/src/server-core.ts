// SPDX-License-Identifier: Apache-2.0
import { type Options, serverErrorText } from "@natswire/codec";
import { ActionQueue } from "./action-queue.ts";
import { Accounts } from "./auth/accounts.ts";
import type { Grant } from "./auth/grant.ts";
import { type Millis, resolveConfig, type ServerConfig } from "./config.ts";
import { Deadlines } from "./deadlines.ts";
import { FrameHandler } from "./frame-handler.ts";
import { InfoSender } from "./info.ts";
import { LameDuck } from "./lame-duck.ts";
import { Modules } from "./modules.ts";
import type {
  Action,
  CloseReason,
  ConnectionId,
  ConnectionInfo,
  ListenerId,
  MessageData,
  ServerStats,
  SubscriptionId,
  TlsOffer,
} from "./outputs.ts";
import { Peer } from "./peer.ts";
import { Program } from "./program.ts";
import { type ServerView, viewOf } from "./server-view.ts";
import { SlowConsumers } from "./slow-consumers.ts";
import { Totals } from "./totals.ts";

// The deadline of lame duck mode, which is about no single connection.
const NO_CONNECTION = 0;

/**
 * A NATS server as a sans-IO state machine: it owns no socket, timer or random source.
 *
 * **Methods.** Inputs are named after what happened: `opened`, `secured`, `received`, `authorized`, `released`, `lost`,
 * `elapsed`. Requests come from the host program: `publish`, `subscribe`, `unsubscribe`, `advertise`, `lameDuck`, `drop`, `shutdown`.
 * Outputs are pulled: `writable` and `transmit`, `poll`, `deadline`. `stats`, `connection` and `view` describe the
 * present state.
 *
 * **After every call**, in this order:
 *
 * 1. For each connection of `writable`, write what `transmit` returns, until it returns `undefined`.
 * 2. Perform each action that `poll` returns, until it returns `undefined`. An action applies after the bytes transmitted
 *    so far: close the socket, or start TLS, once they are written.
 * 3. Schedule a call of `elapsed` for `deadline`.
 *
 * A runtime may make several calls before it does so. `opened`, `received` and `lost` belong to one connection each, and
 * every `opened` ends with one `lost`, whichever side closed the connection.
 *
 * **Bytes.** A chunk passed to `received` is lent: do not overwrite it. Its small payloads are copied when they are
 * relayed, and the large ones are referred to until every segment they became a part of is released. What follows a
 * CONNECT that must be authorized is read only after `authorized`. A segment returned by `transmit` stays valid until
 * `released` is called for it, in order. `publish` copies its payload.
 *
 * **Time** is in milliseconds on a monotonic clock of any origin. A `now` that is earlier than the one before is clamped.
 *
 * **Errors.** A client that violates the protocol is sent `-ERR` and closed; no method throws because of it, and no other
 * client notices. Methods throw `UsageError` for the program's own mistakes only. Every method is valid at any time: one
 * that names a connection or subscription that is gone does nothing. Ids are never reused.
 *
 * @example
 * ```js
 * import { ServerCore } from "@natswire/server";
 *
 * const core = new ServerCore({ random: (bytes) => crypto.getRandomValues(bytes) });
 * const client = core.opened(0); // a client connected at 0 ms
 * core.received(client, new TextEncoder().encode("CONNECT {}\r\nPING\r\n"), 1);
 *
 * let sent = "";
 * for (let bytes = core.transmit(client); bytes !== undefined; bytes = core.transmit(client)) {
 *   sent += new TextDecoder().decode(bytes);
 *   core.released(client, bytes.length);
 * }
 * console.log(sent.split("\r\n").slice(1, 3).join(", ")); // +OK, PONG
 * core.lost(client, 2);
 * ```
 */
export class ServerCore {
  readonly #config: ServerConfig;
  /** The INFO of each listener. */
  readonly #listeners: InfoSender[];
  readonly #peers = new Map<ConnectionId, Peer>();
  readonly #accounts = new Accounts();
  readonly #actions = new ActionQueue();
  readonly #program = new Program(this.#accounts.global, this.#actions);
  readonly #writable = new Set<ConnectionId>();
  /** Connections that must be authorized and are not, closing ones included. */
  readonly #unauthorized = new Set<ConnectionId>();
  readonly #slow = new SlowConsumers(this.#actions, (peer, detail) => this.#close(peer, "slow", detail));
  readonly #deadlines = new Deadlines((id) => id === NO_CONNECTION || this.#peers.has(id));
  readonly #totals = new Totals();
  readonly #modules: Modules;
  readonly #frames: FrameHandler;
  /** What a monitor reads, in addition to `stats` and `connection`. */
  readonly view: ServerView;
  #now: Millis = 0;
  #lastId = 0;
  #lameDuck: LameDuck | undefined;

  /**
   * @param wake called if a module has something to do although nothing happened: call `elapsed` soon, not in this call
   * @throws UsageError BAD_FIELD if an option has an invalid value
   */
  constructor(given: Options<ServerConfig> & Pick<ServerConfig, "random">, wake: () => void = () => {}) {
    const config = resolveConfig(given);
    const first = new InfoSender(config);
    this.#config = config;
    this.#listeners = [first];
    this.view = viewOf(config, first, this.#accounts, this.#program);
    const shared = { config, accounts: this.#accounts, totals: this.#totals };
    this.#modules = new Modules({ ...shared, info: first, now: () => this.#now, wake });
    this.#frames = new FrameHandler({
      ...shared,
      actions: this.#actions,
      slow: this.#slow,
      modules: this.#modules,
      accepted: ({ id, authDeadline }) => {
        this.#unauthorized.delete(id);
        this.#deadlines.add(authDeadline, id);
      },
      reject: this.#reject.bind(this),
      close: this.#close.bind(this),
    });
  }

  /** Connections that have bytes to transmit. */
  get writable(): Iterable<ConnectionId> {
    return this.#writable;
  }

  /** Connections that lag: more than three quarters of `maxPending` were pending, and still more than half of it. */
  get lagging(): ReadonlySet<ConnectionId> {
    return this.#slow.lagging;
  }

  /** When to call `elapsed`; `undefined` if nothing is scheduled. */
  get deadline(): Millis | undefined {
    return this.#modules.earliest(this.#peers.size === 0 ? undefined : this.#deadlines.next);
  }

  /** Counts since the server was created, and how many connections and subscriptions there are now. */
  get stats(): ServerStats {
    const [connections, subscriptions] = [this.#peers.size, this.#accounts.size];
    return { connections, opened: this.#lastId, subscriptions, ...this.#totals, slow: this.#slow.closed };
  }

  /** Returns the present state of one connection, or `undefined` if it is gone. */
  connection(id: ConnectionId): ConnectionInfo | undefined {
    return this.#peers.get(id)?.describe();
  }

  /**
   * Adds a listener: INFO of its connections has its address. Returns its number.
   *
   * @param isServer whether it is a server of its own for its clients, with another id and name
   */
  addListener(address: Pick<ServerConfig, "host" | "port">, isServer: boolean): ListenerId {
    return this.#listeners.push(this.#listeners[0]!.at(address, isServer)) - 1;
  }

  /**
   * Adds a connection and sends it INFO. Rejects it if there are `maxConnections` or `maxUnauthorized` already.
   *
   * @param tls how the connection may switch to TLS, or that it already has; without it INFO does not mention TLS
   * @param address the client's IP address, as `client_ip` of INFO; without it INFO does not mention it
   * @param listener which listener accepted it: the first, or what `addListener` returned
   */
  opened(now: Millis, tls?: TlsOffer, address?: string, listener: ListenerId = 0): ConnectionId {
    this.#setNow(now);
    const id = ++this.#lastId;
    const outbox = { writable: () => this.#writable.add(id), lagging: () => this.#slow.add(peer) };
    const shared = { config: this.#config, interest: this.#accounts.global, listener: outbox };
    const info = this.#listeners[listener]!;
    const peer: Peer = new Peer({ ...shared, id, now: () => this.#now, address, tls, info });
    this.#peers.set(id, peer);
    if (this.#config.authRequired) this.#unauthorized.add(id);
    info.send(peer);
    const { maxConnections, maxUnauthorized } = this.#config;
    if (this.#peers.size > maxConnections || this.#unauthorized.size > maxUnauthorized) {
      const detail = `more than ${maxConnections} connections or ${maxUnauthorized} unauthorized ones`;
      this.#reject(peer, serverErrorText("TOO_MANY_CONNECTIONS"), detail);
    } else {
      if (tls !== undefined && tls.when !== "first") this.#actions.add({ do: "start-tls", connection: id });
      for (const at of [peer.nextPing, peer.authDeadline, this.#lameDuck?.next]) this.#deadlines.add(at, id);
    }
    return id;
  }

  /** Reads bytes that were received from a connection. The chunk is lent, see above. */
  received(id: ConnectionId, chunk: Uint8Array, now: Millis): void {
    this.#setNow(now);
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.closing || chunk.length === 0) return;
    if (peer.startsWithoutConnect(chunk)) this.#frames.deny(peer, "received other data before CONNECT");
    peer.decoder.push(chunk);
    this.#frames.read(peer, this.#now);
    this.#modules.settle();
  }

  /** The TLS handshake of a connection is done: `authTimeout` begins. */
  secured(id: ConnectionId, now: Millis): void {
    this.#setNow(now);
    this.#deadlines.add(this.#peers.get(id)?.secured(this.#now, this.#config), id);
  }

  /**
   * Answers an `authorize` action, and reads what the client sent meanwhile.
   *
   * @param grant what the client may do; `undefined` denies it, and so does a grant that is not valid
   */
  authorized(id: ConnectionId, grant: Grant | undefined, now: Millis): void {
    this.#setNow(now);
    const peer = this.#peers.get(id);
    if (peer?.phase !== "authorizing") return;
    this.#frames.authorized(peer, grant);
    this.#frames.read(peer, this.#now);
    this.#modules.settle();
  }

  /** Releases the oldest `bytes` that were transmitted: they have been written, and their memory is not read any more. */
  released(id: ConnectionId, bytes: number): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.outbox.release(bytes);
    this.#slow.released(peer);
    this.#modules.released(peer);
  }

  /** Removes a connection that has ended, and its subscriptions. */
  lost(id: ConnectionId, now: Millis): void {
    this.#setNow(now);
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    for (const subscription of [...peer.subscriptions.values()]) peer.interest.remove(subscription);
    this.#accounts.leave(peer.account);
    this.#peers.delete(id);
    this.#unauthorized.delete(id);
    this.#writable.delete(id);
    this.#slow.lagging.delete(id);
    this.#modules.left(peer);
    this.#modules.settle();
  }

  /**
   * Sets the wall clock, which modules read. It runs with the monotonic one. Until it is set, it shows 2024-01-01T00:00:00Z at 0.
   *
   * @param wall milliseconds since 1970; it may have a fraction
   */
  wallClock(wall: Millis, now: Millis): void {
    this.#setNow(now);
    this.#modules.wall = wall;
  }

  /**
   * Sends PINGs that are due, closes connections that are stale, not authorized in time, or due in lame duck mode, and calls the
   * modules whose time has come.
   */
  elapsed(now: Millis): void {
    this.#setNow(now);
    for (const id of this.#deadlines.takeDue(this.#now)) {
      const peer = this.#peers.get(id);
      if (peer === undefined || peer.closing) continue;
      const { nextPing } = peer;
      const failure = peer.elapsed(this.#now, this.#config);
      if (failure !== undefined) this.#reject(peer, ...failure);
      else if (peer.nextPing !== nextPing) this.#deadlines.add(peer.nextPing, id);
    }
    const leave = (peer: Peer): void => this.#close(peer, "shutdown", "the server is in lame duck mode");
    this.#deadlines.add(this.#lameDuck?.closeDue(this.#peers.values(), this.#now, leave), NO_CONNECTION);
    this.#modules.elapsed();
  }

  /**
   * Sends the addresses of other servers to every client that accepts INFO at any time; a later client gets them in its
   * first INFO. Replaces those advertised before.
   *
   * @param connectUrls `host:port` each
   * @param listener whose clients get them; the first by default
   * @throws UsageError BAD_FIELD if one is not a string, TOO_LARGE if INFO cannot carry them
   */
  advertise(connectUrls: readonly string[], now: Millis, listener: ListenerId = 0): void {
    this.#setNow(now);
    this.#listeners[listener]!.change({ connectUrls: [...connectUrls] }, this.#peers.values());
  }

  /**
   * Announces that the server is about to stop, and then closes its connections one by one, so that they do not all
   * reconnect at once.
   *
   * @param grace milliseconds until the first connection is closed
   * @param duration milliseconds within which all others follow
   */
  lameDuck(grace: Millis, duration: Millis, now: Millis): void {
    this.#setNow(now);
    this.#lameDuck = new LameDuck(this.#now + grace, duration, this.#peers.size);
    this.#deadlines.add(this.#lameDuck.next, NO_CONNECTION);
    for (const info of this.#listeners) info.change({ lameDuck: true }, this.#peers.values());
  }

  /**
   * Publishes a message from the host program, in the global account. Copies its payload.
   *
   * @param now the time of the last input by default
   * @returns how many subscriptions received it
   * @throws UsageError BAD_SUBJECT, BAD_HEADER, BAD_FIELD, or TOO_LARGE if it exceeds `maxPayload`
   */
  publish(message: MessageData, now: Millis = this.#now): number {
    this.#setNow(now);
    const delivered = this.#totals.count(message, this.#program.publish(message, this.#config));
    this.#modules.settle();
    return delivered;
  }

  /**
   * Subscribes the host program, in the global account. Its messages come out of `poll` as `deliver` actions.
   *
   * @throws UsageError BAD_SUBJECT, BAD_QUEUE
   */
  subscribe(pattern: string, queue?: string): SubscriptionId {
    const id = this.#program.subscribe(pattern, queue);
    this.#modules.settleSoon();
    return id;
  }

  /** Ends a subscription of the host program: now, or after `max` messages since it began. */
  unsubscribe(id: SubscriptionId, max?: number): void {
    this.#program.unsubscribe(id, max);
    this.#modules.settleSoon();
  }

  /**
   * Closes a connection after what is queued for it.
   *
   * @param detail why, for the log; not sent to the client
   */
  drop(id: ConnectionId, detail: string, now: Millis): void {
    this.#setNow(now);
    const peer = this.#peers.get(id);
    if (peer !== undefined) this.#close(peer, "refused", detail);
    this.#modules.settle();
  }

  /** Closes every connection after what is queued for it. Does not reject new ones. */
  shutdown(now: Millis): void {
    this.#setNow(now);
    for (const peer of this.#peers.values()) this.#close(peer, "shutdown", "the server is shutting down");
    this.#modules.settle();
  }

  /** Returns the next action to perform, or `undefined` if nothing is left to do. */
  poll(): Action | undefined {
    return this.#actions.take();
  }

  /** Returns the next bytes to write to a connection, or `undefined` if nothing is left to write. */
  transmit(id: ConnectionId): Uint8Array | undefined {
    const bytes = this.#peers.get(id)?.pull();
    if (bytes === undefined) this.#writable.delete(id);
    return bytes;
  }

  /** Sends -ERR and closes the connection. */
  #reject(peer: Peer, text: string, detail: string, reason: CloseReason = "refused"): void {
    peer.sendError(text);
    this.#close(peer, reason, detail);
  }

  #close(peer: Peer, reason: CloseReason, detail: string): void {
    if (!peer.advance("close")) return;
    this.#actions.add({ do: "close", connection: peer.id, reason, detail });
    this.#modules.left(peer);
  }

  #setNow(now: Millis): void {
    if (now > this.#now) this.#now = now;
  }
}
