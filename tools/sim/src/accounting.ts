// SPDX-License-Identifier: Apache-2.0
import type { ClientFrame } from "@natswire/codec";
import type { ConnectionStats, SessionConfig } from "@natswire/session";
import { hold } from "./laws.ts";
import type { PublishedMessage } from "./messages.ts";
import type { ReceivedFrame } from "./wire.ts";
import type { World } from "./world.ts";

/** Accounts for what a session sent on its current connection and what was confirmed. Compares that with its statistics. */
export class Accounting {
  readonly #world: World;
  readonly #isVerbose: boolean;
  // The messages sent, and how many of them were sent before each PING.
  #sent: number[] = [];
  #pings: number[] = [];
  // What a verbose server must acknowledge: a message as the count of messages up to it, everything else as undefined.
  #unacknowledged: (number | undefined)[] = [];
  #confirmed = 0;
  #confirmedBefore = 0;
  #unknown = 0;
  /** Bytes on all connections. */
  bytesSent = 0;
  bytesReceived = 0;
  isAnswered = false;
  /** When the last PONG arrived. */
  answeredAt = 0;

  constructor(world: World, { verbose }: SessionConfig) {
    this.#world = world;
    this.#isVerbose = verbose;
  }

  /** The number of messages sent. */
  get sentCount(): number {
    return this.#sent.length;
  }

  /** The numbers of the messages of this connection that are confirmed, in the order in which they were sent. */
  get confirmed(): readonly number[] {
    return this.#sent.slice(0, this.#confirmed);
  }

  /** Starts a new connection. */
  begin({ confirmed }: ConnectionStats): void {
    this.#sent = [];
    this.#pings = [];
    this.#unacknowledged = [];
    this.#confirmed = 0;
    this.#confirmedBefore = confirmed;
    this.isAnswered = false;
  }

  /** Records what the session sent. Returns the message of a PUB. */
  sent(frame: ClientFrame): PublishedMessage | undefined {
    const isAllowed = this.isAnswered || frame.op === "connect" || frame.op === "ping" || frame.op === "pong";
    hold("handshake", isAllowed, () => `it sent ${frame.op} before the first PONG`);
    if (frame.op === "ping") this.#pings.push(this.#sent.length);
    if (frame.op !== "ping" && frame.op !== "pong" && this.#isVerbose) {
      this.#unacknowledged.push(frame.op === "pub" ? this.#sent.length + 1 : undefined);
    }
    if (frame.op !== "pub") return undefined;
    const message = this.#world.messages.of(frame.subject, frame.payload);
    hold("once", !message.isSent, () => `#${message.number} was sent before`);
    hold("givenUp", !message.isGivenUp, () => `#${message.number}`);
    message.isSent = true;
    this.#sent.push(message.number);
    return message;
  }

  /** @param read the number of messages that the server has received on this connection */
  received({ op }: ReceivedFrame & { op: "pong" | "ok" | "err" }, read: number): void {
    if (op === "pong") {
      this.isAnswered = true;
      this.answeredAt = this.#world.now;
    }
    this.#confirmed = (op === "pong" ? this.#pings : this.#unacknowledged).shift() ?? this.#confirmed;
    hold("confirmed", this.#confirmed <= read, () => `${this.#confirmed} messages, but the server received ${read}`);
  }

  /** @param taken the number of messages that `publish` accepted */
  check(stats: ConnectionStats, taken: number): void {
    const { published, confirmed, inFlight, buffered, unknown, dropped } = stats;
    const shown = (): string => `${JSON.stringify(stats)}, but ${taken} were published`;
    hold("accounting", confirmed + inFlight + buffered + unknown + dropped === published, shown);
    hold("accounting", Math.min(confirmed, inFlight, buffered, unknown, dropped) >= 0, shown);
    hold("accounting", published === taken, shown);
    const { bytesSent, bytesReceived } = stats;
    hold("accounting", bytesSent === this.bytesSent, () => `${bytesSent} bytes sent, not ${this.bytesSent}`);
    const isReceived = bytesReceived === this.bytesReceived;
    hold("accounting", isReceived, () => `${bytesReceived} bytes received, not ${this.bytesReceived}`);
    const isRight = confirmed === this.#confirmedBefore + this.#confirmed;
    hold("confirmed", isRight, () => `${confirmed} messages, not ${this.#confirmedBefore} and ${this.#confirmed}`);
    if (unknown === this.#unknown) return;
    this.#unknown = unknown;
    this.#world.saw("unknown");
    for (const number of this.#sent.slice(this.#confirmed)) this.#world.messages.at(number).isUnknown = true;
  }
}
