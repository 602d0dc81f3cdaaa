// SPDX-License-Identifier: Apache-2.0
import { decodeHeaders, formatValue, type MsgHeaders, type Pub, UsageError } from "@natswire/codec";
import type { Millis, ModuleAction, ModuleHost, ModuleInfo, ServerModule } from "@natswire/server";
import { API_LEVEL, JetStreamAccount, SERVER_VERSION } from "./account.ts";
import { API, answer } from "./api/answer.ts";
import { checkSnapshot } from "./check-snapshot.ts";
import { Engine } from "./engine.ts";
import { type JetStreamSnapshot, restoreStream, takeStream } from "./snapshot.ts";
import { PublishFaults } from "./stream/publish-faults.ts";
import type { Stream } from "./stream/stream.ts";

// The subscription to the API of every account. Those of streams and consumers are the engine's, which counts from 1.
const API_SUBSCRIPTION = 0;
// The account of clients without one.
const GLOBAL = "$G";

/** What a test sees of a stream. */
export interface StreamSummary {
  readonly name: string;
  readonly subjects: readonly string[];
  /** The number of messages. */
  readonly messages: number;
  /** The sequence of the first message; one after `lastSequence` without one. */
  readonly firstSequence: number;
  /** The last sequence that was used; 0 if none was. */
  readonly lastSequence: number;
  /** The names of its consumers. */
  readonly consumers: readonly string[];
}

/** A message that a stream has. */
export interface StreamMessage {
  readonly sequence: number;
  readonly subject: string;
  readonly headers: MsgHeaders | undefined;
  readonly payload: Uint8Array;
  /** When it was stored, in milliseconds since 1970. */
  readonly time: Millis;
}

/**
 * JetStream of one embedded server. Clients use it like that of nats-server; the methods here are for the program that runs
 * the server: a test.
 *
 * Each method that names a stream means one of the account `$G`, in which clients without an account are, unless `account` is
 * given. It throws a `UsageError` with the code `BAD_FIELD` if there is no such stream.
 */
export interface JetStream extends ServerModule {
  /** Returns the streams of an account, by name. */
  streams(account?: string): StreamSummary[];
  /** Returns copies of the messages of a stream, in order. */
  messages(stream: string, account?: string): StreamMessage[];
  /**
   * Returns the streams of all accounts with their messages, as plain data for `restore`: write it with `JSON.stringify`.
   * Consumers and the ids of duplicates are not part of it.
   */
  snapshot(): JetStreamSnapshot;
  /**
   * Adds the streams of a snapshot, before or after the server has started. They replace streams with the same names.
   *
   * Messages keep their sequences and times. They continue to age from what their age was when the server last received something
   * before the snapshot.
   *
   * @throws UsageError BAD_FIELD if it is not a snapshot
   */
  restore(snapshot: JetStreamSnapshot): void;
  /** Stores the next `count` messages that are published to a stream, and does not answer their publishers. */
  loseAcks(stream: string, count: number, account?: string): void;
  /** Answers the publishers of the next `count` messages of a stream `delay` milliseconds late. */
  delayAcks(stream: string, delay: Millis, count: number, account?: string): void;
  /** Refuses what is published to a stream with "maximum messages exceeded", until it is called with `false`. */
  fillStream(stream: string, isFull?: boolean, account?: string): void;
  /** Deletes a consumer, as if somebody else had. @throws UsageError BAD_FIELD if there is no such consumer */
  deleteConsumer(stream: string, consumer: string, account?: string): void;
}

class MemoryJetStream implements JetStream {
  readonly info: ModuleInfo = { version: SERVER_VERSION, jetstream: true, api_lvl: API_LEVEL };
  #engine: Engine | undefined;
  readonly #accounts = new Map<string, JetStreamAccount>();
  /** What was restored before the server started. */
  #early: JetStreamSnapshot[] = [];

  get deadline(): Millis | undefined {
    return this.#engine?.deadline;
  }

  started(host: ModuleHost): void {
    this.#engine = new Engine(host);
    this.#engine.add({ do: "subscribe", id: API_SUBSCRIPTION, account: undefined, pattern: API });
    for (const snapshot of this.#early) this.#restore(snapshot);
    this.#early = [];
  }

  received(subscription: number, account: string, message: Pub): void {
    if (subscription === API_SUBSCRIPTION) answer(this.#accountOf(account), message.subject, message);
    else this.#engine?.received(subscription, message);
  }

  interestChanged(account: string, subject: string, exists: boolean, queue: string | undefined): void {
    this.#engine?.interestChanged(account, subject, exists, queue);
  }

  resumed(): void {
    this.#engine?.resumed();
  }

  elapsed(): void {
    this.#engine?.elapsed();
  }

  poll(): ModuleAction | undefined {
    return this.#engine?.poll();
  }

  streams(account = GLOBAL): StreamSummary[] {
    const streams = [...(this.#accounts.get(account)?.streams.values() ?? [])];
    return streams
      .map(({ config, store, consumers }) => ({
        name: config.name,
        subjects: config.subjects ?? [],
        messages: store.count,
        firstSequence: store.first,
        lastSequence: store.last,
        consumers: [...consumers.keys()],
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  messages(stream: string, account = GLOBAL): StreamMessage[] {
    const { store } = this.#streamOf(stream, account);
    const messages: StreamMessage[] = [];
    for (let next = store.next([], 0); next !== undefined; next = store.next([], next.sequence + 1)) {
      const { sequence, subject, headers, payload, time } = next;
      const decoded = headers && decodeHeaders(headers);
      messages.push({ sequence, subject, headers: decoded, payload: payload.slice(), time });
    }
    return messages;
  }

  snapshot(): JetStreamSnapshot {
    const streams = [...this.#accounts.values()].flatMap(({ streams: all }) => [...all.values()].map(takeStream));
    return { version: 1, streams };
  }

  restore(snapshot: JetStreamSnapshot): void {
    checkSnapshot(snapshot);
    if (this.#engine === undefined) this.#early.push(snapshot);
    else this.#restore(snapshot);
    this.#engine?.host.wake();
  }

  loseAcks(stream: string, count: number, account = GLOBAL): void {
    this.#faultsOf(stream, account).loseAcks(checkCount("count", count));
  }

  delayAcks(stream: string, delay: Millis, count: number, account = GLOBAL): void {
    this.#faultsOf(stream, account).delayAcks(checkCount("delay", delay), checkCount("count", count));
  }

  fillStream(stream: string, isFull = true, account = GLOBAL): void {
    this.#faultsOf(stream, account).isFull = isFull;
  }

  deleteConsumer(stream: string, consumer: string, account = GLOBAL): void {
    const found = this.#streamOf(stream, account).consumers.get(consumer);
    if (found === undefined) {
      throw new UsageError(
        "BAD_FIELD",
        `there is no consumer ${formatValue(consumer)} of stream ${formatValue(stream)}`,
      );
    }
    found.delete();
    this.#engine?.host.wake();
  }

  #restore({ streams }: JetStreamSnapshot): void {
    for (const stream of streams) restoreStream(this.#accountOf(stream.account), stream);
  }

  #faultsOf(name: string, account: string): PublishFaults {
    const stream = this.#streamOf(name, account);
    stream.faults ??= new PublishFaults(stream.account);
    return stream.faults;
  }

  #streamOf(name: string, account: string): Stream {
    const stream = this.#accounts.get(account)?.streams.get(name);
    if (stream !== undefined) return stream;
    throw new UsageError("BAD_FIELD", `there is no stream ${formatValue(name)} in account ${formatValue(account)}`);
  }

  #accountOf(name: string): JetStreamAccount {
    let account = this.#accounts.get(name);
    if (account === undefined) {
      account = new JetStreamAccount(name, this.#engine!);
      this.#accounts.set(name, account);
    }
    return account;
  }
}

function checkCount(what: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new UsageError("BAD_FIELD", `${what} must be a number of 0 or more, not ${formatValue(value)}`);
}

/**
 * Returns a JetStream for one embedded server: streams, consumers, key-value and object stores, in memory.
 *
 * It does what nats-server 2.11 does. A stream with `storage: "file"`, which is the default of clients, is accepted, and kept
 * in memory.
 *
 * @example
 * ```ts
 * import { jetstream } from "@natswire/jetstream-server";
 * import { connect, serve } from "@natswire/node";
 *
 * await using server = await serve({ port: 0, jetstream: jetstream() });
 * await using client = await connect(server.url);
 * const config = { name: "ORDERS", subjects: ["orders.>"] };
 * await client.request("$JS.API.STREAM.CREATE.ORDERS", JSON.stringify(config));
 * const ack = await client.request("orders.new", "a book");
 * console.log(ack.text()); // {"stream":"ORDERS", "seq":1}
 * ```
 */
export function jetstream(): JetStream {
  return new MemoryJetStream();
}
