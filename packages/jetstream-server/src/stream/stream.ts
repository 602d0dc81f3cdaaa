// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Millis } from "@natswire/server";
import type { JetStreamAccount } from "../account.ts";
import { ApiFailure } from "../api/api-failure.ts";
import type { StreamConsumer } from "../consumer/stream-consumer.ts";
import type { Timed } from "../engine.ts";
import { Alarm } from "./alarm.ts";
import { type Copier, copiersFor, copyAll } from "./copier.ts";
import { Duplicates } from "./duplicates.ts";
import { Expiry } from "./expiry.ts";
import { readHeaders } from "./header-block.ts";
import { isMarker, markerOf, markerSeconds, withTtl } from "./marker.ts";
import { fileOverhead, MessageStore, memoryOverhead } from "./message-store.ts";
import { readTtl } from "./message-ttl.ts";
import { isNeeded, isWanted as isWantedBy, unneeded } from "./needs.ts";
import { PubAcks } from "./pub-ack.ts";
import type { PublishFaults } from "./publish-faults.ts";
import { checkAddress, checkExpectations, type PublishOptions, type PublishState } from "./publish-rules.ts";
import { purge } from "./purge.ts";
import { Republisher } from "./republish.ts";
import { checkRoom, checkSize, type Incoming, nextToDiscard } from "./retention.ts";
import type { Stored } from "./stored.ts";
import type { StreamConfig } from "./stream-config.ts";
import { type SubjectTransform, subjectTransform } from "./subject-transform.ts";
import { Subscriptions } from "./subscriptions.ts";

const NANOS_IN_MILLI = 1_000_000;
const noOptions: PublishOptions = { msgId: "", rollup: undefined, ttl: 0 };

/** A stream: stores messages, and tells its consumers about them. */
export class Stream implements Timed, PublishState {
  readonly account: JetStreamAccount;
  readonly created: Millis;
  readonly store: MessageStore;
  readonly duplicates: Duplicates = new Duplicates(0);
  /** What copies from this stream to others. */
  readonly readers: Set<Copier> = new Set();
  /** What copies from others to this stream. */
  copiers: readonly Copier[] = [];
  /** The id of the last message; empty without one. */
  lastMsgId = "";
  /** When the last message was stored, on the wall clock; `undefined` if none ever was. */
  lastTime: Millis | undefined;
  /** What goes wrong on purpose. */
  faults: PublishFaults | undefined;
  #config: StreamConfig;
  readonly #consumers = new Map<string, StreamConsumer>();
  readonly #acks: PubAcks;
  readonly #expiry: Expiry;
  readonly #alarm: Alarm;
  readonly #subjects: Subscriptions;
  #transform: SubjectTransform | undefined;
  #republisher: Republisher | undefined;

  constructor(account: JetStreamAccount, config: StreamConfig, created: Millis = account.engine.host.wall) {
    this.account = account;
    this.created = created;
    this.#config = config;
    this.store = new MessageStore(config.first_seq, config.storage === "file" ? fileOverhead : memoryOverhead);
    this.#acks = new PubAcks(config.name);
    this.#expiry = new Expiry(this.store);
    this.#alarm = new Alarm(account.engine, this);
    this.#subjects = new Subscriptions(account, (message) => this.publish(message));
    this.#apply(config);
  }

  get config(): StreamConfig {
    return this.#config;
  }

  get consumers(): ReadonlyMap<string, StreamConsumer> {
    return this.#consumers;
  }

  get last(): number {
    return this.store.last;
  }

  lastOf(subject: string): number {
    return this.store.lastOfEach([subject]).at(-1) ?? 0;
  }

  /** Changes the configuration, which must be valid. Removes what it does not keep any more. */
  update(config: StreamConfig): void {
    const before = this.#config;
    this.#apply(config);
    for (const subject of this.store.subjects.keys()) this.#discard(subject);
    // As in nats-server: it is the consumers that check their messages, so without any, all stay.
    if (before.retention !== config.retention && this.#consumers.size > 0) this.removeUnneeded();
    this.#alarm.set(this.account.engine.now);
  }

  /** Stores a message that was published to one of its subjects, and answers the publisher. */
  publish({ subject: published, reply, headers, payload }: Pub): void {
    const subject = this.#transform?.(published) ?? published;
    let sequence: number;
    try {
      if (this.#config.sealed) throw new ApiFailure("JSStreamSealed");
      if (this.faults?.isFull === true)
        throw new ApiFailure("JSStreamStoreFailed", { err: "maximum messages exceeded" });
      const known = headers && readHeaders(headers);
      let options = noOptions;
      if (known !== undefined) {
        checkAddress(known, this.#config);
        const duplicate = this.#duplicateOf(known.get("Nats-Msg-Id"));
        if (duplicate !== undefined) return this.#answer(reply, this.#acks.duplicate(duplicate));
        options = checkExpectations(known, subject, this);
      }
      sequence = this.#add({ subject, headers, payload }, options);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      return this.#answer(reply, this.#acks.failed(error));
    }
    if (reply !== undefined) this.#answer(reply, this.#acks.stored(sequence));
    this.#announce(sequence);
  }

  /** Stores a message of another stream, if it is not a duplicate. @param origin whose sequence and times a mirror keeps */
  copied(message: Incoming, options: PublishOptions, origin: Stored | undefined): void {
    if (this.#duplicateOf(options.msgId) !== undefined) return;
    this.#announce(this.#add(message, options, origin));
  }

  /** Adds a message of a snapshot. Consumers do not notice. */
  load(message: Stored): void {
    this.store.add(message);
    this.lastTime = message.time;
    const known = message.headers && readHeaders(message.headers);
    this.#expiry.stored(message.sequence, message.storedAt, readTtl(known?.get("Nats-TTL")) ?? 0);
    this.#alarm.set(this.#expiry.deadline);
  }

  /** A consumer, or a copy to another stream, does not need a message any more: it goes, unless it is kept until a limit. */
  acknowledged(consumer: StreamConsumer | undefined, sequence: number): void {
    const { retention } = this.#config;
    if (retention === "limits") return;
    const isShared = retention === "interest" || this.readers.size > 0;
    if (!isShared || !isNeeded(this, sequence, consumer)) this.remove(sequence);
  }

  /** Removes a message, and tells the consumers. Returns whether it was there. */
  remove(sequence: number): boolean {
    const message = this.#consumers.size > 0 ? this.store.get(sequence) : undefined;
    const isRemoved = this.store.remove(sequence);
    if (message !== undefined) for (const consumer of this.#consumers.values()) consumer.removed(message);
    if (isRemoved) copyAll(this.copiers);
    return isRemoved;
  }

  /** Adds a consumer. */
  addConsumer(consumer: StreamConsumer): void {
    this.#consumers.set(consumer.name, consumer);
  }

  /** Removes a consumer, and messages that only it needed. */
  removeConsumer(consumer: StreamConsumer): void {
    this.#consumers.delete(consumer.name);
    this.removeUnneeded();
  }

  /** Removes messages that no consumer needs, with interest retention. */
  removeUnneeded(): void {
    if (this.#config.retention !== "interest") return;
    for (const sequence of unneeded(this)) this.remove(sequence);
  }

  elapsed(): void {
    const { now } = this.account.engine;
    if (!this.#alarm.ring(now)) return;
    this.duplicates.forget(now);
    for (let message = this.#expiry.aged(now); message !== undefined; message = this.#expiry.aged(now)) {
      this.#expire(message);
    }
    for (const sequence of this.#expiry.takeDue(now)) {
      const message = this.store.get(sequence);
      if (message !== undefined) this.#expire(message);
    }
    this.#alarm.set(this.#expiry.deadline);
    this.#alarm.set(this.duplicates.deadline);
  }

  /** Ends the stream, and its consumers. */
  end(): void {
    this.#alarm.remove();
    this.#subjects.set([]);
    for (const copier of this.copiers) copier.attach(undefined);
    for (const reader of [...this.readers]) reader.attach(undefined);
    for (const consumer of [...this.#consumers.values()]) consumer.end();
    this.#consumers.clear();
    this.store.clear();
  }

  #apply(config: StreamConfig): void {
    this.#config = config;
    const { subject_transform: transform, republish, subjects = [] } = config;
    this.#transform = transform && subjectTransform({ src: transform.src ?? "", dest: transform.dest ?? "" });
    this.#republisher = republish && new Republisher(config.name, republish);
    this.duplicates.window = (config.duplicate_window ?? 0) / NANOS_IN_MILLI;
    this.#expiry.maxAge = config.max_age / NANOS_IN_MILLI;
    this.#subjects.set(subjects);
    this.copiers = copiersFor(this, config, this.copiers);
  }

  #answer(reply: string | undefined, ack: Uint8Array): void {
    if (reply === undefined || this.#config.no_ack === true) return;
    if (this.faults === undefined) this.account.publish(reply, ack);
    else this.faults.answer(reply, ack);
  }

  #duplicateOf(id: string | undefined): number | undefined {
    return id ? this.duplicates.find(id, this.account.engine.now) : undefined;
  }

  /** Stores a message. Returns its sequence, which it also gets if no consumer needs it. @throws ApiFailure */
  #add(given: Incoming, options: PublishOptions, origin?: Stored): number {
    const config = this.#config;
    const { store } = this;
    const { now, wall } = this.account.engine.host;
    checkSize(given, config);
    const ttl = this.#ttlOf(options.ttl ?? 0);
    // Spreading would cost more than storing does.
    const message: Stored = {
      sequence: origin?.sequence ?? store.last + 1,
      subject: given.subject,
      headers: ttl === (options.ttl ?? 0) ? given.headers : withTtl(given.headers, ttl),
      payload: given.payload,
      time: origin?.time ?? Math.max(wall, this.lastTime ?? 0),
      storedAt: origin?.storedAt ?? now,
    };
    const isWanted = config.retention !== "interest" || isWantedBy(this, message);
    if (isWanted && options.ttl === undefined) throw new ApiFailure("JSMessageTTLInvalid");
    if (isWanted) checkRoom(message, config, store);
    const previous = this.#republisher && store.sequencesOf(given.subject)?.last;
    if (isWanted) store.add(message);
    else store.skipTo(message.sequence);
    this.lastTime = message.time;
    this.lastMsgId = options.msgId;
    if (options.msgId !== "") {
      this.duplicates.add(options.msgId, message.sequence, now);
      this.#alarm.set(now + this.duplicates.window);
    }
    if (isWanted) this.#stored(message, options.rollup, ttl, previous ?? 0);
    return message.sequence;
  }

  #stored(message: Stored, rollup: PublishOptions["rollup"], ttl: number, previous: number): void {
    const config = this.#config;
    const { subject, sequence, storedAt } = message;
    if (config.max_age > 0) this.#alarm.set(storedAt + config.max_age / NANOS_IN_MILLI);
    if (ttl > 0 && config.allow_msg_ttl) {
      this.#expiry.stored(sequence, storedAt, ttl);
      this.#alarm.set(storedAt + ttl * 1000);
    }
    const to = this.#republisher?.subjectFor(subject);
    const kept = to === undefined ? undefined : this.store.get(sequence);
    this.#discard(subject);
    if (rollup === "sub") purge(this, { filter: subject, keep: 1 });
    else if (rollup === "all") purge(this, { keep: 1 });
    if (kept !== undefined)
      this.account.engine.publish(this.account.name, this.#republisher!.copy(kept, to!, previous));
  }

  /** Tells consumers and copies about a message, if it is still there. */
  #announce(sequence: number): void {
    if (this.#consumers.size === 0 && this.readers.size === 0) return;
    const message = this.store.get(sequence);
    if (message === undefined) return;
    for (const consumer of this.#consumers.values()) consumer.stored(message);
    for (const reader of this.readers) reader.copy();
  }

  /** Removes messages that exceed a limit. @param subject of the message that was stored last */
  #discard(subject: string): void {
    const { store } = this;
    for (;;) {
      const sequence = nextToDiscard(subject, this.#config, store);
      if (sequence === undefined) return;
      this.remove(sequence);
    }
  }

  /** Removes a message whose time is over. The last one of its subject leaves a marker, if the stream wants that. */
  #expire(message: Stored): void {
    const seconds = markerSeconds(this.#config);
    const isLast = this.store.sequencesOf(message.subject)?.length === 1;
    this.remove(message.sequence);
    if (seconds === 0 || !isLast || isMarker(message)) return;
    try {
      this.#announce(this.#add(markerOf(message.subject, seconds), { msgId: "", rollup: "sub", ttl: seconds }));
    } catch (error) {
      // Limits go first: a stream that is full gets no marker.
      if (!(error instanceof ApiFailure)) throw error;
    }
  }

  /** A TTL that is shorter than that of delete markers is made as long: otherwise a message could outlive its marker. */
  #ttlOf(ttl: number): number {
    const isAlone = this.#config.max_msgs_per_subject === 1;
    return ttl > 0 && !isAlone ? Math.max(ttl, markerSeconds(this.#config)) : ttl;
  }
}
