// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import type { JetStreamAccount } from "../account.ts";
import { noBytes } from "../bytes.ts";
import type { ConsumerConfig } from "./consumer-config.ts";
import { limitError, readPull } from "./pull-input.ts";
import { pendingStatus, statusHeaders } from "./status.ts";

/** A request for messages. */
export interface PullRequest {
  readonly reply: string;
  readonly noWait: boolean;
  readonly expires: Millis | undefined;
  readonly heartbeat: Millis;
  /** How many messages are left to send. */
  batch: number;
  /** How many bytes are left; 0 without a limit. */
  bytes: number;
  delivered: number;
  nextHeartbeat: Millis;
  /** The round in which it was found able to receive. */
  checked: number;
}

const NANOS = 1_000_000;
/** How often requests are looked through because there are too many. */
const FULL_INTERVAL = 1000;

/** The requests that wait for messages of a consumer, in the order in which they get them. */
export class PullRequests {
  readonly #account: JetStreamAccount;
  readonly #queue: PullRequest[] = [];
  /** Who can receive is looked up once in a round: it does not change before something is sent. */
  #round = 0;
  #mayEnd = false;
  /** When requests were looked through last. */
  #expiredAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(account: JetStreamAccount) {
    this.#account = account;
  }

  /** Whether a request may end because there are no more messages. */
  get mayEnd(): boolean {
    return this.#mayEnd;
  }

  /** How many requests wait. */
  get count(): number {
    return this.#queue.length;
  }

  /** When a request expires or gets a heartbeat next. */
  get deadline(): Millis | undefined {
    let next: Millis | undefined;
    for (const { expires, heartbeat, nextHeartbeat } of this.#queue) {
      if (expires !== undefined && (next === undefined || expires < next)) next = expires;
      if (heartbeat > 0 && (next === undefined || nextHeartbeat < next)) next = nextHeartbeat;
    }
    return next;
  }

  /**
   * Adds a request, or answers it with an error. Returns the request if it waits.
   *
   * @param pending how many messages there are to send now
   */
  add(reply: string, payload: Uint8Array, config: ConsumerConfig, pending: number): PullRequest | undefined {
    const { now } = this.#account.engine;
    const input = readPull(payload);
    const error = typeof input === "string" ? `400 Bad Request - ${input}` : limitError(input, config);
    if (typeof input === "string" || error !== undefined) return this.#refuse(reply, error!);
    const { batch = 0, expires = 0, idle_heartbeat: heartbeat = 0, no_wait: noWait = false } = input;
    const { max_waiting: limit = 0 } = config;
    if (this.#queue.length >= limit && now - this.#expiredAt > FULL_INTERVAL) this.expire(false);
    if (noWait) {
      if (pending === 0 && expires === 0) return this.#refuse(reply, "404 No Messages");
      if (pending > 0 && pending < this.#requested()) return this.#refuse(reply, "408 Requests Pending");
    }
    if (this.#queue.length >= limit) {
      // A client with heartbeats notices that they are missing, and does not request again at once.
      return heartbeat === 0 ? this.#refuse(reply, "409 Exceeded MaxWaiting") : undefined;
    }
    const request = {
      reply,
      noWait,
      expires: expires === 0 ? undefined : now + expires / NANOS,
      heartbeat: heartbeat / NANOS,
      batch,
      bytes: input.max_bytes ?? 0,
      delivered: 0,
      nextHeartbeat: now + heartbeat / NANOS,
      checked: 0,
    };
    this.#queue.push(request);
    this.#mayEnd ||= noWait;
    return request;
  }

  /** Begins a round: looks up anew who can receive. */
  startRound(): void {
    this.#round++;
  }

  /**
   * Returns the request that gets the next message, and counts the message. Requests take turns.
   *
   * Ends requests that have expired, whose client is gone, or that the message is too large for.
   *
   * @param size of the message
   * @returns `undefined` if none waits, or those that wait lag. A request is done if no messages are left in its batch.
   */
  take(size: number): PullRequest | undefined {
    const { name, engine } = this.#account;
    for (let skipped = 0; skipped < this.#queue.length; ) {
      const request = this.#queue[0]!;
      if (request.bytes > 0 && size > request.bytes) {
        this.#end("409 Message Size Exceeds MaxBytes");
        continue;
      }
      if (request.expires !== undefined && request.expires <= engine.now) {
        this.#end("408 Request Timeout");
        continue;
      }
      if (request.checked !== this.#round) {
        if (!engine.host.hasInterest(name, request.reply)) {
          this.#queue.shift();
          continue;
        }
        if (engine.host.isLagging(name, request.reply)) {
          this.#queue.push(this.#queue.shift()!);
          skipped++;
          continue;
        }
        request.checked = this.#round;
      }
      this.#count(request, size);
      return request;
    }
    return undefined;
  }

  #count(request: PullRequest, size: number): void {
    const hasLimit = request.bytes > 0;
    if (hasLimit) request.bytes -= size;
    request.batch = hasLimit && request.bytes === 0 ? 0 : request.batch - 1;
    request.delivered++;
    if (request.batch > 0) request.nextHeartbeat = this.#account.engine.now + request.heartbeat;
    if (request.batch > 0 && this.#queue.length === 1) return;
    this.#queue.shift();
    if (request.batch > 0) this.#queue.push(request);
  }

  /**
   * Ends requests that have expired or whose client is gone, and sends heartbeats.
   *
   * @param atEnd whether there are no more messages: requests with `no_wait` that got some end
   * @param heartbeat the headers of a heartbeat
   */
  expire(atEnd: boolean, heartbeat?: () => Uint8Array): void {
    const { name, engine } = this.#account;
    this.#mayEnd = false;
    this.#expiredAt = engine.now;
    for (let left = this.#queue.length; left > 0; left--) {
      const request = this.#queue[0]!;
      const isExpired = request.expires !== undefined && request.expires <= engine.now;
      if (isExpired || (atEnd && request.noWait && request.delivered > 0)) {
        this.#end("408 Request Timeout");
        continue;
      }
      this.#queue.shift();
      if (!engine.host.hasInterest(name, request.reply)) continue;
      this.#queue.push(request);
      this.#mayEnd ||= request.noWait;
      if (request.heartbeat > 0 && request.nextHeartbeat <= engine.now && heartbeat !== undefined) {
        engine.publish(name, { subject: request.reply, headers: heartbeat(), payload: noBytes });
        request.nextHeartbeat = engine.now + request.heartbeat;
      }
    }
  }

  /** Ends all requests. @param status what their clients get */
  endAll(status: string): void {
    for (const { reply } of this.#queue.splice(0)) this.#refuse(reply, status);
  }

  /** How many messages are requested. */
  #requested(): number {
    this.expire(false);
    return this.#queue.reduce((sum, { batch }) => sum + batch, 0);
  }

  /** Ends the first request, and says how much of it is left. */
  #end(status: string): void {
    const request = this.#queue.shift()!;
    const headers = pendingStatus(status, request);
    this.#account.engine.publish(this.#account.name, { subject: request.reply, headers, payload: noBytes });
  }

  #refuse(reply: string, status: string): undefined {
    const headers = statusHeaders(status);
    this.#account.engine.publish(this.#account.name, { subject: reply, headers, payload: noBytes });
    return undefined;
  }
}
