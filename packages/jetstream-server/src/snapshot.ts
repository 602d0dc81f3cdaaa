// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import type { JetStreamAccount } from "./account.ts";
import { base64, fromBase64 } from "./bytes.ts";
import { Stream } from "./stream/stream.ts";
import type { StreamConfig } from "./stream/stream-config.ts";

/** Streams and their messages as plain data, which JSON can write and read. What `snapshot()` returns. */
export interface JetStreamSnapshot {
  readonly version: 1;
  readonly streams: readonly StreamSnapshot[];
}

/** A stream of a snapshot. Times are in milliseconds since 1970. */
export interface StreamSnapshot {
  readonly account: string;
  readonly config: StreamConfig;
  readonly created: Millis;
  /** The last sequence that was used. */
  readonly last: number;
  readonly messages: readonly MessageSnapshot[];
  /** The next sequence of its origin to copy, for its mirror or each of its sources. */
  readonly next: readonly number[];
}

/** A message of a snapshot. */
export interface MessageSnapshot {
  readonly sequence: number;
  readonly subject: string;
  /** The header block, in base64. */
  readonly headers?: string;
  /** In base64. */
  readonly payload: string;
  readonly time: Millis;
  /** How old it was, in milliseconds: it continues to age from there. */
  readonly age: Millis;
}

/** Returns a stream as plain data. */
export function takeStream({ account, config, created, store, copiers }: Stream): StreamSnapshot {
  const messages: MessageSnapshot[] = [];
  for (let message = store.next([], 0); message !== undefined; message = store.next([], message.sequence + 1)) {
    const { sequence, subject, headers, payload, time, storedAt } = message;
    messages.push({
      sequence,
      subject,
      ...(headers === undefined ? {} : { headers: base64(headers) }),
      payload: base64(payload),
      time,
      age: account.engine.now - storedAt,
    });
  }
  return { account: account.name, config, created, last: store.last, messages, next: copiers.map(({ next }) => next) };
}

/** Adds a stream of a snapshot to an account. Replaces one with the same name. */
export function restoreStream(account: JetStreamAccount, snapshot: StreamSnapshot): void {
  const { config, created, last, messages, next } = snapshot;
  const old = account.streams.get(config.name);
  if (old !== undefined) account.remove(old);
  const stream = new Stream(account, config, created);
  for (const { sequence, subject, headers, payload, time, age } of messages) {
    stream.load({
      sequence,
      subject,
      headers: headers === undefined ? undefined : fromBase64(headers),
      payload: fromBase64(payload),
      time,
      storedAt: account.engine.now - age,
    });
  }
  stream.store.skipTo(last);
  for (const [i, copier] of stream.copiers.entries()) copier.next = next[i] ?? 0;
  account.add(stream);
}
