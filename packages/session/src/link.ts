// SPDX-License-Identifier: Apache-2.0
import {
  type ClientFrame,
  type Connect,
  Decoder,
  Encoder,
  type ServerFrame,
  type ServerInfo,
  type Sub,
  serverFrames,
  type Unsub,
  UsageError,
} from "@natswire/codec";
import type { Millis, SessionConfig } from "./config.ts";
import type { Failure } from "./handshake.ts";
import type { Outgoing } from "./outbound.ts";
import type { SubscriptionId, Ticket } from "./outputs.ts";
import { PayloadPool } from "./payload-pool.ts";
import { Queue } from "./queue.ts";
import { type Address, formatEndpoint } from "./servers/address.ts";
import type { Candidate } from "./servers/pool.ts";
import type { Subscription } from "./subscriptions.ts";

// Lost before that, it was no good one.
const STABLE_AFTER: Millis = 5000;

/** How far an attempt has come. */
export type Phase = "dialing" | "greeting" | "securing" | "signing" | "connecting" | "ready";

/** A PING that waits for its PONG. */
export interface PendingPing {
  readonly purpose: "handshake" | "keep-alive" | "flush" | "drain";
  readonly ticket: Ticket;
  /** Messages published before it, which its PONG confirms. */
  readonly published: number;
}

/** What a verbose server answers with `+OK`, or with an `-ERR` in its place: in order. */
export interface AwaitingOk {
  /** `PUB foo`. */
  readonly operation: string;
  /** Of a message: how many were published up to it. */
  readonly published: number | undefined;
}

/** One connection, from the attempt to its end. */
export class Link {
  readonly candidate: Candidate;
  /** Where it goes, as it is dialled. */
  readonly address: Address;
  phase: Phase = "dialing";
  decoder: Decoder<ServerFrame> = new Decoder(serverFrames);
  readonly encoder: Encoder<ClientFrame> = new Encoder();
  /** What the server said of itself, all taken together. */
  info: ServerInfo = {};
  // What each publish asks of it.
  #maxPayload: number = Number.POSITIVE_INFINITY;
  #supportsHeaders = false;
  isSecure = false;
  /** It was asked before it was told who asks: some servers take nothing in front of CONNECT. */
  pongDue = false;
  /** When it must have come to the first PONG. */
  readonly connectDeadline: Millis;
  #pingAt: Millis = Number.POSITIVE_INFINITY;
  #stableAt: Millis = Number.POSITIVE_INFINITY;
  /** Messages handed to it, and those of them that a PONG confirmed. */
  published = 0;
  confirmed = 0;
  readonly pendingPings: PendingPing[] = [];
  /** Only where the server is verbose. */
  readonly awaitingOk: Queue<AwaitingOk> | undefined;
  readonly #payloads = new PayloadPool();
  // Bytes that wait to be released, and those that were.
  #unreleased = 0;
  #released = 0;

  constructor(candidate: Candidate, address: Address, { timeout, verbose }: SessionConfig, now: Millis) {
    this.candidate = candidate;
    this.address = address;
    this.connectDeadline = now + timeout;
    this.awaitingOk = verbose ? new Queue() : undefined;
  }

  /** Bytes that wait to be read by the server, as far as is known. */
  get pending(): number {
    return this.encoder.pending + this.#unreleased;
  }

  /** What happened to it, and where: of several servers it is one. A socket's error may say that by itself. */
  withServer(what: string): string {
    const server = formatEndpoint(this.address.endpoint);
    return what.includes(server) ? what : `${server}: ${what}`;
  }

  ping(purpose: PendingPing["purpose"], ticket: Ticket = 0): void {
    this.pendingPings.push({ purpose, ticket, published: this.published });
    this.encoder.push({ op: "ping" });
  }

  /** When it wants to be looked at. */
  get deadline(): Millis {
    return this.phase === "ready" ? Math.min(this.#pingAt, this.#stableAt) : this.connectDeadline;
  }

  /** The server let it in. */
  activate(now: Millis, { pingInterval }: SessionConfig): void {
    this.phase = "ready";
    this.#pingAt = now + pingInterval;
    this.#stableAt = now + STABLE_AFTER;
  }

  /** Whether it has now been there for a while; true once. */
  becameStable(now: Millis): boolean {
    if (this.#stableAt > now) return false;
    this.#stableAt = Number.POSITIVE_INFINITY;
    return true;
  }

  /**
   * Asks whether it is alive, when it is time to.
   *
   * @param wasDeaf whether nothing was read meanwhile: it may have answered
   * @returns why it is given up, where it has not come to be in time, or has not answered for too long
   */
  elapsed(now: Millis, config: SessionConfig, wasDeaf: () => boolean): Failure | undefined {
    const { timeout, pingInterval, maxPingOut } = config;
    if (this.deadline > now) return undefined;
    if (this.phase !== "ready") return { reason: "TIMEOUT", detail: `not connected in ${timeout} ms: ${this.phase}` };
    this.#pingAt = now + pingInterval;
    if (wasDeaf()) return undefined;
    const unanswered = this.pendingPings.filter(({ purpose }) => purpose === "keep-alive").length;
    if (unanswered >= maxPingOut) return { reason: "STALE", detail: `${unanswered} PINGs unanswered` };
    this.ping("keep-alive");
    return undefined;
  }

  /** The server said something of itself; what it does not say again holds. */
  update(info: ServerInfo): void {
    this.info = { ...this.info, ...info };
    const { max_payload: most = -1, headers } = this.info;
    this.#maxPayload = most < 0 ? Number.POSITIVE_INFINITY : most;
    this.#supportsHeaders = headers === true;
  }

  /** Why the server would not take so many bytes. It would hang up, and all that was under way would be lost. */
  refusal(bytes: number, hasHeaders: boolean): UsageError | undefined {
    if (bytes > this.#maxPayload) {
      return new UsageError("TOO_LARGE", `${bytes} bytes are more than the server takes, ${this.#maxPayload}`);
    }
    if (!hasHeaders || this.#supportsHeaders) return undefined;
    return new UsageError("BAD_HEADER", "the server takes no headers");
  }

  /** @throws UsageError where it could not go on the wire, and then nothing is said */
  publish(subject: string, { reply, headers, payload: given, isCopied }: Outgoing): void {
    const payload = isCopied === true ? this.#payloads.copy(given) : given;
    // A frame that is made for the call is never allocated (`client publish 0 B`).
    this.encoder.push({ op: "pub", subject, reply, headers, payload, flaw: undefined });
    if (payload !== given) this.#payloads.holdUntil(this.#released + this.pending);
    this.published++;
    if (this.awaitingOk !== undefined) this.awaitingOk.push({ operation: `PUB ${subject}`, published: this.published });
  }

  /** @throws UsageError where it could not go on the wire, and then nothing is said */
  send(frame: Connect | Sub | Unsub): void {
    this.encoder.push(frame);
    this.awaitingOk?.push({ operation: formatOperation(frame), published: undefined });
  }

  subscribe({ sid, subject, queue, max }: Subscription): void {
    this.send({ op: "sub", subject, queue, sid: String(sid) });
    if (max !== undefined) this.unsubscribe(sid, max);
  }

  /** Another maximum than the one it may have. */
  setMax(subscription: Subscription, max: number): void {
    const { sid, subject, queue, receivedBefore } = subscription;
    if (subscription.max !== undefined && max > subscription.max) {
      // By now it may have reached that one, and be gone. Where it is not, a server ignores a SUB with its sid.
      this.send({ op: "sub", subject, queue, sid: String(sid) });
      subscription.isRaised = true;
    }
    this.unsubscribe(sid, max - receivedBefore);
  }

  unsubscribe(sid: SubscriptionId, max?: number): void {
    this.send({ op: "unsub", sid: String(sid), max });
  }

  /** What is heard from now on has nothing to do with what was heard before. */
  resetDecoder(): void {
    this.decoder = new Decoder(serverFrames);
  }

  transmit(): Uint8Array | undefined {
    const bytes = this.encoder.pull();
    this.#unreleased += bytes?.length ?? 0;
    return bytes;
  }

  released(bytes: number): void {
    this.#unreleased -= bytes;
    this.#released += bytes;
    this.encoder.release(bytes);
    this.#payloads.release(this.#released);
  }
}

function formatOperation(frame: Connect | Sub | Unsub): string {
  if (frame.op === "connect") return "CONNECT";
  return frame.op === "unsub" ? `UNSUB ${frame.sid}` : `SUB ${frame.subject}`;
}
