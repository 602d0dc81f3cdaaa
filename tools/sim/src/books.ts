// SPDX-License-Identifier: Apache-2.0
import type { ClientFrame } from "@natswire/codec";
import type { ConnectionStats, SessionConfig } from "@natswire/session";
import { hold } from "./laws.ts";
import type { Heard } from "./wire.ts";
import type { World } from "./world.ts";

/** What a session said on the connection there is, and what of it was confirmed; and what it counts. */
export class Books {
  readonly #world: World;
  readonly #isVerbose: boolean;
  // The messages said, and how many of them stood before each PING.
  #said: number[] = [];
  #pings: number[] = [];
  // What a verbose server has to say +OK to: a message by how many were said up to it, and everything else.
  #owed: (number | undefined)[] = [];
  #confirmed = 0;
  #confirmedBefore = 0;
  #unknown = 0;
  /** Bytes over all connections. */
  bytesSent = 0;
  bytesReceived = 0;
  isAnswered = false;
  /** When the server last showed that it is alive. */
  answeredAt = 0;

  constructor(world: World, { verbose }: SessionConfig) {
    this.#world = world;
    this.#isVerbose = verbose;
  }

  /** Messages said. */
  get handed(): number {
    return this.#said.length;
  }

  /** A connection begins. */
  begin({ confirmed }: ConnectionStats): void {
    this.#said = [];
    this.#pings = [];
    this.#owed = [];
    this.#confirmed = 0;
    this.#confirmedBefore = confirmed;
    this.isAnswered = false;
  }

  say(frame: ClientFrame): void {
    const isAllowed = this.isAnswered || frame.op === "connect" || frame.op === "ping" || frame.op === "pong";
    hold("handshake", isAllowed, () => `it says ${frame.op} too early`);
    if (frame.op === "ping") this.#pings.push(this.#said.length);
    if (frame.op !== "ping" && frame.op !== "pong" && this.#isVerbose) {
      this.#owed.push(frame.op === "pub" ? this.#said.length + 1 : undefined);
    }
    if (frame.op !== "pub") return;
    const message = this.#world.ledger.of(frame.subject, frame.payload);
    hold("once", !message.isSaid, () => `#${message.number} was said before`);
    message.isSaid = true;
    this.#said.push(message.number);
  }

  /** @param read messages of this connection that the server has read */
  hear({ op }: Heard & { op: "pong" | "ok" | "err" }, read: number): void {
    if (op === "pong") {
      this.isAnswered = true;
      this.answeredAt = this.#world.now;
    }
    this.#confirmed = (op === "pong" ? this.#pings : this.#owed).shift() ?? this.#confirmed;
    hold("confirmed", this.#confirmed <= read, () => `${this.#confirmed} messages, and the server read ${read}`);
  }

  /** @param taken messages the program was told are taken */
  check(stats: ConnectionStats, taken: number): void {
    const { published, confirmed, inFlight, buffered, unknown, dropped } = stats;
    const shown = (): string => `${JSON.stringify(stats)}, published were ${taken}`;
    hold("books", confirmed + inFlight + buffered + unknown + dropped === published, shown);
    hold("books", Math.min(confirmed, inFlight, buffered, unknown, dropped) >= 0, shown);
    hold("books", published === taken, shown);
    hold("books", stats.bytesSent === this.bytesSent, () => `${stats.bytesSent} bytes sent, not ${this.bytesSent}`);
    const { bytesReceived } = stats;
    hold(
      "books",
      bytesReceived === this.bytesReceived,
      () => `${bytesReceived} bytes received, not ${this.bytesReceived}`,
    );
    const isRight = confirmed === this.#confirmedBefore + this.#confirmed;
    hold("confirmed", isRight, () => `${confirmed} messages, not ${this.#confirmedBefore} and ${this.#confirmed}`);
    if (unknown === this.#unknown) return;
    this.#unknown = unknown;
    this.#world.saw("unknown");
    for (const number of this.#said.slice(this.#confirmed)) this.#world.ledger.at(number).isUnknown = true;
  }
}
