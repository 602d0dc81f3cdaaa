// SPDX-License-Identifier: Apache-2.0

/** The work of a client. `serial` sends requests one after the other, `many` keeps 500 in flight with timeouts. */
export type CoreWork = "publish" | "callback" | "iterator" | "serial" | "many";

/**
 * The work of a client through the official modules: `store` keeps 1,000 publishes in flight, `consume` acknowledges every message,
 * `get` keeps 500 reads of Key-Value keys in flight.
 */
export type JetStreamWork = "store" | "consume" | "get";

/** The work of a client under a load. */
export type Work = CoreWork | JetStreamWork;

/** One load for a race. */
export interface Load {
  readonly name: string;
  readonly work: Work;
  readonly size: number;
  /** Messages per round. */
  readonly messages: number;
}

/** Concurrent requests in `many`. */
export const WAYS = 500;
/** Concurrent publishes in `store`, and concurrent reads in `get`. */
export const JETSTREAM_WAYS = { store: 1_000, get: 500 } as const;

const sizes = { "0 B": 0, "16 B": 16, "128 B": 128, "1 KB": 1024, "64 KB": 65_536 } as const;
const words = {
  publish: "publish",
  callback: "subscribe, callback",
  iterator: "subscribe, iterator",
  serial: "request, one after the other",
  many: `request, ${WAYS} at once`,
} as const satisfies Record<CoreWork, string>;
const jetStreamWords = {
  store: "JetStream publish, 1,000 at once",
  consume: "JetStream consume and ack",
  get: "JetStream Key-Value get, 500 at once",
} as const satisfies Record<JetStreamWork, string>;

// A server queues at most 64 MiB for a slow client; a round that the client receives is smaller.
const LARGEST_ROUND = { publish: 200e6, callback: 48e6, iterator: 48e6, serial: 48e6, many: 48e6 } as const;
const ROUND = { publish: 300_000, callback: 300_000, iterator: 300_000, serial: 2_000, many: 20_000 } as const;
const JETSTREAM_ROUND = 16_000;

const core = (Object.keys(words) as CoreWork[]).flatMap((work) =>
  Object.entries(sizes).map(([name, size]): Load => {
    const limit = Math.min(ROUND[work], Math.floor(LARGEST_ROUND[work] / (size + 64)));
    // Each of the concurrent requesters sends the same number.
    const messages = work === "many" ? Math.ceil(limit / WAYS) * WAYS : limit;
    return { name: `client ${words[work]} ${name}`, work, size, messages };
  }),
);
const jetStream = Object.entries(jetStreamWords).map(([work, name]): Load => {
  return { name: `client ${name} 16 B`, work: work as JetStreamWork, size: 16, messages: JETSTREAM_ROUND };
});

/** Every load by name, `client publish 16 B`. */
export const loads: readonly Load[] = [...core, ...jetStream];

/** Returns whether a work uses the official modules. */
export function isJetStream(work: Work): work is JetStreamWork {
  return work in jetStreamWords;
}
