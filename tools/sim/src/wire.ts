// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, clientFrames, Decoder, type ServerFrame, serverFrames } from "@natswire/codec";
import type { ConnectionId } from "@natswire/server";
import { latin1 } from "../../testkit/latin1.ts";
import type { Client } from "./client.ts";
import type { Host } from "./host.ts";
import { Lane, Loan } from "./lane.ts";
import { words } from "./trace.ts";
import type { World } from "./world.ts";

/** What a server can never say, as a frame of its own. */
export interface Garbage {
  readonly op: "garbage";
}

export type Heard = ServerFrame | Garbage;

const NOISE = latin1("WHAT\r\n");
// Time for a server to get out what is queued when it hangs up.
const LINGER = 1000;

/** One connection: from the dial to its end, which its two sides need not learn at the same time. */
export class Wire {
  readonly number: number;
  readonly client: Client;
  readonly host: Host;
  readonly up: Lane<ClientFrame>;
  readonly down: Lane<Heard>;
  /** As the server calls it, once it was accepted. */
  peer: ConnectionId | undefined;
  /** The server has hung up: it hears nothing more. */
  isLeaving = false;
  echo = true;
  /** Messages of this connection that the server has read. */
  read = 0;
  #isMute = false;
  readonly #world: World;
  readonly #said = new Decoder(clientFrames);
  readonly #answered = new Decoder(serverFrames);
  readonly #clientLoan = new Loan();
  readonly #serverLoan = new Loan();

  constructor(world: World, client: Client, host: Host) {
    this.#world = world;
    this.number = world.nextWire();
    this.client = client;
    this.host = host;
    this.up = new Lane(world, {
      heard: (chunk, frames) => {
        this.host.heard(this, chunk, frames);
        if (this.client.wire !== this) return;
        this.client.released(this.#clientLoan.release(chunk.length));
      },
      ended: () => {
        this.host.lose(this);
        if (this.client.wire === this) this.down.end();
      },
    });
    this.down = new Lane<Heard>(world, {
      heard: (chunk, frames) => {
        const size = chunk.length;
        if (this.client.wire === this) this.client.heard(chunk, frames);
        this.#repay(size);
      },
      ended: () => {
        this.client.lose(this, "the connection ended");
        world.agenda.at(world.now + 1, () => this.host.lose(this));
      },
    });
  }

  get name(): string {
    return `${this.client.name} → ${this.host.name}`;
  }

  /** Nothing is on its way, and both sides are there. */
  get isQuiet(): boolean {
    return this.up.isEmpty && this.down.isEmpty && !this.isLeaving && this.host.has(this);
  }

  /** What the session transmits. */
  say(segments: readonly Uint8Array[]): ClientFrame[] {
    for (const segment of segments) this.#clientLoan.lend(segment);
    const bytes = joined(segments);
    const frames = [...framed(this.#said, bytes)];
    for (const { frame } of frames) this.#world.note(`${this.name}  ${words(frame)}`);
    this.up.send(bytes, frames);
    return frames.map(({ frame }) => frame);
  }

  /** What the server transmits. */
  answer(segments: readonly Uint8Array[], withholdsPongs: boolean): ServerFrame[] {
    for (const segment of segments) this.#serverLoan.lend(segment);
    const bytes = joined(segments);
    const all = [...framed(this.#answered, bytes)];
    for (const { frame } of all) this.#world.note(`${this.host.name} → ${this.client.name}  ${words(frame)}`);
    const frames = all.map(({ frame }) => frame);
    // Who leaves one PING unanswered answers none behind it: a PONG says nothing of which PING it is for.
    this.#isMute ||= withholdsPongs && frames.some(({ op }) => op === "pong");
    if (this.#isMute) this.#answerMuted(bytes, all);
    else this.down.send(bytes, all);
    return frames;
  }

  #answerMuted(bytes: Uint8Array, frames: readonly { readonly frame: ServerFrame; readonly end: number }[]): void {
    let from = 0;
    for (const { frame, end } of frames) {
      if (frame.op !== "pong") this.down.send(bytes.subarray(from, end), [{ frame, end: end - from }]);
      else {
        this.#world.note("(withheld)");
        this.#repay(end - from);
      }
      from = end;
    }
  }

  /** The server says what no server can say. */
  garble(): void {
    this.down.send(NOISE.slice(), [{ frame: { op: "garbage" }, end: NOISE.length }]);
  }

  /** The client ends it, after what it said, or at once. */
  hangUp(isFlushed: boolean): void {
    this.down.clear();
    if (!isFlushed && !this.up.isDead && this.#world.random.once(2)) {
      this.up.clear();
      this.#later(() => this.host.lose(this));
    } else this.up.end();
  }

  /** The server ends it, after what it said; whoever does not read that is cut off. */
  dismiss(isAtOnce: boolean): void {
    this.isLeaving = true;
    if (isAtOnce) return this.reset();
    this.down.end();
    this.#world.agenda.at(this.#world.now + LINGER, () => {
      if (this.host.has(this)) this.reset();
    });
  }

  /** Both sides lose it, each when it learns of it. */
  reset(): void {
    const isCut = this.down.isWithinFrame;
    this.up.clear();
    this.down.clear();
    this.#later(() => this.host.lose(this));
    if (this.down.isDead) return;
    this.#later(() => {
      if (isCut && this.client.wire === this) this.#world.saw("cutFrame");
      this.client.lose(this, "reset");
    });
  }

  /** From now on it is there and carries nothing. */
  swallow(): void {
    this.up.die();
    this.down.die();
  }

  #repay(bytes: number): void {
    this.host.released(this, this.#serverLoan.release(bytes));
  }

  #later(act: () => void): void {
    this.#world.agenda.at(this.#world.now + this.#world.random.below(30), act);
  }
}

function* framed<F>(decoder: Decoder<F>, bytes: Uint8Array): Generator<{ frame: F; end: number }> {
  const from = decoder.offset;
  decoder.push(bytes);
  for (const frame of decoder) yield { frame, end: decoder.offset - from };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
