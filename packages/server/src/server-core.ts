// SPDX-License-Identifier: Apache-2.0
import {
  type ClientFrame,
  type ConnectOptions,
  ProtocolError,
  type ProtocolErrorCode,
  serverErrorText,
} from "@natswire/codec";
import { defaults, type Millis, type ServerConfig } from "./config.ts";
import type { Action, HangUpReason, PeerId } from "./outputs.ts";
import { Peer, type Subscription } from "./peer.ts";
import { publish } from "./publish.ts";
import { SubjectTree } from "./subject-tree.ts";
import { subscribe, unsubscribe } from "./subscribe.ts";

// What the reference server says before it closes; of the codes that are not here it says nothing.
const farewells: Partial<Record<ProtocolErrorCode, string>> = {
  UNKNOWN_VERB: "UNKNOWN_OPERATION",
  BAD_TRAILER: "UNKNOWN_OPERATION",
  LINE_TOO_LONG: "LINE_TOO_LONG",
  PAYLOAD_TOO_LARGE: "PAYLOAD_TOO_LARGE",
};

/** Counts since the server began. */
export interface ServerStats {
  readonly connections: number;
  readonly subscriptions: number;
  /** Messages published, refused ones not counted. */
  readonly received: number;
  /** Copies delivered. */
  readonly delivered: number;
  /** Connections cut off because too much was waiting for them. */
  readonly slow: number;
}

/**
 * The embedded server without IO: tell it what happened, pull what to do.
 *
 * After each call, write what `transmit` gives for each peer of `writable`, then do what `poll` asks, and call
 * `elapsed` at `deadline`. It reads no clock: `now` is monotonic milliseconds, and a smaller one counts as equal.
 */
export class ServerCore {
  readonly #config: ServerConfig;
  readonly #id: string;
  readonly #peers = new Map<PeerId, Peer>();
  readonly #tree = new SubjectTree<Subscription>();
  readonly #actions: Action[] = [];
  readonly #writable = new Set<PeerId>();
  #now: Millis = 0;
  #lastPeer = 0;
  #wake: Millis | undefined;
  #subscriptions = 0;
  #received = 0;
  #delivered = 0;
  #slow = 0;

  constructor(config: Partial<ServerConfig> & Pick<ServerConfig, "random">) {
    this.#config = { ...defaults, ...config };
    // An nkey's alphabet and length, as clients expect of a server id; there is no key behind it.
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const bytes = new Uint8Array(55);
    this.#config.random(bytes);
    this.#id = `N${Array.from(bytes, (byte) => letters[byte & 31]).join("")}`;
  }

  /** Peers that have bytes to write. */
  get writable(): Iterable<PeerId> {
    return this.#writable;
  }

  /** When `elapsed` wants to be called; `undefined` while nothing waits for time to pass. */
  get deadline(): Millis | undefined {
    return this.#wake;
  }

  /** Connections now, and counts since the server began. */
  get stats(): ServerStats {
    return {
      connections: this.#peers.size,
      subscriptions: this.#subscriptions,
      received: this.#received,
      delivered: this.#delivered,
      slow: this.#slow,
    };
  }

  /** A connection was accepted; it is greeted with INFO. */
  opened(now: Millis): PeerId {
    this.#tick(now);
    const peer = new Peer(++this.#lastPeer, this.#config, this.#now);
    this.#peers.set(peer.id, peer);
    this.#greet(peer);
    if (this.#peers.size > this.#config.maxConnections) {
      peer.refuse("maximum connections exceeded");
      this.#hangUp(peer, "refused", "too many connections");
    } else {
      this.#wakeBy(peer.pingAt);
    }
    this.#settle(peer);
    return peer.id;
  }

  /** Bytes came; the chunk is lent until this returns, and its payloads until what they became is released. */
  received(id: PeerId, chunk: Uint8Array, now: Millis): void {
    this.#tick(now);
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.closing) return;
    peer.decoder.push(chunk);
    try {
      for (const frame of peer.decoder) {
        if (frame.op !== "pong") peer.heard = this.#now;
        this.#handle(peer, frame);
        if (peer.closing) break;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const farewell = farewells[error.code];
      if (farewell !== undefined) peer.refuse(serverErrorText(farewell)!);
      this.#hangUp(peer, "protocol", error.message);
    }
    this.#settle(peer);
  }

  /** The oldest `bytes` transmitted to a peer are no longer read. */
  released(id: PeerId, bytes: number): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.lent -= bytes;
    peer.encoder.release(bytes);
  }

  /** The connection is gone, whoever ended it. */
  lost(id: PeerId, now: Millis): void {
    this.#tick(now);
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    for (const subscription of [...peer.subscriptions.values()]) this.#remove(subscription);
    this.#peers.delete(id);
    this.#writable.delete(id);
  }

  /** Time passed: PINGs go out, and whoever did not answer is cut off. */
  elapsed(now: Millis): void {
    this.#tick(now);
    if (this.#wake === undefined || this.#now < this.#wake) return;
    this.#wake = undefined;
    for (const peer of this.#peers.values()) {
      if (peer.closing) continue;
      if (peer.pingAt <= this.#now) this.#ping(peer);
      if (!peer.closing) this.#wakeBy(peer.pingAt);
    }
  }

  /** Ends a connection after what is queued for it. */
  drop(id: PeerId, detail: string, now: Millis): void {
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
    return this.#actions.shift();
  }

  /** The next bytes to write to a peer; call until it returns `undefined`. */
  transmit(id: PeerId): Uint8Array | undefined {
    const peer = this.#peers.get(id);
    const bytes = peer?.encoder.pull();
    if (bytes === undefined) this.#writable.delete(id);
    else peer!.lent += bytes.length;
    return bytes;
  }

  #handle(peer: Peer, frame: ClientFrame): void {
    switch (frame.op) {
      case "connect":
        return this.#connect(peer, frame.options);
      case "pub":
        return this.#publish(peer, frame);
      case "sub":
        if (subscribe(peer, frame, this.#tree, this.#config)) this.#subscriptions++;
        return;
      case "unsub":
        return unsubscribe(peer, frame, (subscription) => this.#remove(subscription));
      case "ping":
        return peer.send({ op: "pong" });
      case "pong":
        peer.pingsOut = 0;
        return;
    }
  }

  #connect(peer: Peer, options: ConnectOptions): void {
    const { protocol = 0 } = options;
    if (peer.connected) this.#refuse(peer, "Unknown Protocol Operation", "a second CONNECT");
    else if (protocol !== 0 && protocol !== 1) this.#refuse(peer, "invalid client protocol", `protocol ${protocol}`);
    else if (options.no_responders === true && options.headers !== true) {
      this.#refuse(peer, "no responders requires headers support", "no_responders without headers");
    } else {
      peer.introduce(options);
      peer.acknowledge();
    }
  }

  #publish(peer: Peer, frame: ClientFrame & { op: "pub" }): void {
    if (frame.headers !== undefined && !peer.headers) return this.#hangUp(peer, "protocol", "HPUB without headers");
    const pick = (below: number): number => this.#pick(below);
    const delivered = publish(peer, frame, this.#tree, pick, (one, to) => {
      this.#settle(to);
      if (one.max !== undefined && one.delivered >= one.max) this.#remove(one);
    });
    if (delivered === undefined) return;
    this.#received++;
    this.#delivered += delivered;
  }

  #refuse(peer: Peer, text: string, detail: string): void {
    peer.refuse(text);
    this.#hangUp(peer, "refused", detail);
  }

  #ping(peer: Peer): void {
    peer.pingAt = this.#now + this.#config.pingInterval;
    // A client that just spoke is alive.
    if (this.#now - peer.heard < this.#config.pingInterval) return;
    if (peer.pingsOut + 1 > this.#config.pingMax) {
      peer.refuse("Stale Connection");
      this.#hangUp(peer, "stale", `${peer.pingsOut} PINGs unanswered`);
    } else {
      peer.pingsOut++;
      peer.send({ op: "ping" });
    }
    this.#settle(peer);
  }

  #greet(peer: Peer): void {
    const { host, port, maxPayload, serverName } = this.#config;
    peer.send({
      op: "info",
      info: {
        server_id: this.#id,
        server_name: serverName ?? this.#id,
        version: "2.9.10",
        proto: 1,
        go: "natswire",
        host,
        port,
        headers: true,
        max_payload: maxPayload,
        client_id: peer.id,
      },
    });
  }

  #remove(subscription: Subscription): void {
    const { peer, pattern, sid } = subscription;
    if (peer.subscriptions.get(sid) !== subscription) return;
    peer.subscriptions.delete(sid);
    this.#tree.remove(pattern, subscription);
    this.#subscriptions--;
  }

  #hangUp(peer: Peer, why: HangUpReason, detail: string): void {
    if (peer.closing) return;
    peer.closing = true;
    this.#actions.push({ do: "hang-up", peer: peer.id, why, detail });
  }

  /** Notes that there is something to write, or too much. */
  #settle(peer: Peer): void {
    const { pending } = peer.encoder;
    if (pending > 0) this.#writable.add(peer.id);
    if (pending + peer.lent > this.#config.maxPending && !peer.closing) {
      this.#slow++;
      this.#hangUp(peer, "slow", `${pending + peer.lent} bytes are waiting`);
    }
  }

  #pick(below: number): number {
    if (below === 1) return 0;
    const word = new Uint32Array(1);
    this.#config.random(new Uint8Array(word.buffer));
    // Groups are small: the bias of the remainder is below one in a million.
    return word[0]! % below;
  }

  #wakeBy(at: Millis): void {
    if (this.#wake === undefined || at < this.#wake) this.#wake = at;
  }

  #tick(now: Millis): void {
    if (now > this.#now) this.#now = now;
  }
}
