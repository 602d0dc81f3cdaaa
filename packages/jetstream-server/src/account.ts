// SPDX-License-Identifier: Apache-2.0
import { jsonBytes } from "./bytes.ts";
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

  /** Publishes JSON in the account: an answer, or an advisory. */
  publishJson(subject: string, value: object): void {
    this.engine.publish(this.name, { subject, payload: jsonBytes(value) });
  }
}

/** The level of the API: that of nats-server 2.11. */
export const API_LEVEL = 1;
