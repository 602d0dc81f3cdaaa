// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import type { JetStreamAccount } from "../account.ts";
import { advise } from "../advisory.ts";
import { noBytes } from "../bytes.ts";
import type { Engine, Source, Timed } from "../engine.ts";
import { Alarm } from "../stream/alarm.ts";
import type { Stream } from "../stream/stream.ts";
import { readTime } from "../time.ts";
import { AckSubjects } from "./ack-subject.ts";
import { Acks } from "./acks.ts";
import { type ConsumerConfig, filterOf } from "./consumer-config.ts";
import { Cursor } from "./cursor.ts";
import { Inactivity } from "./inactivity.ts";
import { PullRequests } from "./pull-requests.ts";
import { PushTarget } from "./push-target.ts";
import { Replay } from "./replay.ts";
import { startOf } from "./start.ts";
import { statusHeaders } from "./status.ts";

const NANOS = 1_000_000;

/** What the parts of a consumer share: delivery, acks, and what stream and API call. */
export class ConsumerState {
  readonly stream: Stream;
  readonly account: JetStreamAccount;
  readonly engine: Engine;
  readonly name: string;
  config: ConsumerConfig;
  readonly cursor: Cursor;
  readonly acks: Acks;
  readonly requests: PullRequests;
  /** `undefined` for a pull consumer. */
  readonly push: PushTarget | undefined;
  readonly inactivity: Inactivity;
  /** `undefined` if messages are delivered as fast as possible. */
  readonly replay: Replay | undefined;
  readonly subjects: AckSubjects;
  readonly alarm: Alarm;
  nextHeartbeat: Millis | undefined;
  // On the wall clock: what clients see.
  deliveredAt: Millis | undefined;
  ackedAt: Millis | undefined;
  /** On the wall clock too; 0 if the consumer is not paused. */
  pauseUntil: Millis = 0;
  /** Tells the stream that the consumer does not need a message any more. */
  readonly acknowledged: (sequence: number) => void;
  readonly #source: Source;

  /** @param owner what is asked for messages, and told that time has passed */
  constructor(
    stream: Stream,
    name: string,
    config: ConsumerConfig,
    owner: Source & Timed,
    acknowledged: (sequence: number) => void,
  ) {
    const { account, store } = stream;
    const { engine } = account;
    const names = `${stream.config.name}.${name}`;
    const filter = filterOf(config);
    const start = startOf(config, filter, store, stream.config.max_msgs_per_subject);
    const { deliver_subject: subject, deliver_group: group, flow_control: hasFlowControl = false } = config;
    this.stream = stream;
    this.account = account;
    this.engine = engine;
    this.name = name;
    this.config = config;
    this.cursor = new Cursor(store, filter, start);
    this.acks = new Acks(config, start.next - 1, (stream_seq, deliveries) =>
      this.advise("MAX_DELIVERIES", "max_deliver", { stream_seq, deliveries }),
    );
    this.requests = new PullRequests(account);
    this.push =
      subject === undefined
        ? undefined
        : new PushTarget(account, subject, group, names, hasFlowControl, () => this.#targetChanged());
    this.inactivity = new Inactivity(config, engine.now, this.push?.isActive === true);
    this.replay = config.replay_policy === "original" ? new Replay(store.last) : undefined;
    this.subjects = new AckSubjects(names);
    this.alarm = new Alarm(engine, owner);
    this.acknowledged = acknowledged;
    this.#source = owner;
    this.configure(config);
  }

  /** Whether somebody can receive messages. */
  get isWanted(): boolean {
    return this.push === undefined ? this.requests.count > 0 : this.push.isOpen;
  }

  get isPaused(): boolean {
    return this.pauseUntil > 0 && this.engine.host.wall < this.pauseUntil;
  }

  /** Whether no more messages may wait for an ack. */
  get isFull(): boolean {
    const { max_ack_pending: limit = 0 } = this.config;
    return limit > 0 && this.acks.pending.count >= limit;
  }

  /** Uses a configuration from now on. */
  configure(config: ConsumerConfig): void {
    this.config = config;
    this.acks.configure(config);
    this.inactivity.configure(config, this.engine.now);
    this.pauseUntil = readTime(config.pause_until ?? "") ?? 0;
    this.restartHeartbeat();
    this.schedule();
    this.wake();
  }

  /** Delivers messages, if somebody can receive them. */
  wake(): void {
    if (this.isWanted) this.engine.ready(this.#source);
  }

  /** Has `elapsed` called when something is due next. */
  schedule(): void {
    this.alarm.set(this.acks.deadline);
    this.alarm.set(this.requests.deadline);
    this.alarm.set(this.nextHeartbeat);
    this.alarm.set(this.inactivity.deadline);
    const { now, wall } = this.engine.host;
    if (this.isPaused) this.alarm.set(now + this.pauseUntil - wall);
  }

  /** The next heartbeat comes after a whole interval. */
  restartHeartbeat(): void {
    const { idle_heartbeat: interval = 0 } = this.config;
    if (interval > 0) this.nextHeartbeat = this.engine.now + interval / NANOS;
  }

  /** Returns the headers of a heartbeat. */
  heartbeat(): Uint8Array {
    const awaiting = this.push?.awaiting;
    return statusHeaders("100 Idle Heartbeat", {
      "Nats-Last-Consumer": this.acks.delivered.consumer,
      "Nats-Last-Stream": this.cursor.next - 1,
      ...(awaiting === undefined ? {} : { "Nats-Consumer-Stalled": awaiting }),
    });
  }

  /** Sends a message without payload. */
  send(to: string, headers?: Uint8Array): void {
    this.engine.publish(this.account.name, { subject: to, headers, payload: noBytes });
  }

  /** Tells that the consumer is paused, or is not any more. */
  advisePause(): void {
    const until = this.config.pause_until ?? "0001-01-01T00:00:00Z";
    this.advise("PAUSE", "consumer_pause", { paused: this.isPaused, pause_until: until });
  }

  /** Publishes an advisory about the consumer. */
  advise(event: string, type: string, fields: object): void {
    const { name: stream } = this.stream.config;
    advise(this.account, `CONSUMER.${event}.${stream}.${this.name}`, type, { stream, consumer: this.name, ...fields });
  }

  #targetChanged(): void {
    this.inactivity.bound(this.push!.isActive, this.engine.now);
    this.schedule();
    this.wake();
  }
}
