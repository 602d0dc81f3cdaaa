// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, type ConnectInfo, ProtocolError, serverErrorText } from "@natswire/codec";
import { ActionQueue } from "./action-queue.ts";
import { Accounts } from "./auth/accounts.ts";
import { connectErrorFor } from "./auth/connect-options.ts";
import { denialReason, type Grant } from "./auth/grant.ts";
import { type Millis, resolveConfig, type ServerConfig } from "./config.ts";
import { checkInfoUpdate, type InfoUpdate, infoFor } from "./info.ts";
import type {
  Action,
  CloseAction,
  ConnectionId,
  ConnectionInfo,
  MessageData,
  ServerStats,
  SubscriptionId,
  TlsOffer,
} from "./outputs.ts";
import { Peer } from "./peer.ts";
import { Program } from "./program.ts";
import { errorTextFor } from "./protocol-errors.ts";
import { publish } from "./publish.ts";
import { createServerId } from "./random-text.ts";
import { subscribe, unsubscribe } from "./subscribe.ts";

/**
 * The embedded server without IO: tell it what happened, pull what to do.
 *
 * After each call, write what `transmit` gives for each peer of `writable`, then do what `poll` asks, and call
 * `elapsed` at `deadline`. It reads no clock: `now` is monotonic milliseconds, and a smaller one counts as equal.
 */
export class ServerCore {
  readonly #config: ServerConfig;
  readonly #id: string;
  readonly #peers = new Map<ConnectionId, Peer>();
  readonly #accounts = new Accounts();
  readonly #actions = new ActionQueue();
  readonly #program = new Program(this.#accounts.global, this.#actions);
  readonly #writable = new Set<ConnectionId>();
  #now: Millis = 0;
  #lastPeer = 0;
  #deadline: Millis | undefined;
  readonly #totals = { published: 0, delivered: 0, slow: 0 };
  #infoUpdate: InfoUpdate = {};
  // In lame duck mode: when the next connection is closed, and the time between two.
  #lameDuck: { next: Millis; readonly every: Millis } | undefined;
  // Connections that have to be authorized and are not.
  #unauthenticated = 0;

  /** @throws UsageError BAD_FIELD where an option has a value that makes no sense */
  constructor(config: Partial<ServerConfig> & Pick<ServerConfig, "random">) {
    this.#config = resolveConfig(config);
    this.#id = createServerId(this.#config.random);
  }

  /** Peers that have bytes to write. */
  get writable(): Iterable<ConnectionId> {
    return this.#writable;
  }

  /** When `elapsed` wants to be called; `undefined` while nothing waits for time to pass. */
  get deadline(): Millis | undefined {
    return this.#deadline;
  }

  /** Connections now, and counts since the server began. */
  get stats(): ServerStats {
    return { connections: this.#peers.size, subscriptions: this.#accounts.size, ...this.#totals };
  }

  /** One connection as it is now; `undefined` where it is gone. */
  connection(id: ConnectionId): ConnectionInfo | undefined {
    return this.#peers.get(id)?.describe();
  }

  /** A connection was accepted; it is greeted with INFO, which tells how it comes to speak TLS. */
  opened(now: Millis, tls?: TlsOffer): ConnectionId {
    this.#setNow(now);
    const id = ++this.#lastPeer;
    const listener = { writable: () => this.#writable.add(id), full: (bytes: number) => this.#closeSlow(id, bytes) };
    const peer = new Peer(id, this.#config, this.#accounts.global, listener, this.#now, tls);
    this.#peers.set(id, peer);
    this.#sendInfo(peer);
    const unauthenticated = this.#config.authRequired ? ++this.#unauthenticated : 0;
    if (this.#peers.size > this.#config.maxConnections || unauthenticated > this.#config.maxUnauthorized) {
      this.#reject(peer, serverErrorText("TOO_MANY_CONNECTIONS")!, "too many connections");
    } else {
      if (tls !== undefined && tls.when !== "first") this.#actions.add({ do: "start-tls", connection: id });
      this.#schedule(Math.min(peer.nextPing, peer.authDeadline, this.#lameDuck?.next ?? Number.POSITIVE_INFINITY));
    }
    return id;
  }

  /**
   * Bytes came. The chunk is lent until this returns, or `authorized` where that was asked for, and its payloads until
   * what they became is released.
   */
  received(id: ConnectionId, chunk: Uint8Array, now: Millis): void {
    this.#setNow(now);
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.closing || chunk.length === 0) return;
    if (peer.startsWithoutConnect(chunk)) this.#denyAuth(peer, "something else before CONNECT");
    peer.decoder.push(chunk);
    if (!peer.authorizing) this.#readFrames(peer);
    else if (peer.exceedsAuthBuffer) this.#close(peer, "auth", "too much said before it was authorized");
  }

  /** The answer to `authorize`: what the client may do, or `undefined` where it is not let in. Rules that are no patterns let nobody in. */
  authorized(id: ConnectionId, grant: Grant | undefined, now: Millis): void {
    this.#setNow(now);
    const peer = this.#peers.get(id);
    if (peer === undefined || !peer.authorizing || peer.closing) return;
    const reason = denialReason(grant);
    if (reason !== undefined) this.#denyAuth(peer, reason);
    else this.#accept(peer, grant!);
    this.#readFrames(peer);
  }

  /** The oldest `bytes` transmitted to a peer are no longer read. */
  released(id: ConnectionId, bytes: number): void {
    this.#peers.get(id)?.outbox.release(bytes);
  }

  /** The connection is gone, whoever ended it. */
  lost(id: ConnectionId, now: Millis): void {
    this.#setNow(now);
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    for (const subscription of [...peer.subscriptions.values()]) peer.interest.remove(subscription);
    if (peer.unauthenticated) this.#unauthenticated--;
    this.#peers.delete(id);
    this.#writable.delete(id);
    if (this.#peers.size === 0) this.#deadline = undefined;
  }

  /** Time passed: PINGs go out, and whoever did not answer is cut off. */
  elapsed(now: Millis): void {
    this.#setNow(now);
    if (this.#deadline === undefined || this.#now < this.#deadline) return;
    this.#deadline = undefined;
    for (const peer of this.#peers.values()) {
      if (peer.closing) continue;
      if (peer.authDeadline <= this.#now) {
        this.#reject(peer, serverErrorText("AUTHENTICATION_TIMEOUT")!, "no CONNECT in time", "auth");
      } else if (peer.nextPing <= this.#now && !peer.ping(this.#now, this.#config)) {
        this.#reject(peer, serverErrorText("STALE")!, `${peer.pingsOut} PINGs unanswered`, "stale");
      }
      if (!peer.closing) this.#schedule(Math.min(peer.nextPing, peer.authDeadline));
    }
    if (this.#lameDuck !== undefined) this.#closeDuePeers(this.#lameDuck);
  }

  /**
   * Tells the clients that understand it of servers they may go to, `host:port`; those that come later, at once.
   *
   * @throws UsageError where that is no list of strings, or too long for an INFO
   */
  advertise(connectUrls: readonly string[], now: Millis): void {
    this.#setNow(now);
    const update = { ...this.#infoUpdate, connectUrls: [...connectUrls] };
    checkInfoUpdate(update, this.#id, this.#config);
    this.#broadcastInfo(update);
  }

  /**
   * Tells the clients that understand it that the server is about to go, and then closes their connections, the first
   * after `grace` and all within `duration` more, so that they do not all dial at once.
   */
  lameDuck(grace: Millis, duration: Millis, now: Millis): void {
    this.#setNow(now);
    this.#lameDuck = { next: this.#now + grace, every: duration / Math.max(1, this.#peers.size) };
    this.#schedule(this.#lameDuck.next);
    this.#broadcastInfo({ ...this.#infoUpdate, lameDuck: true });
  }

  /**
   * Publishes a message of the program's own; its payload is copied.
   *
   * @returns how many received it
   * @throws UsageError where it could not go on the wire
   */
  publish(message: MessageData): number {
    const delivered = this.#program.publish(message, this.#config);
    this.#count(delivered);
    return delivered;
  }

  /**
   * Subscribes for the program: what it receives comes out of `poll`.
   *
   * @throws UsageError BAD_SUBJECT, BAD_QUEUE
   */
  subscribe(pattern: string, queue?: string): SubscriptionId {
    return this.#program.subscribe(pattern, queue);
  }

  /** Ends a subscription of the program's, now or after so many messages since it began. */
  unsubscribe(id: SubscriptionId, max?: number): void {
    this.#program.unsubscribe(id, max);
  }

  /** Ends a connection after what is queued for it. */
  drop(id: ConnectionId, detail: string, now: Millis): void {
    this.#setNow(now);
    const peer = this.#peers.get(id);
    if (peer !== undefined) this.#close(peer, "refused", detail);
  }

  /** Ends every connection after what is queued for it. */
  shutdown(now: Millis): void {
    this.#setNow(now);
    for (const peer of this.#peers.values()) this.#close(peer, "shutdown", "the server shuts down");
  }

  /** The next thing to do; call until it returns `undefined`. */
  poll(): Action | undefined {
    return this.#actions.take();
  }

  /** The next bytes to write to a peer; call until it returns `undefined`. */
  transmit(id: ConnectionId): Uint8Array | undefined {
    const bytes = this.#peers.get(id)?.outbox.pull();
    if (bytes === undefined) this.#writable.delete(id);
    return bytes;
  }

  /** Handles what is there, up to a CONNECT that has to be authorized. */
  #readFrames(peer: Peer): void {
    try {
      while (!peer.closing && !peer.authorizing) {
        const frame = peer.decoder.pull();
        if (frame === undefined) return;
        if (frame.op !== "pong") peer.lastReceived = this.#now;
        this.#handleFrame(peer, frame);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const text = errorTextFor(error.code);
      if (text !== undefined) peer.sendError(text);
      this.#close(peer, "protocol", error.message);
    }
  }

  #handleFrame(peer: Peer, frame: ClientFrame): void {
    if (peer.unauthenticated && frame.op !== "connect") return this.#denyAuth(peer, `${frame.op} before CONNECT`);
    switch (frame.op) {
      case "connect":
        return this.#connect(peer, frame.options);
      case "pub":
        return this.#publish(peer, frame);
      case "sub":
        return subscribe(peer, frame, this.#config);
      case "unsub":
        return unsubscribe(peer, frame);
      case "ping":
        peer.send({ op: "pong" });
        if (peer.connected) this.#sendPendingInfo(peer);
        return;
      case "pong":
        peer.pingsOut = 0;
    }
  }

  #connect(peer: Peer, options: ConnectInfo): void {
    if (peer.connected) return this.#reject(peer, serverErrorText("UNKNOWN_OPERATION")!, "a second CONNECT");
    peer.applyConnect(options);
    if (!peer.unauthenticated) return this.#accept(peer, {});
    peer.authorizing = true;
    this.#actions.add({ do: "authorize", connection: peer.id, options, nonce: peer.nonce });
  }

  #accept(peer: Peer, grant: Grant): void {
    const error = connectErrorFor(peer.options);
    if (error !== undefined) return this.#reject(peer, ...error);
    if (peer.unauthenticated) this.#unauthenticated--;
    peer.accept(grant, this.#accounts);
  }

  #publish(peer: Peer, frame: ClientFrame & { op: "pub" }): void {
    if (frame.headers !== undefined && !peer.headers) return this.#close(peer, "protocol", "HPUB without headers");
    const delivered = publish(peer, frame, this.#config);
    if (delivered !== undefined) this.#count(delivered);
  }

  #count(delivered: number): void {
    this.#totals.published++;
    this.#totals.delivered += delivered;
  }

  #denyAuth(peer: Peer, detail: string): void {
    this.#reject(peer, serverErrorText("AUTHORIZATION")!, detail, "auth");
  }

  #reject(peer: Peer, text: string, detail: string, reason: CloseAction["reason"] = "refused"): void {
    peer.sendError(text);
    this.#close(peer, reason, detail);
  }

  /** Its first PING is answered: from now on it may hear of news, if it understands them. */
  #sendPendingInfo(peer: Peer): void {
    // From 2.12 on it hears of its account there.
    if (!peer.firstPongSent && this.#config.compat !== "2.9") peer.infoPending = true;
    if (peer.infoPending && peer.protocol >= 1) this.#sendInfo(peer);
    peer.firstPongSent = true;
    peer.infoPending = false;
  }

  #sendInfo(peer: Peer): void {
    peer.send({ op: "info", info: infoFor(peer, this.#id, this.#config, this.#infoUpdate) });
  }

  #broadcastInfo(update: InfoUpdate): void {
    this.#infoUpdate = update;
    for (const peer of this.#peers.values()) {
      peer.infoPending = true;
      // The others learn it behind their first PONG.
      if (peer.firstPongSent) this.#sendPendingInfo(peer);
    }
  }

  /** Closes the connections whose turn it is. */
  #closeDuePeers(schedule: { next: Millis; readonly every: Millis }): void {
    for (const peer of this.#peers.values()) {
      if (peer.closing) continue;
      if (schedule.next > this.#now) return this.#schedule(schedule.next);
      this.#close(peer, "shutdown", "the server is in lame duck mode");
      schedule.next += schedule.every;
    }
  }

  #close(peer: Peer, reason: CloseAction["reason"], detail: string): void {
    if (peer.closing) return;
    peer.closing = true;
    this.#actions.add({ do: "close", connection: peer.id, reason, detail });
  }

  #closeSlow(id: ConnectionId, bytes: number): void {
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.closing) return;
    this.#totals.slow++;
    this.#close(peer, "slow", `${bytes} bytes are waiting`);
  }

  #schedule(at: Millis): void {
    if (this.#deadline === undefined || at < this.#deadline) this.#deadline = at;
  }

  #setNow(now: Millis): void {
    if (now > this.#now) this.#now = now;
  }
}
