// SPDX-License-Identifier: Apache-2.0
import type { JetStreamAccount } from "../account.ts";
import { ApiFailure } from "../api/api-failure.ts";
import { readRequest } from "../api/json-request.ts";
import type { ApiRequest } from "../api/request.ts";
import { utf8Length } from "../bytes.ts";
import type { Source } from "../engine.ts";
import { timeText } from "../time.ts";
import { withHeaders } from "./header-block.ts";
import {
  findMessage,
  isContradictory,
  isEmptyQuery,
  type MessageQuery,
  messageQueryShape,
  startOf,
} from "./message-query.ts";
import type { Stored } from "./stored.ts";
import type { Stream } from "./stream.ts";

// How many messages a request for several subjects may find.
const MAX_RESULTS = 1024;
// The bytes after which a batch ends by default: what nats-server queues for a client.
const MAX_BYTES = 64 * 1024 * 1024;
const NOT_FOUND = "404 Message Not Found";

/** Answers a direct get with messages and statuses. A stream that does not allow it has no responders. */
export function directGet({ account, names, payload, reply }: ApiRequest): void {
  const stream = names.stream === undefined ? undefined : directStream(account, names.stream);
  if (stream === undefined) return account.publishStatus(reply, "503");
  if (names.subject !== undefined) {
    if (payload.length > 0) return account.publishStatus(reply, "408 Bad Request");
    return answerOne(stream, { last_by_subj: names.subject }, reply);
  }
  const query = payload.length === 0 ? {} : readQuery(payload);
  if (query === undefined) return account.publishStatus(reply, "408 Malformed Request");
  if (isEmptyQuery(query)) return account.publishStatus(reply, "408 Empty Request");
  if (isContradictory(query)) return account.publishStatus(reply, "408 Bad Request");
  if ((query.multi_last?.length ?? 0) > 0) return answerMulti(stream, query, reply);
  if ((query.batch ?? 0) > 0) return account.engine.ready(new Batch(stream, query, reply));
  answerOne(stream, query, reply);
}

/** Returns the stream that serves direct gets under a name: itself, or a mirror of it. */
function directStream(account: JetStreamAccount, name: string): Stream | undefined {
  const stream = account.streams.get(name);
  if (stream?.config.allow_direct === true) return stream;
  return [...account.streams.values()].find(
    ({ config }) => config.mirror_direct && (config.mirror?.name === name || config.name === name),
  );
}

function readQuery(payload: Uint8Array): MessageQuery | undefined {
  try {
    return readRequest<MessageQuery>(payload, messageQueryShape, "JSApiMsgGetRequest");
  } catch (error) {
    if (error instanceof ApiFailure) return undefined;
    throw error;
  }
}

function answerOne(stream: Stream, query: MessageQuery, reply: string): void {
  const message = findMessage(query, stream.store);
  if (message === undefined) stream.account.publishStatus(reply, NOT_FOUND);
  else send(stream, message, reply, "");
}

function answerMulti(stream: Stream, query: MessageQuery, reply: string): void {
  const { store, account } = stream;
  const { up_to_time: time, up_to_seq: sequence = 0 } = query;
  const ceiling = time === undefined ? sequence : store.sequenceAt(time) - 1;
  if (time !== undefined && ceiling < store.first) return account.publishStatus(reply, "404 No Results");
  const upTo = ceiling || store.last;
  const found = store.lastOfEach(query.multi_last!, upTo);
  if (found.length > MAX_RESULTS) return account.publishStatus(reply, "413 Too Many Results");
  if (found.length === 0) return account.publishStatus(reply, "404 No Results");
  account.engine.ready(new Several(stream, query, reply, found, upTo));
}

/** Sends a message. @param lines added to its headers */
function send({ account, config }: Stream, message: Stored, reply: string, lines: string): void {
  const { subject, sequence, time, headers, payload } = message;
  const own =
    `Nats-Stream: ${config.name}\r\nNats-Subject: ${subject}\r\nNats-Sequence: ${sequence}\r\n` +
    `Nats-Time-Stamp: ${timeText(time)}\r\n${lines}`;
  account.publish(reply, payload, withHeaders(headers, own));
}

/** The answer to a request for several messages. It ends with status 204, and waits for a receiver that lags. */
abstract class Answer implements Source {
  protected readonly stream: Stream;
  protected readonly query: MessageQuery;
  protected pending = 0;
  readonly #reply: string;
  #sent = 0;
  #bytes = 0;
  #last = 0;

  constructor(stream: Stream, query: MessageQuery, reply: string) {
    this.stream = stream;
    this.query = query;
    this.#reply = reply;
  }

  /** Returns the next message, if there is one. */
  protected abstract next(): Stored | undefined;

  /** Returns the headers of the status at the end. */
  protected abstract ending(): string;

  produce(): boolean {
    const { account } = this.stream;
    const { engine, name } = account;
    if (engine.host.isLagging(name, this.#reply)) {
      engine.hold(this);
      return true;
    }
    const isFull = this.#bytes >= (this.query.max_bytes || MAX_BYTES) || this.#sent === (this.query.batch || -1);
    const message = isFull ? undefined : this.next();
    if (message === undefined && this.#sent === 0) account.publishStatus(this.#reply, NOT_FOUND);
    else if (message === undefined) account.publishStatus(this.#reply, "204 EOB", this.#counts() + this.ending());
    else this.#send(message);
    return message !== undefined;
  }

  #send(message: Stored): void {
    send(this.stream, message, this.#reply, this.#counts());
    this.pending = Math.max(0, this.pending - 1);
    this.#last = message.sequence;
    this.#sent++;
    this.#bytes += utf8Length(message.subject) + (message.headers?.length ?? 0) + message.payload.length;
  }

  #counts(): string {
    return `Nats-Num-Pending: ${this.pending}\r\nNats-Last-Sequence: ${this.#last}\r\n`;
  }
}

/** The next messages from a sequence on. */
class Batch extends Answer {
  readonly #filter: readonly string[];
  readonly #through: number;
  #next: number;

  constructor(stream: Stream, query: MessageQuery, reply: string) {
    super(stream, query, reply);
    this.#filter = query.next_by_subj ? [query.next_by_subj] : [];
    this.#next = startOf(query, stream.store);
    this.#through = stream.store.last;
    this.pending = stream.store.pending(this.#filter, this.#next);
  }

  protected next(): Stored | undefined {
    const message = this.stream.store.next(this.#filter, this.#next);
    if (message !== undefined) this.#next = message.sequence + 1;
    else if (this.stream.store.last > this.#through) this.pending = this.stream.store.pending(this.#filter, this.#next);
    return message;
  }

  protected ending(): string {
    return "";
  }
}

/** The last messages of several subjects. */
class Several extends Answer {
  readonly #sequences: readonly number[];
  readonly #upTo: number;
  #at: number;

  constructor(stream: Stream, query: MessageQuery, reply: string, sequences: readonly number[], upTo: number) {
    super(stream, query, reply);
    this.#sequences = sequences;
    this.#upTo = upTo;
    this.#at = sequences.filter((sequence) => sequence < (query.seq ?? 0)).length;
    this.pending = sequences.length - 1 - this.#at;
  }

  protected next(): Stored | undefined {
    for (;;) {
      const sequence = this.#sequences[this.#at++];
      if (sequence === undefined) return undefined;
      const message = this.stream.store.get(sequence);
      if (message !== undefined) return message;
    }
  }

  protected ending(): string {
    return `Nats-UpTo-Sequence: ${this.#upTo}\r\n`;
  }
}
