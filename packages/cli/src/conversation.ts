// SPDX-License-Identifier: Apache-2.0
import { Ear, type Heard, type Side } from "./ear.ts";

/** Something a connection's side said. */
export interface Said extends Heard {
  /** Milliseconds since the beginning. */
  readonly at: number;
  readonly connection: number;
  readonly from: Side;
}

/** Something that befell a connection. */
export interface Event {
  readonly at: number;
  readonly connection: number;
  readonly event: "opened" | "closed" | "unreachable" | "unread";
  /** Whose bytes are no longer read; both sides' where left out. */
  readonly from?: Side;
  readonly reason?: string;
}

/** Who is told what connections say. */
export interface Audience {
  said(said: Said): void;
  event(event: Event): void;
  /** Bytes of a side, read or not. */
  bytes?(connection: number, from: Side, count: number): void;
}

/** Both sides of one connection, heard by several. */
export class Conversation {
  readonly #connection: number;
  readonly #audience: readonly Audience[];
  readonly #now: () => number;
  readonly #ears: Readonly<Record<Side, Ear>> = { client: new Ear("client"), server: new Ear("server") };
  #isSecret = false;

  /** @param now milliseconds since the beginning */
  constructor(connection: number, audience: readonly Audience[], now: () => number) {
    this.#connection = connection;
    this.#audience = audience;
    // To the microsecond.
    this.#now = () => Math.round(now() * 1000) / 1000;
  }

  /** Bytes of one side, in any pieces; what was malformed is told once, and what comes behind it only counted. */
  hear(from: Side, chunk: Uint8Array): void {
    for (const one of this.#audience) one.bytes?.(this.#connection, from, chunk.length);
    const ear = this.#ears[from];
    if (this.#isSecret || ear.deaf !== undefined) return;
    for (const heard of ear.hear(chunk)) {
      const said = { at: this.#now(), connection: this.#connection, from, ...heard };
      for (const one of this.#audience) one.said(said);
    }
    if (ear.deaf === undefined) return;
    if (ear.deaf === "TLS") {
      this.#isSecret = true;
      this.event("unread", "TLS begins, which is passed on and not read");
      return;
    }
    // The message quotes the line, and that may have been a CONNECT.
    const { code, offset } = ear.deaf;
    this.event("unread", `${code} at byte ${offset}; what follows is passed on and not read`, from);
  }

  event(event: Event["event"], reason?: string, from?: Side): void {
    const happened: Event = {
      at: this.#now(),
      connection: this.#connection,
      event,
      ...(from && { from }),
      ...(reason !== undefined && { reason }),
    };
    for (const one of this.#audience) one.event(happened);
  }
}
