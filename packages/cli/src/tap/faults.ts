// SPDX-License-Identifier: Apache-2.0
import type { Side } from "../frame-reader.ts";
import { seededRandom } from "./seeded-random.ts";

/** Which frames a tap drops. */
export interface DropRule {
  /** The side that sends them; by default both. */
  readonly from: Side | undefined;
  readonly verb: string;
  /** Drops each frame of this number, like the tenth, the twentieth. */
  readonly every?: number;
  /** Drops this share of the frames, at random; from 0 to 1. */
  readonly share?: number;
}

/** What a tap does to the frames of each connection. */
export interface FaultOptions {
  /** Milliseconds that each frame waits. */
  readonly delay: number;
  /** Milliseconds that a frame waits longer, at most, at random. */
  readonly jitter: number;
  readonly drop: readonly DropRule[];
  /** Bytes that are written at once, at most. */
  readonly split: number;
  /** Frames of a connection after which nothing is forwarded. */
  readonly stall: number;
  /** Frames of a connection after which the tap closes it. */
  readonly closeAfter: number;
  /** The same seed has the same faults: those of a connection depend on its number and on its frames only. */
  readonly seed: number;
}

/**
 * What happens to a frame: `stall` is the first one that is not forwarded because the connection stalls, and `last` is forwarded
 * before the connection is closed.
 */
export type Fate = "forward" | "drop" | "stall" | "last";

/** Decides what happens to the frames of one connection. */
export class ConnectionFaults {
  readonly options: FaultOptions;
  readonly #connection: number;
  readonly #jitters: Readonly<Record<Side, () => number>>;
  readonly #drops: Readonly<Record<Side, readonly ((verb: string) => boolean)[]>>;
  #forwarded = 0;
  #hasStalled = false;

  /** @param connection its number, from 1 */
  constructor(options: FaultOptions, connection: number) {
    this.options = options;
    this.#connection = connection;
    this.#jitters = { client: this.#random("client", 0), server: this.#random("server", 0) };
    this.#drops = { client: this.#dropsOf("client"), server: this.#dropsOf("server") };
  }

  /** Whether nothing is forwarded any more. */
  get isStalled(): boolean {
    return this.#forwarded >= this.options.stall;
  }

  /** Returns what happens to the next frame of a side. */
  fateOf(from: Side, verb: string): Fate {
    const { closeAfter } = this.options;
    if (this.isStalled && !this.#hasStalled) {
      this.#hasStalled = true;
      return "stall";
    }
    if (this.isStalled || this.#forwarded >= closeAfter) return "drop";
    // Each rule counts all its frames, also those that another one drops.
    if (this.#drops[from].filter((drops) => drops(verb)).length > 0) return "drop";
    return ++this.#forwarded === closeAfter ? "last" : "forward";
  }

  /** Returns the milliseconds that the next frame of a side waits. */
  delayOf(from: Side): number {
    const { delay, jitter } = this.options;
    return delay + jitter * this.#jitters[from]();
  }

  #dropsOf(side: Side): ((verb: string) => boolean)[] {
    return this.options.drop.flatMap(({ from = side, verb: wanted, every, share = 0 }, i) => {
      const random = this.#random(side, i + 1);
      let count = 0;
      const drops = (): boolean => (every === undefined ? random() < share : ++count % every === 0);
      return from === side ? [(verb: string) => verb === wanted && drops()] : [];
    });
  }

  /** Each use has numbers of its own: a PING more does not change which messages are dropped. */
  #random(side: Side, use: number): () => number {
    return seededRandom(this.options.seed, this.#connection, side === "client" ? 0 : 1, use);
  }
}
