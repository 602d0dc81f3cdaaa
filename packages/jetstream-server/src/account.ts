// SPDX-License-Identifier: Apache-2.0
import { utf8 } from "@natswire/codec";
import { jsonBytes, noBytes } from "./bytes.ts";
import type { Engine } from "./engine.ts";
import type { Stream } from "./stream/stream.ts";

/** The streams of one account. Another account does not see them. */
export class JetStreamAccount {
  readonly name: string;
  readonly engine: Engine;
  readonly streams: Map<string, Stream> = new Map();
  /** Requests to the API, and those that were answered with an error. */
  requests = 0;
  errors = 0;

  constructor(name: string, engine: Engine) {
    this.name = name;
    this.engine = engine;
  }

  /** What the account has and did. */
  get usage(): {
    readonly memory: number;
    readonly streams: number;
    readonly consumers: number;
    readonly api: { readonly total: number; readonly errors: number; readonly level: number };
  } {
    const streams = [...this.streams.values()];
    return {
      memory: streams.reduce((sum, { store }) => sum + store.bytes, 0),
      streams: streams.length,
      consumers: streams.reduce((sum, { consumers }) => sum + consumers.size, 0),
      api: { total: this.requests, errors: this.errors, level: API_LEVEL },
    };
  }

  /** Adds a stream, and begins to copy from it and to it. */
  add(stream: Stream): void {
    const { name } = stream.config;
    this.streams.set(name, stream);
    this.connectCopiers(stream);
    for (const { copiers } of this.streams.values()) {
      for (const copier of copiers) if (copier.config.name === name) copier.attach(stream);
    }
  }

  /** Begins to copy to a stream whose mirror or sources were changed. */
  connectCopiers({ copiers }: Stream): void {
    for (const copier of copiers) copier.attach(this.streams.get(copier.config.name));
  }

  /** Ends and removes a stream. */
  remove(stream: Stream): void {
    this.streams.delete(stream.config.name);
    stream.end();
  }

  /** Publishes a message in the account. */
  publish(subject: string, payload: Uint8Array, headers?: Uint8Array): void {
    this.engine.publish(this.name, { subject, payload, headers });
  }

  /** Publishes JSON in the account: an answer. */
  publishJson(subject: string, value: object): void {
    this.publish(subject, jsonBytes(value));
  }

  /** Publishes a status, like `404 No Messages`. @param lines further headers, each with its line end */
  publishStatus(subject: string, status: string, lines = ""): void {
    this.publish(subject, noBytes, utf8.encode(`NATS/1.0 ${status}\r\n${lines}\r\n`));
  }
}

/** The release whose JetStream this is. */
export const SERVER_VERSION = "2.11.0";

/** The level of the API: that of nats-server 2.11. */
export const API_LEVEL = 1;
