// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Millis } from "@natswire/server";
import type { JetStreamAccount } from "../account.ts";
import { advise } from "../advisory.ts";
import { noBytes } from "../bytes.ts";
import type { Engine, Source, Timed } from "../engine.ts";
import type { Stored } from "../stream/stored.ts";
import type { Stream } from "../stream/stream.ts";
import { readTime, timeText } from "../time.ts";
import { ackKind, nakDelay, termReason } from "./ack-payload.ts";
import { AckSubjects } from "./ack-subject.ts";
import { Acks, placeInfo } from "./acks.ts";
import type { Consumer } from "./consumer.ts";
import { type ConsumerConfig, filterOf } from "./consumer-config.ts";
import { Cursor } from "./cursor.ts";
import { headersOnly } from "./headers-only.ts";
import { Inactivity } from "./inactivity.ts";
import { PullRequests } from "./pull-requests.ts";
import { PushTarget } from "./push-target.ts";
import { Replay } from "./replay.ts";
import { startOf } from "./start.ts";
import { pendingStatus, statusHeaders } from "./status.ts";

const NANOS = 1_000_000;
/** The most messages, and bytes, that are sent before other consumers are asked. */
const TURN_MESSAGES = 16;
const TURN_BYTES = 64 * 1024;

/** A consumer of a stream: delivers its messages, and remembers what is acknowledged. */
export class StreamConsumer implements Consumer, Source, Timed {
  readonly name: string;
  readonly created: Millis;
  readonly #stream: Stream;
  readonly #account: JetStreamAccount;
  readonly #engine: Engine;
  #config: ConsumerConfig;
  readonly #cursor: Cursor;
  readonly #acks: Acks;
  readonly #requests: PullRequests;
  readonly #push: PushTarget | undefined;
  readonly #inactivity: Inactivity;
  readonly #replay: Replay | undefined;
  readonly #subjects: AckSubjects;
  readonly #stopAcks: (() => void) | undefined;
  readonly #timer: ReturnType<Engine["time"]>;
  #deadline: Millis | undefined;
  // On the wall clock: what clients see.
  #deliveredAt: Millis | undefined;
  #ackedAt: Millis | undefined;
  #nextHeartbeat: Millis | undefined;
  /** On the wall clock too; 0 if it is not paused. */
  #pauseUntil = 0;
  readonly #acknowledged: (sequence: number) => void;

  /** @param config complete and checked */
  constructor(stream: Stream, name: string, config: ConsumerConfig) {
    const { account, store } = stream;
    const { engine } = account;
    const names = `${stream.config.name}.${name}`;
    this.name = name;
    this.created = engine.host.wall;
    this.#stream = stream;
    this.#account = account;
    this.#engine = engine;
    this.#config = config;
    const filter = filterOf(config);
    const start = startOf(config, filter, store);
    this.#cursor = new Cursor(store, filter, start);
    this.#acks = new Acks(config, start.next - 1, (stream_seq, deliveries) =>
      this.#advise("MAX_DELIVERIES", "max_deliver", { stream_seq, deliveries }),
    );
    this.#requests = new PullRequests(account);
    const { deliver_subject: subject, flow_control: hasFlowControl = false } = config;
    this.#push =
      subject === undefined
        ? undefined
        : new PushTarget(account, subject, names, hasFlowControl, () => this.#targetChanged());
    this.#inactivity = new Inactivity(config, engine.now, this.#push?.isActive === true);
    this.#replay = config.replay_policy === "original" ? new Replay(store.last) : undefined;
    this.#subjects = new AckSubjects(names);
    if (config.ack_policy !== "none") {
      this.#stopAcks = engine.subscribe(account.name, this.#subjects.pattern, (message) => this.#received(message));
    }
    this.#timer = engine.time(this);
    this.#acknowledged = (sequence) => stream.acknowledged(this, sequence);
    this.#pauseUntil = readTime(config.pause_until ?? "") ?? 0;
    this.#restartHeartbeat();
    this.#schedule();
    engine.ready(this);
  }

  get config(): ConsumerConfig {
    return this.#config;
  }

  /** The fields of an answer about it. */
  info(): object {
    const { wall } = this.#engine.host;
    this.#requests.expire(false);
    const pausedFor = this.#isPaused ? this.#pauseUntil - wall : 0;
    return {
      stream_name: this.#stream.config.name,
      name: this.name,
      created: timeText(this.created),
      config: this.#config,
      delivered: placeInfo(this.#acks.delivered, this.#deliveredAt),
      ack_floor: placeInfo(this.#acks.floor, this.#ackedAt),
      num_ack_pending: this.#acks.pending.count,
      num_redelivered: this.#acks.redelivered,
      num_waiting: this.#requests.count,
      num_pending: this.#cursor.pending,
      push_bound: this.#push?.isActive || undefined,
      paused: pausedFor > 0 || undefined,
      pause_remaining: pausedFor > 0 ? Math.round(pausedFor * NANOS) : undefined,
      ts: timeText(wall),
    };
  }

  stored(message: Stored): void {
    if (this.#cursor.stored(message) && this.#isWanted) this.#engine.ready(this);
  }

  removed(message: Stored): void {
    this.#cursor.removed(message);
    const slot = this.#acks.removed(message.sequence);
    if (slot === -1) return;
    const { pending } = this.#acks;
    this.#advise("MSG_TERMINATED", "terminated", {
      consumer_seq: pending.consumerOf(slot),
      stream_seq: message.sequence,
      deliveries: Math.max(1, pending.deliveriesOf(slot) - 1),
      reason: "Unacknowledged message was deleted",
    });
    this.#acks.forget(slot);
    if (this.#isWanted) this.#engine.ready(this);
  }

  needs(message: Stored): boolean {
    return this.#cursor.needs(message) || (this.#cursor.covers(message.subject) && this.#acks.needs(message.sequence));
  }

  purged(first: number): void {
    this.#cursor.purged(first);
    this.#acks.purged(first, this.#cursor.next);
    if (this.#isWanted) this.#engine.ready(this);
  }

  end(): void {
    this.#requests.endAll("409 Consumer Deleted");
    this.#push?.end();
    this.#stopAcks?.();
    this.#timer.remove();
    this.#engine.forget(this);
    this.#advise("DELETED", "consumer_action", { action: "delete" });
  }

  /** Tells that it was created. */
  announce(): void {
    this.#advise("CREATED", "consumer_action", { action: "create" });
    if (this.#isPaused) this.#advisePause();
  }

  /** Gets a new configuration, which `checkUpdate` has accepted. */
  update(config: ConsumerConfig): void {
    const before = this.#config;
    this.#config = config;
    if (config.deliver_subject !== before.deliver_subject) {
      this.#acks.expireAll();
      this.#push?.move(config.deliver_subject!);
    }
    this.#acks.configure(config);
    const filter = filterOf(config);
    if (filter.join(" ") !== filterOf(before).join(" ")) {
      this.#cursor.changeFilter(filter);
      this.#stream.removeUnneeded();
    }
    this.#inactivity.configure(config, this.#engine.now);
    if (config.pause_until !== before.pause_until) {
      this.#pauseUntil = readTime(config.pause_until ?? "") ?? 0;
      this.#advisePause();
    }
    this.#schedule();
    this.#engine.ready(this);
  }

  /** Requests messages: they are sent to `reply`. */
  pull(reply: string, payload: Uint8Array): void {
    const { pending } = this.#acks;
    if (this.#push !== undefined) {
      this.#send(reply, statusHeaders("409 Consumer is push based"));
      return;
    }
    this.#inactivity.used(this.#engine.now);
    const available = this.#cursor.pending + pending.waits.queuedCount;
    if (!this.#requests.add(reply, payload, this.#config, available)) return;
    this.#engine.ready(this);
    this.#scheduleAt(this.#requests.deadline);
  }

  produce(): boolean {
    if (this.#isPaused) return false;
    if (this.#push !== undefined) {
      if (!this.#push.isOpen) return false;
      if (this.#engine.host.isLagging(this.#account.name, this.#push.subject)) {
        this.#engine.hold(this);
        return false;
      }
    }
    this.#requests.startRound();
    for (let count = 0, bytes = 0; count < TURN_MESSAGES && bytes < TURN_BYTES; count++) {
      const size = this.#isWanted ? this.#deliver() : 0;
      if (size === 0) return false;
      bytes += size;
    }
    return true;
  }

  elapsed(): void {
    const { now } = this.#engine;
    this.#deadline = undefined;
    if (this.#acks.expire(now)) this.#engine.ready(this);
    this.#requests.expire(false, () => this.#heartbeat());
    if (this.#nextHeartbeat !== undefined && now >= this.#nextHeartbeat) {
      if (this.#push?.isActive) this.#send(this.#push.subject, this.#heartbeat());
      this.#restartHeartbeat();
    }
    if (this.#pauseUntil > 0 && !this.#isPaused) {
      this.#pauseUntil = 0;
      this.#advisePause();
      this.#engine.ready(this);
    }
    if (this.#replay !== undefined) this.#engine.ready(this);
    if (this.#inactivity.hasElapsed(now, this.#requests.count > 0, this.#acks)) this.delete();
    else this.#schedule();
  }

  /** Removes the consumer from its stream. */
  delete(): void {
    this.end();
    this.#stream.removeConsumer(this);
  }

  /** Whether somebody can receive messages. */
  get #isWanted(): boolean {
    return this.#push === undefined ? this.#requests.count > 0 : this.#push.isOpen;
  }

  get #isPaused(): boolean {
    return this.#pauseUntil > 0 && this.#engine.host.wall < this.#pauseUntil;
  }

  /** Delivers the next message. Returns its size; 0 if there is none, or nobody can receive it. */
  #deliver(): number {
    const { now, wall } = this.#engine.host;
    const { pending, delivered } = this.#acks;
    const slot = this.#acks.nextRedelivery();
    const isFirst = slot === -1;
    const message = isFirst ? this.#nextNew(now) : this.#stream.store.get(pending.streamOf(slot));
    if (message === undefined) return 0;
    const { sequence, subject, time } = message;
    const deliveries = isFirst ? 1 : pending.deliveriesOf(slot) + 1;
    const left = isFirst ? this.#cursor.pending - 1 : this.#cursor.pending;
    const reply = this.#subjects.write(deliveries, sequence, delivered.consumer + 1, time, left);
    const isShort = this.#config.headers_only === true;
    const headers = isShort ? headersOnly(message) : message.headers;
    const payload = isShort ? noBytes : message.payload;
    const size = reply.length + (headers?.length ?? 0) + payload.length;
    const request = this.#push === undefined ? this.#requests.take(subject.length + size) : undefined;
    const to = this.#push === undefined ? request?.reply : this.#push.subject;
    if (to === undefined) {
      if (this.#requests.count > 0) this.#engine.hold(this);
      return 0;
    }
    if (isFirst) this.#cursor.take(message);
    this.#engine.publish(this.#account.name, { subject, reply, headers, payload }, to);
    this.#deliveredAt = wall;
    this.#nextHeartbeat = this.#nextHeartbeat === undefined ? undefined : now + this.#heartbeatInterval;
    if (!isFirst) this.#scheduleAt(this.#acks.again(slot, now));
    else if (this.#config.ack_policy !== "none") this.#scheduleAt(this.#acks.first(sequence, now));
    else {
      this.#acks.unacknowledged(sequence);
      this.#acknowledged(sequence);
    }
    this.#replay?.delivered(message, now);
    if (request === undefined) this.#push!.sent(to.length + size);
    else {
      this.#inactivity.used(now);
      if (request.batch <= 0 && request.bytes > 0) {
        this.#send(to, pendingStatus("409 Batch Completed", request));
      }
    }
    return subject.length + size;
  }

  /** Returns the next message that was not delivered, if it may be now. */
  #nextNew(now: Millis): Stored | undefined {
    const limit = this.#config.max_ack_pending ?? 0;
    if (limit > 0 && this.#acks.pending.count >= limit) return undefined;
    const message = this.#cursor.peek();
    if (message === undefined) {
      if (this.#requests.endsAtEnd) this.#requests.expire(true);
      return undefined;
    }
    const due = this.#replay?.dueAt(message, now);
    if (due === undefined) return message;
    this.#scheduleAt(due);
    return undefined;
  }

  /** A client acknowledges a message. */
  #received({ subject, reply, payload }: Pub): void {
    if (!this.#subjects.read(subject)) return;
    const { now } = this.#engine;
    const { stream, consumer, deliveries } = this.#subjects;
    const ids = { consumer_seq: consumer, stream_seq: stream, deliveries };
    this.#inactivity.used(now);
    let isAnswered = true;
    switch (ackKind(payload)) {
      case "ack":
        isAnswered = this.#acknowledge(stream, consumer);
        break;
      case "next":
        this.#acknowledge(stream, consumer);
        if (reply !== undefined) this.pull(reply, payload.subarray(4));
        return;
      case "term":
        isAnswered = this.#acknowledge(stream, consumer);
        this.#advise("MSG_TERMINATED", "terminated", { ...ids, reason: termReason(payload) });
        break;
      case "progress":
        this.#acks.progress(stream, now);
        break;
      case "nak":
        if (this.#acks.nak(stream, consumer, nakDelay(payload), now)) {
          this.#advise("MSG_NAKED", "nak", ids);
          this.#engine.ready(this);
          this.#scheduleAt(this.#acks.deadline);
        }
    }
    if (isAnswered && reply !== undefined)
      this.#engine.publish(this.#account.name, { subject: reply, payload: noBytes });
  }

  /** Returns whether the client is answered: not if the message was not delivered yet. */
  #acknowledge(stream: number, consumer: number): boolean {
    if (stream >= this.#cursor.next) return false;
    const { pending } = this.#acks;
    const wasFull = pending.count >= (this.#config.max_ack_pending ?? 0);
    this.#acks.acknowledge(stream, consumer, this.#acknowledged);
    this.#ackedAt = this.#engine.host.wall;
    if (wasFull && this.#isWanted) this.#engine.ready(this);
    return true;
  }

  #targetChanged(): void {
    this.#inactivity.bound(this.#push!.isActive, this.#engine.now);
    this.#schedule();
    this.#engine.ready(this);
  }

  get #heartbeatInterval(): Millis {
    return (this.#config.idle_heartbeat ?? 0) / NANOS;
  }

  #restartHeartbeat(): void {
    const interval = this.#heartbeatInterval;
    this.#nextHeartbeat = interval === 0 ? undefined : this.#engine.now + interval;
  }

  #heartbeat(): Uint8Array {
    return statusHeaders("100 Idle Heartbeat", {
      "Nats-Last-Consumer": this.#acks.delivered.consumer,
      "Nats-Last-Stream": this.#cursor.next - 1,
      ...(this.#push?.awaiting === undefined ? {} : { "Nats-Consumer-Stalled": this.#push.awaiting }),
    });
  }

  /** Has `elapsed` called when something is due next. */
  #schedule(): void {
    this.#scheduleAt(this.#acks.deadline);
    this.#scheduleAt(this.#requests.deadline);
    this.#scheduleAt(this.#nextHeartbeat);
    this.#scheduleAt(this.#inactivity.deadline);
    const { now, wall } = this.#engine.host;
    if (this.#isPaused) this.#scheduleAt(now + this.#pauseUntil - wall);
  }

  #scheduleAt(time: Millis | undefined): void {
    if (time === undefined || (this.#deadline !== undefined && this.#deadline <= time)) return;
    this.#deadline = time;
    this.#timer.at(time);
  }

  #send(to: string, headers: Uint8Array): void {
    this.#engine.publish(this.#account.name, { subject: to, headers, payload: noBytes });
  }

  #advisePause(): void {
    const until = this.#config.pause_until ?? "0001-01-01T00:00:00Z";
    this.#advise("PAUSE", "consumer_pause", { paused: this.#isPaused, pause_until: until });
  }

  #advise(event: string, type: string, fields: object): void {
    const stream = this.#stream.config.name;
    advise(this.#account, `CONSUMER.${event}.${stream}.${this.name}`, type, { stream, consumer: this.name, ...fields });
  }
}
