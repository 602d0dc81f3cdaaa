// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, type ConnectInfo, clientFrames, Decoder, type Pub, type ServerFrame } from "@natswire/codec";
import { type Accounts, GLOBAL_ACCOUNT } from "./auth/accounts.ts";
import type { Grant } from "./auth/grant.ts";
import type { Permissions } from "./auth/permissions.ts";
import type { Millis, ServerConfig } from "./config.ts";
import type { Interest } from "./interest.ts";
import { Outbox, type OutboxListener } from "./outbox.ts";
import type { ConnectionId, ConnectionInfo, TlsOffer } from "./outputs.ts";
import { createNonce } from "./random-text.ts";
import type { Receiver, Subscription } from "./subscription.ts";

// "c", for either case.
const LOWER_C = 0x63;
const MAX_UNAUTHORIZED_BYTES = 65_536;

/** One connection: its two ways, what its CONNECT said, and when it was last heard. */
export class Peer implements Receiver {
  readonly id: ConnectionId;
  readonly decoder: Decoder<ClientFrame>;
  readonly outbox: Outbox;
  readonly subscriptions: Map<string, Subscription> = new Map();
  connected = false;
  /** It has to be authorized and is not. */
  unauthenticated: boolean;
  /** Its credentials are being looked at: what it sends meanwhile waits. */
  authorizing = false;
  /** What its INFO asked to be signed; empty where no credentials are needed. */
  readonly nonce: string;
  /** How it comes to speak TLS; not at all where that is left out. */
  readonly tls: TlsOffer | undefined;
  permissions: Permissions = {};
  account: string = GLOBAL_ACCOUNT;
  /** The subscriptions of its account. */
  interest: Interest;
  // Before CONNECT, and where CONNECT leaves them out, the reference server takes these three to be true.
  verbose = true;
  pedantic = true;
  echo = true;
  headers = false;
  /** From 1 on INFO may come again. */
  protocol = 0;
  /** Its first PING was answered: before that clients expect nothing but the PONG. */
  firstPongSent = false;
  /** There is news for it once that is so. */
  infoPending = false;
  noResponders = false;
  /** No input is read any more, and nothing is sent but what is queued. */
  closing = false;
  nextPing: Millis;
  /** When it must be authorized; never where it need not be. */
  authDeadline: Millis;
  pingsOut = 0;
  /** When it last sent anything but a PONG. */
  lastReceived: Millis;
  /** What its CONNECT said, without what only the authorizer sees. */
  options: ConnectInfo = {};
  /** Messages it published, refused ones not counted. */
  published = 0;
  #delivered = 0;

  constructor(
    id: ConnectionId,
    config: ServerConfig,
    interest: Interest,
    listener: OutboxListener,
    now: Millis,
    tls?: TlsOffer,
  ) {
    this.id = id;
    this.interest = interest;
    this.tls = tls;
    this.outbox = new Outbox(config.maxPending, listener);
    this.unauthenticated = config.authRequired;
    this.nonce = config.authRequired ? createNonce(config.random) : "";
    this.decoder = new Decoder(clientFrames, { line: config.maxLine, payload: config.maxPayload });
    this.lastReceived = now;
    this.nextPing = now + config.pingInterval;
    this.authDeadline = config.authRequired ? now + config.authTimeout : Number.POSITIVE_INFINITY;
  }

  /** Whether it has to say CONNECT and begins with another letter: known before anything of it is kept. */
  startsWithoutConnect(chunk: Uint8Array): boolean {
    const isFirst = this.decoder.offset === 0 && this.decoder.buffered === 0;
    return this.unauthenticated && isFirst && (chunk[0]! | 0x20) !== LOWER_C;
  }

  /** Whether more waits behind its CONNECT than is kept of a client that is not known. */
  get exceedsAuthBuffer(): boolean {
    return this.decoder.buffered > MAX_UNAUTHORIZED_BYTES;
  }

  /** Takes over what CONNECT says; its credentials are not kept. */
  applyConnect(options: ConnectInfo): void {
    const { auth_token, pass, jwt, sig, ...rest } = options;
    this.options = rest;
    this.verbose = options.verbose ?? true;
    this.pedantic = options.pedantic ?? true;
    this.echo = options.echo ?? true;
    this.headers = options.headers ?? false;
    this.noResponders = options.no_responders ?? false;
    this.protocol = options.protocol ?? 0;
  }

  /** It is let in; what it sent meanwhile can be read. */
  accept({ account = GLOBAL_ACCOUNT, permissions = {} }: Grant, accounts: Accounts): void {
    this.account = account;
    this.interest = accounts.interestOf(account);
    this.permissions = permissions;
    this.connected = true;
    this.authorizing = this.unauthenticated = false;
    this.authDeadline = Number.POSITIVE_INFINITY;
    this.acknowledge();
  }

  send(frame: ServerFrame<string>): void {
    if (!this.closing) this.outbox.push(frame);
  }

  /** A client that does not read headers gets the message without. */
  deliver({ subject, reply, headers, payload }: Pub, sid: string): void {
    const block = this.headers && headers?.length !== 0 ? headers : undefined;
    this.#delivered++;
    this.send({ op: "msg", subject, sid, reply, headers: block, payload, flaw: undefined });
  }

  /**
   * Asks whether it is alive, unless it just spoke or its answer could not be read; false where it has left too many
   * PINGs unanswered.
   */
  ping(now: Millis, { pingInterval, pingMax }: ServerConfig): boolean {
    this.nextPing = now + pingInterval;
    if (now - this.lastReceived < pingInterval || this.authorizing) return true;
    if (this.pingsOut + 1 > pingMax) return false;
    this.pingsOut++;
    this.send({ op: "ping" });
    return true;
  }

  /** Says +OK where the client asked for it. */
  acknowledge(): void {
    if (this.verbose) this.send({ op: "ok" });
  }

  sendError(text: string): void {
    this.send({ op: "err", text });
  }

  describe(): ConnectionInfo {
    const { id, connected, published, pingsOut } = this;
    const subscriptions = [...this.subscriptions.values()].map(({ pattern: subject, queue, sid, delivered, max }) => {
      return { subject, queue, sid, delivered, max };
    });
    const [delivered, { pending }, options] = [this.#delivered, this.outbox, this.options];
    return { id, connected, options, subscriptions, published, delivered, pending, pingsOut };
  }
}
