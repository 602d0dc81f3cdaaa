// SPDX-License-Identifier: Apache-2.0
import {
  type ClientFrame,
  clientFrames,
  type Grammar,
  ProtocolError,
  Scanner,
  type ServerFrame,
  serverFrames,
} from "@natswire/codec";
import { serverFramesWithAnySid } from "@natswire/io/adapter";

/** Who speaks. */
export type Side = "client" | "server";

/** What either side says, with sids as clients gave them: any token. */
export type Frame = ClientFrame | ServerFrame<string>;

/** A frame and the bytes it was said in, line ends included; borrowed until the next is asked for. */
export interface Heard {
  readonly frame: Frame;
  readonly bytes: Uint8Array;
}

const HANDSHAKE = 0x16;

/** Listens to one side of a connection: any bytes, in any pieces. It never throws; it goes deaf. */
export class Ear {
  /** Why it understands no more: the fault, or that it is TLS from here on. */
  deaf: ProtocolError | "TLS" | undefined;
  readonly #grammar: Grammar<Frame>;
  readonly #scanner: Scanner;

  /** It takes what any server may be configured to take: the limits are those for server frames, which are wide. */
  constructor(from: Side) {
    this.#grammar = from === "client" ? clientFrames : serverFramesWithAnySid;
    this.#scanner = new Scanner(this.#grammar, serverFrames.limits);
  }

  /** Bytes that belong to no frame yet. */
  get buffered(): number {
    return this.#scanner.buffered;
  }

  /** Where the next frame begins, in bytes. */
  get offset(): number {
    return this.#scanner.offset;
  }

  /** Frames that end in this chunk. */
  *hear(chunk: Uint8Array): Generator<Heard> {
    if (this.deaf !== undefined) return;
    const from = this.#scanner.offset + this.#scanner.buffered;
    this.#scanner.push(chunk);
    try {
      while (this.#scanner.next() !== 0) {
        const frame = this.#grammar.frame(this.#scanner);
        yield { frame, bytes: this.#scanner.frame() as Uint8Array };
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // No verb begins with the byte that a ClientHello begins with.
      this.deaf = chunk[error.offset - from] === HANDSHAKE ? "TLS" : error;
    }
  }
}
