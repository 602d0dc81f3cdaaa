// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, clientFrames, Decoder, type ServerFrame, serverFrames } from "@natswire/codec";
import type { ConnectionId } from "@natswire/server";
import { latin1 } from "../../testkit/latin1.ts";
import { Direction, Loan } from "./direction.ts";
import type { Host } from "./host.ts";
import type { Network } from "./network.ts";
import { formatFrame } from "./trace.ts";

/** Bytes that a server must not send, as a frame. */
export interface Garbage {
  readonly op: "garbage";
}

export type ReceivedFrame = ServerFrame | Garbage;

const NOISE = latin1("WHAT\r\n");
// Milliseconds in which a closing server sends what is queued.
const GRACE = 1000;

/** The client's side of a connection. */
export interface WireClient {
  readonly name: string;
  /** Its current connection, or the one being opened. */
  readonly wire: Wire | undefined;
  readonly deadline: number | undefined;
  received(chunk: Uint8Array, frames: readonly ReceivedFrame[]): void;
  /** The server has received this many bytes. */
  released(bytes: number): void;
  lost(wire: Wire, detail: string): void;
}

/** One connection from the dial to its end. Its two sides may notice the end at different times. */
export class Wire {
  readonly number: number;
  readonly client: WireClient;
  readonly host: Host;
  readonly toServer: Direction<ClientFrame>;
  readonly toClient: Direction<ReceivedFrame>;
  /** The server's id of the connection, after it was accepted. */
  peer: ConnectionId | undefined;
  /** The server has closed it and receives nothing more. */
  isLeaving = false;
  echo = true;
  /** The number of messages that the server has received on this connection. */
  serverReceived = 0;
  #withholdsPongs = false;
  readonly #network: Network;
  readonly #clientFrames = new Decoder(clientFrames);
  readonly #serverFrames = new Decoder(serverFrames);
  readonly #clientLoan = new Loan();
  readonly #serverLoan = new Loan();

  constructor(network: Network, client: WireClient, host: Host) {
    this.#network = network;
    this.number = network.nextWire();
    this.client = client;
    this.host = host;
    this.toServer = new Direction(network, {
      received: (chunk, frames) => {
        this.host.received(this, chunk, frames);
        if (this.client.wire !== this) return;
        this.client.released(this.#clientLoan.release(chunk.length));
      },
      ended: () => {
        this.host.lost(this);
        if (this.client.wire === this) this.toClient.end();
      },
    });
    this.toClient = new Direction<ReceivedFrame>(network, {
      received: (chunk, frames) => {
        const size = chunk.length;
        if (this.client.wire === this) this.client.received(chunk, frames);
        this.#release(size);
      },
      ended: () => {
        this.client.lost(this, "the connection ended");
        network.schedule.at(network.now + 1, () => this.host.lost(this));
      },
    });
  }

  get name(): string {
    return `${this.client.name} to ${this.host.name}`;
  }

  /** Whether nothing is in transit and both sides are connected. */
  get isQuiet(): boolean {
    return this.toServer.isEmpty && this.toClient.isEmpty && !this.isLeaving && this.host.has(this);
  }

  /** Sends what the session transmits. Returns its frames. */
  sendToServer(segments: readonly Uint8Array[]): ClientFrame[] {
    for (const segment of segments) this.#clientLoan.lend(segment);
    const bytes = concat(segments);
    const frames = [...decode(this.#clientFrames, bytes)];
    for (const { frame } of frames)
      this.#network.note(`${this.client.name} -> ${this.host.name}  ${formatFrame(frame)}`);
    this.toServer.send(bytes, frames);
    return frames.map(({ frame }) => frame);
  }

  /** Sends what the server transmits. Returns its frames. */
  sendToClient(segments: readonly Uint8Array[], withholdsPongs: boolean): ServerFrame[] {
    for (const segment of segments) this.#serverLoan.lend(segment);
    const bytes = concat(segments);
    const all = [...decode(this.#serverFrames, bytes)];
    for (const { frame } of all) this.#network.note(`${this.client.name} <- ${this.host.name}  ${formatFrame(frame)}`);
    const frames = all.map(({ frame }) => frame);
    // After the first withheld PONG all are withheld: a PONG does not say which PING it answers.
    this.#withholdsPongs ||= withholdsPongs && frames.some(({ op }) => op === "pong");
    if (this.#withholdsPongs) this.#sendWithoutPongs(bytes, all);
    else this.toClient.send(bytes, all);
    return frames;
  }

  #sendWithoutPongs(bytes: Uint8Array, frames: readonly { readonly frame: ServerFrame; readonly end: number }[]): void {
    let from = 0;
    for (const { frame, end } of frames) {
      if (frame.op !== "pong") this.toClient.send(bytes.subarray(from, end), [{ frame, end: end - from }]);
      else {
        this.#network.note("(withheld)");
        this.#release(end - from);
      }
      from = end;
    }
  }

  /** Sends the client what a server must not send. */
  sendGarbage(): void {
    this.toClient.send(NOISE.slice(), [{ frame: { op: "garbage" }, end: NOISE.length }]);
  }

  /** Sends the client an error that the server's core does not know. */
  sendError(text: string): void {
    this.#network.note(`${this.client.name} <- ${this.host.name}  -ERR '${text}'`);
    const bytes = latin1(`-ERR '${text}'\r\n`);
    this.toClient.send(bytes, [{ frame: { op: "err", text }, end: bytes.length }]);
  }

  /** The client closes it, after what it sent if `isFlushed`. */
  closeByClient(isFlushed: boolean): void {
    this.toClient.clear();
    if (!isFlushed && !this.toServer.isStopped && this.#network.random.once(2)) {
      this.toServer.clear();
      this.#later(() => this.host.lost(this));
    } else this.toServer.end();
  }

  /** The server closes it, after what it sent unless `isAtOnce`. A client that does not read that is reset. */
  closeByServer(isAtOnce: boolean): void {
    this.isLeaving = true;
    if (isAtOnce) return this.reset();
    this.toClient.end();
    this.#network.schedule.at(this.#network.now + GRACE, () => {
      if (this.host.has(this)) this.reset();
    });
  }

  /** Resets it. Both sides notice at different times. */
  reset(): void {
    const isCut = this.toClient.isWithinFrame;
    this.toServer.clear();
    this.toClient.clear();
    this.#later(() => this.host.lost(this));
    if (this.toClient.isStopped) return;
    this.#later(() => {
      if (isCut && this.client.wire === this) this.#network.saw("cutFrame");
      this.client.lost(this, "reset");
    });
  }

  /** Keeps it open and forwards nothing from now on. */
  stopForwarding(): void {
    this.toServer.stop();
    this.toClient.stop();
  }

  #release(bytes: number): void {
    this.host.released(this, this.#serverLoan.release(bytes));
  }

  #later(act: () => void): void {
    this.#network.schedule.at(this.#network.now + this.#network.random.below(30), act);
  }
}

function* decode<F>(decoder: Decoder<F>, bytes: Uint8Array): Generator<{ frame: F; end: number }> {
  const from = decoder.offset;
  decoder.push(bytes);
  for (const frame of decoder) yield { frame, end: decoder.offset - from };
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
