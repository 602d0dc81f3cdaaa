// SPDX-License-Identifier: Apache-2.0
import {
  type ClientFrame,
  type Connect,
  type Decoder,
  Encoder,
  type ServerFrame,
  type ServerInfo,
  type Sub,
  type Unsub,
  UsageError,
} from "@natswire/codec";
import type { Millis, SessionConfig } from "./config.ts";
import type { Outgoing } from "./outbound.ts";
import type { SubscriptionId, Ticket } from "./outputs.ts";
import type { LinkPhase } from "./phases.ts";
import { Queue } from "./queue.ts";
import { type Address, formatEndpoint } from "./servers/address.ts";
import type { Candidate } from "./servers/pool.ts";
import type { Subscription } from "./subscriptions.ts";

// A connection that is lost earlier does not end a series of failures.
const STABLE_AFTER: Millis = 5000;
// Smaller payloads are copied anyway.
const COPY_LIMIT = 8192;

/** A PING that waits for its PONG. */
export interface PendingPing {
  readonly purpose: "handshake" | "keep-alive" | "flush" | "drain";
  readonly ticket: Ticket;
  /** The number of messages published before it, which its PONG confirms. */
  readonly published: number;
}

/** An operation that waits for the `+OK` of a verbose server, or for the `-ERR` in its place. */
export interface AwaitingOk {
  /** As it is reported, e.g. `PUB foo`. */
  readonly operation: string;
  /** For a message: the number of messages published up to it, which its `+OK` confirms. */
  readonly published: number | undefined;
}

/** What a connection needs to begin. */
export interface LinkOptions {
  readonly candidate: Candidate;
  /** The address as it is dialled: `handshakeFirst` changes its scheme. */
  readonly address: Address;
  readonly config: SessionConfig;
}

/** One connection, from the attempt to its end. */
export class Link {
  readonly candidate: Candidate;
  address: Address;
  phase: LinkPhase = "dialing";
  /** Made with the first bytes of a stream. */
  decoder: Decoder<ServerFrame> | undefined;
  readonly encoder: Encoder<ClientFrame> = new Encoder();
  /** All INFO of the server, merged. */
  info: ServerInfo = {};
  // Two fields of INFO that every publish needs.
  #maxPayload: number = Number.POSITIVE_INFINITY;
  #supportsHeaders = false;
  isSecure = false;
  /** The latest `connect_urls` were received inside TLS. */
  hasSecureUrls = false;
  /** A PING was received before CONNECT was sent. Some servers accept nothing before CONNECT. */
  pongDue = false;
  #began: Millis = 0;
  /** Milliseconds that the attempt may take from its beginning: until INFO and, after INFO, until the first PONG. */
  timeout: Millis = 0;
  readonly #timeoutAfterInfo: Millis;
  #pingAt: Millis = Number.POSITIVE_INFINITY;
  #stableAt: Millis = Number.POSITIVE_INFINITY;
  /** Messages written to this connection, and how many of them the server has confirmed. */
  published = 0;
  confirmed = 0;
  readonly pendingPings: PendingPing[] = [];
  /** Only if the server is verbose. */
  readonly awaitingOk: Queue<AwaitingOk> | undefined;
  // Bytes that were transmitted and not released.
  #unreleased = 0;

  constructor({ candidate, address, config }: LinkOptions) {
    this.candidate = candidate;
    this.address = address;
    this.#timeoutAfterInfo = config.timeout;
    this.awaitingOk = config.verbose ? new Queue() : undefined;
  }

  /** Bytes that the server has not read, as far as is known. */
  get pending(): number {
    return this.encoder.pending + this.#unreleased;
  }

  /** Returns a text with the server in front, unless it names the server already, as errors of sockets may. */
  withServer(detail: string): string {
    const { endpoint } = this.address;
    const server = formatEndpoint(endpoint);
    if (endpoint.address !== undefined) return `${server} (${endpoint.address}): ${detail}`;
    return detail.includes(server) ? detail : `${server}: ${detail}`;
  }

  ping(purpose: PendingPing["purpose"], ticket: Ticket = 0): void {
    this.pendingPings.push({ purpose, ticket, published: this.published });
    this.encoder.push({ op: "ping" });
  }

  /** When the connection has something to do next. */
  get deadline(): Millis {
    return this.phase === "ready" ? Math.min(this.#pingAt, this.#stableAt) : this.#began + this.timeout;
  }

  /**
   * Begins to resolve or to dial.
   *
   * @param infoTimeout milliseconds until INFO, at most
   */
  begin(phase: "resolving" | "dialing", infoTimeout: Millis, now: Millis): void {
    this.phase = phase;
    this.timeout = infoTimeout;
    this.#began = now;
  }

  /** Begins the phase `ready`. */
  activate(now: Millis, { pingInterval }: SessionConfig): void {
    this.phase = "ready";
    this.#pingAt = now + pingInterval;
    this.#stableAt = now + STABLE_AFTER;
  }

  /** Returns true, once, if the connection has been ready for 5 seconds. */
  becameStable(now: Millis): boolean {
    if (this.#stableAt > now) return false;
    this.#stableAt = Number.POSITIVE_INFINITY;
    return true;
  }

  /** Puts the next keep-alive PING off for an interval. */
  schedulePing(now: Millis, { pingInterval }: SessionConfig): void {
    this.#pingAt = now + pingInterval;
  }

  /** The number of keep-alive PINGs without a PONG. */
  get unansweredPings(): number {
    return this.pendingPings.filter(({ purpose }) => purpose === "keep-alive").length;
  }

  /** Merges an INFO: a field that is not repeated stays as it was. */
  update(info: ServerInfo): void {
    this.info = { ...this.info, ...info };
    this.timeout = this.#timeoutAfterInfo;
    if (info.connect_urls !== undefined) this.hasSecureUrls = this.isSecure;
    const { max_payload: maxPayload = -1, headers } = this.info;
    this.#maxPayload = maxPayload < 0 ? Number.POSITIVE_INFINITY : maxPayload;
    this.#supportsHeaders = headers === true;
  }

  /** Returns why the server would not accept a message. It would close the connection, with all that is in flight. */
  refusal(subject: string, bytes: number, hasHeaders: boolean): UsageError | undefined {
    // Every publish pays for this comparison: the texts are elsewhere.
    if (bytes <= this.#maxPayload && (!hasHeaders || this.#supportsHeaders)) return undefined;
    return refusalOf(JSON.stringify(subject), bytes, hasHeaders, this.#maxPayload);
  }

  /** @throws UsageError if the message cannot be encoded, and then nothing is sent */
  publish(subject: string, { reply, headers, payload, isCopied }: Outgoing): void {
    if (payload.length > COPY_LIMIT && isCopied === true) this.#pushCopy(subject, reply, headers, payload);
    // A frame that is made in the call is never allocated (`client publish 0 B`).
    else this.encoder.push({ op: "pub", subject, reply, headers, payload, flaw: undefined });
    this.published++;
    if (this.awaitingOk !== undefined) this.awaitingOk.push({ operation: `PUB ${subject}`, published: this.published });
  }

  // In a method of its own, so that engines still inline `publish` (`session publish 16 B`).
  #pushCopy(subject: string, reply: string | undefined, headers: Uint8Array | undefined, payload: Uint8Array): void {
    this.encoder.pushCopy({ op: "pub", subject, reply, headers, payload, flaw: undefined });
  }

  /** @throws UsageError if the frame cannot be encoded, and then nothing is sent */
  send(frame: Connect | Sub | Unsub): void {
    this.encoder.push(frame);
    this.awaitingOk?.push({ operation: formatOperation(frame), published: undefined });
  }

  subscribe({ sid, subject, queue, max }: Subscription): void {
    this.send({ op: "sub", subject, queue, sid: String(sid) });
    if (max !== undefined) this.unsubscribe(sid, max);
  }

  /** Sends a new maximum. Call it before the subscription has the new one. */
  setMax(subscription: Subscription, max: number): void {
    const { sid, subject, queue, receivedBefore } = subscription;
    if (subscription.max !== undefined && max > subscription.max) {
      // The server may have reached the old maximum and removed the subscription. If not, it ignores the second SUB.
      this.send({ op: "sub", subject, queue, sid: String(sid) });
      subscription.isRaised = true;
    }
    this.unsubscribe(sid, max - receivedBefore);
  }

  unsubscribe(sid: SubscriptionId, max?: number): void {
    this.send({ op: "unsub", sid: String(sid), max });
  }

  transmit(): Uint8Array | undefined {
    const bytes = this.encoder.pull();
    this.#unreleased += bytes?.length ?? 0;
    return bytes;
  }

  released(bytes: number): void {
    this.#unreleased -= bytes;
    this.encoder.release(bytes);
  }
}

function formatOperation(frame: Connect | Sub | Unsub): string {
  if (frame.op === "connect") return "CONNECT";
  return frame.op === "unsub" ? `UNSUB ${frame.sid}` : `SUB ${frame.subject}`;
}

function refusalOf(subject: string, bytes: number, hasHeaders: boolean, maxPayload: number): UsageError {
  if (bytes <= maxPayload) {
    return new UsageError("BAD_HEADER", `message for ${subject}: the server does not support headers; remove them`);
  }
  const what = hasHeaders ? "payload and headers of" : "payload of";
  const verb = hasHeaders ? "exceed" : "exceeds";
  const limit = `the server's max_payload of ${maxPayload}`;
  return new UsageError("TOO_LARGE", `${what} ${bytes} bytes for ${subject} ${verb} ${limit}`);
}
