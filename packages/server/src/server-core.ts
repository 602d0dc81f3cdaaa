// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, type ConnectInfo, ProtocolError, serverErrorText } from "@natswire/codec";
import { Accounts } from "./accounts.ts";
import { Agenda } from "./agenda.ts";
import { denialOf, type Grant } from "./authorize.ts";
import { configured, type Millis, type ServerConfig } from "./config.ts";
import { farewellTo } from "./farewell.ts";
import { checkNews, infoFor, type News, refusalOf, serverId } from "./handshake.ts";
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
import { publish } from "./publish.ts";
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
  readonly #agenda = new Agenda();
  readonly #program = new Program(this.#accounts.global, this.#agenda);
  readonly #writable = new Set<ConnectionId>();
  #now: Millis = 0;
  #lastPeer = 0;
  #wake: Millis | undefined;
  readonly #counts = { published: 0, delivered: 0, slow: 0 };
  #news: News = {};
  // In lame duck mode: when the next connection is closed, and the time between two.
  #duck: { next: Millis; readonly every: Millis } | undefined;
  // Connections that have to be authorized and are not.
  #strangers = 0;

  /** @throws UsageError BAD_FIELD where an option has a value that makes no sense */
  constructor(config: Partial<ServerConfig> & Pick<ServerConfig, "random">) {
    this.#config = configured(config);
    this.#id = serverId(this.#config.random);
  }

  /** Peers that have bytes to write. */
  get writable(): Iterable<ConnectionId> {
    return this.#writable;
  }

  /** When `elapsed` wants to be called; `undefined` while nothing waits for time to pass. */
  get deadline(): Millis | undefined {
    return this.#wake;
  }

  /** Connections now, and counts since the server began. */
  get stats(): ServerStats {
    return { connections: this.#peers.size, subscriptions: this.#accounts.size, ...this.#counts };
  }

  /** One connection as it is now; `undefined` where it is gone. */
  connection(id: ConnectionId): ConnectionInfo | undefined {
    return this.#peers.get(id)?.describe();
  }

  /** A connection was accepted; it is greeted with INFO, which tells how it comes to speak TLS. */
  opened(now: Millis, tls?: TlsOffer): ConnectionId {
    this.#tick(now);
    const id = ++this.#lastPeer;
    const post = { waiting: () => this.#writable.add(id), full: (bytes: number) => this.#slow(id, bytes) };
    const peer = new Peer(id, this.#config, this.#accounts.global, post, this.#now, tls);
    this.#peers.set(id, peer);
    this.#inform(peer);
    const strangers = this.#config.authRequired ? ++this.#strangers : 0;
    if (this.#peers.size > this.#config.maxConnections || strangers > this.#config.maxUnauthorized) {
      this.#refuse(peer, serverErrorText("TOO_MANY_CONNECTIONS")!, "too many connections");
    } else {
      if (tls !== undefined && tls.when !== "first") this.#agenda.add({ do: "start-tls", connection: id });
      this.#wakeBy(Math.min(peer.pingAt, peer.authorizeBy, this.#duck?.next ?? Number.POSITIVE_INFINITY));
    }
    return id;
  }

  /**
   * Bytes came. The chunk is lent until this returns, or `authorized` where that was asked for, and its payloads until
   * what they became is released.
   */
  received(id: ConnectionId, chunk: Uint8Array, now: Millis): void {
    this.#tick(now);
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.closing || chunk.length === 0) return;
    if (peer.skipsConnect(chunk)) this.#deny(peer, "something else before CONNECT");
    peer.decoder.push(chunk);
    if (!peer.asking) this.#read(peer);
    else if (peer.isImpatient) this.#hangUp(peer, "auth", "too much said before it was authorized");
  }

  /** The answer to `authorize`: what the client may do, or `undefined` where it is not let in. Rules that are no patterns let nobody in. */
  authorized(id: ConnectionId, grant: Grant | undefined, now: Millis): void {
    this.#tick(now);
    const peer = this.#peers.get(id);
    if (peer === undefined || !peer.asking || peer.closing) return;
    const denial = denialOf(grant);
    if (denial !== undefined) this.#deny(peer, denial);
    else this.#admit(peer, grant!);
    this.#read(peer);
  }

  /** The oldest `bytes` transmitted to a peer are no longer read. */
  released(id: ConnectionId, bytes: number): void {
    this.#peers.get(id)?.outbox.release(bytes);
  }

  /** The connection is gone, whoever ended it. */
  lost(id: ConnectionId, now: Millis): void {
    this.#tick(now);
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    for (const subscription of [...peer.subscriptions.values()]) peer.interest.remove(subscription);
    if (peer.isStranger) this.#strangers--;
    this.#peers.delete(id);
    this.#writable.delete(id);
    if (this.#peers.size === 0) this.#wake = undefined;
  }

  /** Time passed: PINGs go out, and whoever did not answer is cut off. */
  elapsed(now: Millis): void {
    this.#tick(now);
    if (this.#wake === undefined || this.#now < this.#wake) return;
    this.#wake = undefined;
    for (const peer of this.#peers.values()) {
      if (peer.closing) continue;
      if (peer.authorizeBy <= this.#now) {
        this.#refuse(peer, serverErrorText("AUTHENTICATION_TIMEOUT")!, "no CONNECT in time", "auth");
      } else if (peer.pingAt <= this.#now && !peer.ping(this.#now, this.#config)) {
        this.#refuse(peer, serverErrorText("STALE")!, `${peer.pingsOut} PINGs unanswered`, "stale");
      }
      if (!peer.closing) this.#wakeBy(Math.min(peer.pingAt, peer.authorizeBy));
    }
    if (this.#duck !== undefined) this.#thin(this.#duck);
  }

  /**
   * Tells the clients that understand it of servers they may go to, `host:port`; those that come later, at once.
   *
   * @throws UsageError where that is no list of strings, or too long for an INFO
   */
  advertise(connectUrls: readonly string[], now: Millis): void {
    this.#tick(now);
    const news = { ...this.#news, connectUrls: [...connectUrls] };
    checkNews(news, this.#id, this.#config);
    this.#spread(news);
  }

  /**
   * Tells the clients that understand it that the server is about to go, and then closes their connections, the first
   * after `grace` and all within `duration` more, so that they do not all dial at once.
   */
  lameDuck(grace: Millis, duration: Millis, now: Millis): void {
    this.#tick(now);
    this.#duck = { next: this.#now + grace, every: duration / Math.max(1, this.#peers.size) };
    this.#wakeBy(this.#duck.next);
    this.#spread({ ...this.#news, lameDuck: true });
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
    this.#tick(now);
    const peer = this.#peers.get(id);
    if (peer !== undefined) this.#hangUp(peer, "refused", detail);
  }

  /** Ends every connection after what is queued for it. */
  shutdown(now: Millis): void {
    this.#tick(now);
    for (const peer of this.#peers.values()) this.#hangUp(peer, "shutdown", "the server shuts down");
  }

  /** The next thing to do; call until it returns `undefined`. */
  poll(): Action | undefined {
    return this.#agenda.take();
  }

  /** The next bytes to write to a peer; call until it returns `undefined`. */
  transmit(id: ConnectionId): Uint8Array | undefined {
    const bytes = this.#peers.get(id)?.outbox.pull();
    if (bytes === undefined) this.#writable.delete(id);
    return bytes;
  }

  /** Handles what is there, up to a CONNECT that has to be authorized. */
  #read(peer: Peer): void {
    try {
      while (!peer.closing && !peer.asking) {
        const frame = peer.decoder.pull();
        if (frame === undefined) return;
        if (frame.op !== "pong") peer.heard = this.#now;
        this.#handle(peer, frame);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const farewell = farewellTo(error.code);
      if (farewell !== undefined) peer.refuse(farewell);
      this.#hangUp(peer, "protocol", error.message);
    }
  }

  #handle(peer: Peer, frame: ClientFrame): void {
    if (peer.isStranger && frame.op !== "connect") return this.#deny(peer, `${frame.op} before CONNECT`);
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
        if (peer.connected) this.#ponged(peer);
        return;
      case "pong":
        peer.pingsOut = 0;
    }
  }

  #connect(peer: Peer, options: ConnectInfo): void {
    if (peer.connected) return this.#refuse(peer, serverErrorText("UNKNOWN_OPERATION")!, "a second CONNECT");
    peer.introduce(options);
    if (!peer.isStranger) return this.#admit(peer, {});
    peer.asking = true;
    this.#agenda.add({ do: "authorize", connection: peer.id, options, nonce: peer.nonce });
  }

  #admit(peer: Peer, grant: Grant): void {
    const refusal = refusalOf(peer.options);
    if (refusal !== undefined) return this.#refuse(peer, ...refusal);
    if (peer.isStranger) this.#strangers--;
    peer.admit(grant, this.#accounts);
  }

  #publish(peer: Peer, frame: ClientFrame & { op: "pub" }): void {
    if (frame.headers !== undefined && !peer.headers) return this.#hangUp(peer, "protocol", "HPUB without headers");
    const delivered = publish(peer, frame, this.#config);
    if (delivered !== undefined) this.#count(delivered);
  }

  #count(delivered: number): void {
    this.#counts.published++;
    this.#counts.delivered += delivered;
  }

  #deny(peer: Peer, detail: string): void {
    this.#refuse(peer, serverErrorText("AUTHORIZATION")!, detail, "auth");
  }

  #refuse(peer: Peer, text: string, detail: string, reason: CloseAction["reason"] = "refused"): void {
    peer.refuse(text);
    this.#hangUp(peer, reason, detail);
  }

  /** Its first PING is answered: from now on it may hear of news, if it understands them. */
  #ponged(peer: Peer): void {
    // From 2.12 on it hears of its account there.
    if (!peer.ponged && this.#config.compat !== "2.9") peer.owed = true;
    if (peer.owed && peer.protocol >= 1) this.#inform(peer);
    peer.ponged = true;
    peer.owed = false;
  }

  #inform(peer: Peer): void {
    peer.send({ op: "info", info: infoFor(peer, this.#id, this.#config, this.#news) });
  }

  #spread(news: News): void {
    this.#news = news;
    for (const peer of this.#peers.values()) {
      peer.owed = true;
      // The others learn it behind their first PONG.
      if (peer.ponged) this.#ponged(peer);
    }
  }

  /** Closes the connections whose turn it is. */
  #thin(duck: { next: Millis; readonly every: Millis }): void {
    for (const peer of this.#peers.values()) {
      if (peer.closing) continue;
      if (duck.next > this.#now) return this.#wakeBy(duck.next);
      this.#hangUp(peer, "shutdown", "the server is in lame duck mode");
      duck.next += duck.every;
    }
  }

  #hangUp(peer: Peer, reason: CloseAction["reason"], detail: string): void {
    if (peer.closing) return;
    peer.closing = true;
    this.#agenda.add({ do: "close", connection: peer.id, reason, detail });
  }

  #slow(id: ConnectionId, bytes: number): void {
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.closing) return;
    this.#counts.slow++;
    this.#hangUp(peer, "slow", `${bytes} bytes are waiting`);
  }

  #wakeBy(at: Millis): void {
    if (this.#wake === undefined || at < this.#wake) this.#wake = at;
  }

  #tick(now: Millis): void {
    if (now > this.#now) this.#now = now;
  }
}
