// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import type { Source, Timed } from "../engine.ts";
import type { Stored } from "../stream/stored.ts";
import type { Stream } from "../stream/stream.ts";
import { timeText } from "../time.ts";
import { receiveAck } from "./ack-receiver.ts";
import { placeInfo } from "./acks.ts";
import type { Consumer } from "./consumer.ts";
import { type ConsumerConfig, filterOf } from "./consumer-config.ts";
import { ConsumerState } from "./consumer-state.ts";
import { deliverNext } from "./delivery.ts";
import { statusHeaders } from "./status.ts";

const NANOS = 1_000_000;
/** The most messages, and bytes, that are sent before other consumers are asked. */
const TURN_MESSAGES = 16;
const TURN_BYTES = 64 * 1024;

/** What an answer says about a consumer. */
export interface ConsumerInfo {
  readonly config: ConsumerConfig;
  readonly [field: string]: unknown;
}

/** A consumer of a stream: delivers its messages, and remembers what is acknowledged. */
export class StreamConsumer implements Consumer, Source, Timed {
  readonly created: Millis;
  readonly #state: ConsumerState;
  readonly #stopAcks: (() => void) | undefined;

  /** @param config complete and checked */
  constructor(stream: Stream, name: string, config: ConsumerConfig) {
    const { account } = stream;
    const { engine } = account;
    this.created = engine.host.wall;
    this.#state = new ConsumerState(stream, name, config, this, (sequence) => stream.acknowledged(this, sequence));
    if (config.ack_policy === "none") return;
    const pull = this.pull.bind(this);
    this.#stopAcks = engine.subscribe(account.name, this.#state.subjects.pattern, (message) =>
      receiveAck(this.#state, message, pull),
    );
  }

  get name(): string {
    return this.#state.name;
  }

  get config(): ConsumerConfig {
    return this.#state.config;
  }

  /** Returns what an answer says about it. */
  info(): ConsumerInfo {
    const { stream, name, config, engine, acks, requests, cursor, push, isPaused, pauseUntil } = this.#state;
    const { wall } = engine.host;
    requests.expire(false);
    return {
      stream_name: stream.config.name,
      name,
      created: timeText(this.created),
      config,
      delivered: placeInfo(acks.delivered, this.#state.deliveredAt),
      ack_floor: placeInfo(acks.floor, this.#state.ackedAt),
      num_ack_pending: acks.pending.count,
      num_redelivered: acks.redelivered,
      num_waiting: requests.count,
      num_pending: cursor.pending,
      push_bound: push?.isActive || undefined,
      paused: isPaused || undefined,
      pause_remaining: isPaused ? Math.round((pauseUntil - wall) * NANOS) : undefined,
      ts: timeText(wall),
    };
  }

  stored(message: Stored): void {
    if (this.#state.cursor.stored(message)) this.#state.wake();
  }

  removed(message: Stored): void {
    const { cursor, acks } = this.#state;
    cursor.removed(message);
    const slot = acks.removed(message.sequence);
    if (slot === -1) return;
    this.#state.advise("MSG_TERMINATED", "terminated", {
      consumer_seq: acks.pending.consumerOf(slot),
      stream_seq: message.sequence,
      deliveries: Math.max(1, acks.pending.deliveriesOf(slot) - 1),
      reason: "Unacknowledged message was deleted",
    });
    // As in nats-server: with the policy `all`, what is before it is acknowledged as well.
    acks.acknowledge(message.sequence, acks.pending.consumerOf(slot), this.#state.acknowledged);
    this.#state.ackedAt = this.#state.engine.host.wall;
    this.#state.wake();
  }

  needs(message: Stored): boolean {
    const { cursor, acks } = this.#state;
    return cursor.needs(message) || (cursor.covers(message.subject) && acks.needs(message.sequence));
  }

  purged(first: number): void {
    const { cursor, acks } = this.#state;
    cursor.purged(first);
    acks.purged(first, cursor.next);
    this.#state.wake();
  }

  end(): void {
    const { requests, push, alarm, engine } = this.#state;
    requests.endAll("409 Consumer Deleted");
    push?.end();
    this.#stopAcks?.();
    alarm.remove();
    engine.forget(this);
    this.#state.advise("DELETED", "consumer_action", { action: "delete" });
  }

  /** Removes the consumer from its stream. */
  delete(): void {
    this.end();
    this.#state.stream.removeConsumer(this);
  }

  /** Tells that it was created. */
  announce(): void {
    this.#state.advise("CREATED", "consumer_action", { action: "create" });
    if (this.#state.isPaused) this.#state.advisePause();
  }

  /** Gets a new configuration, which `checkUpdate` has accepted. */
  update(config: ConsumerConfig): void {
    const { acks, cursor, push, stream, config: before } = this.#state;
    if (config.deliver_subject !== before.deliver_subject) {
      acks.expireAll();
      push?.move(config.deliver_subject!);
    }
    const filter = filterOf(config);
    const isOther = filter.join(" ") !== filterOf(before).join(" ");
    if (isOther) cursor.changeFilter(filter);
    this.#state.configure(config);
    if (isOther) stream.removeUnneeded();
    if (config.pause_until !== before.pause_until) this.#state.advisePause();
  }

  /** Requests messages: they are sent to `reply`. */
  pull(reply: string, payload: Uint8Array): void {
    const { acks, cursor, requests, inactivity, engine, config, push } = this.#state;
    if (push !== undefined) return this.#state.send(reply, statusHeaders("409 Consumer is push based"));
    inactivity.used(engine.now);
    const pending = cursor.pending + acks.pending.waits.queuedCount;
    const request = requests.add(reply, payload, config, pending);
    if (request === undefined) return;
    this.#state.alarm.set(request.expires);
    if (request.heartbeat > 0) this.#state.alarm.set(request.nextHeartbeat);
    this.#state.wake();
  }

  produce(): boolean {
    const { requests, push, engine, account } = this.#state;
    if (this.#state.isPaused) return false;
    if (push?.isOpen && engine.host.isLagging(account.name, push.subject)) {
      engine.hold(this);
      return false;
    }
    requests.startRound();
    for (let count = 0, bytes = 0; count < TURN_MESSAGES && bytes < TURN_BYTES; count++) {
      const size = this.#state.isWanted ? deliverNext(this.#state, this) : 0;
      if (size === 0) return false;
      bytes += size;
    }
    return true;
  }

  elapsed(): void {
    const { acks, requests, push, inactivity, alarm, engine, replay } = this.#state;
    const { now } = engine;
    if (!alarm.ring(now)) return;
    requests.expire(false, () => this.#state.heartbeat());
    if (this.#state.nextHeartbeat !== undefined && now >= this.#state.nextHeartbeat) {
      if (push?.isActive) this.#state.send(push.subject, this.#state.heartbeat());
      this.#state.restartHeartbeat();
    }
    const isResumed = this.#state.pauseUntil > 0 && !this.#state.isPaused;
    if (isResumed) {
      this.#state.pauseUntil = 0;
      this.#state.advisePause();
    }
    if (acks.expire(now) || isResumed || replay !== undefined) this.#state.wake();
    if (inactivity.hasElapsed(now, requests.count > 0, acks)) this.delete();
    else this.#state.schedule();
  }
}
