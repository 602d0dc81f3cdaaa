// SPDX-License-Identifier: Apache-2.0

/** The work of a client. `serial` sends requests one after the other, `many` keeps 500 in flight with timeouts. */
export type Work = "publish" | "callback" | "iterator" | "serial" | "many";

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

const sizes = { "0 B": 0, "16 B": 16, "128 B": 128, "1 KB": 1024, "64 KB": 65_536 } as const;
const words = {
  publish: "publish",
  callback: "subscribe, callback",
  iterator: "subscribe, iterator",
  serial: "request, one after the other",
  many: `request, ${WAYS} at once`,
} as const satisfies Record<Work, string>;

// A server queues at most 64 MiB for a slow client; a round that the client receives is smaller.
const LARGEST_ROUND = { publish: 200e6, callback: 48e6, iterator: 48e6, serial: 48e6, many: 48e6 } as const;
const ROUND = { publish: 300_000, callback: 300_000, iterator: 300_000, serial: 2_000, many: 20_000 } as const;

/** Every load by name, `client publish 16 B`. */
export const loads: readonly Load[] = (Object.keys(words) as Work[]).flatMap((work) =>
  Object.entries(sizes).map(([name, size]) => {
    const limit = Math.min(ROUND[work], Math.floor(LARGEST_ROUND[work] / (size + 64)));
    // Each of the concurrent requesters sends the same number.
    const messages = work === "many" ? Math.ceil(limit / WAYS) * WAYS : limit;
    return { name: `client ${words[work]} ${name}`, work, size, messages };
  }),
);
