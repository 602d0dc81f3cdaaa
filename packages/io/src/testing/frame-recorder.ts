// SPDX-License-Identifier: Apache-2.0
import {
  type ClientFrame,
  clientFrames,
  Decoder,
  ProtocolError,
  type ServerFrame,
  serverFramesWithAnySid,
} from "@natswire/codec";

/** An entry that is not a frame: a connection opened or closed, or the client violated the protocol. */
export type TranscriptMark =
  | { readonly op: "opened" }
  | { readonly op: "closed" }
  | { readonly op: "broken"; readonly code: string; readonly offset: number };

/** A frame in a transcript, or a mark. */
export interface TranscriptEntry<Frame = ClientFrame | ServerFrame<string> | TranscriptMark> {
  /** The `id` of the connection. */
  readonly connection: number;
  /** Which side sent it. */
  readonly from: "client" | "server";
  readonly frame: Frame;
}

/** Where a recorder's entries go, and what they are about. */
interface RecorderOptions {
  readonly add: (entry: TranscriptEntry) => void;
  readonly connection: number;
  /** Of what the client sends. */
  readonly limits: { readonly line: number; readonly payload: number };
}

/** Records the frames that both sides of one connection send. */
export class FrameRecorder {
  readonly #add: (entry: TranscriptEntry) => void;
  readonly #connection: number;
  readonly #client: Decoder<ClientFrame>;
  readonly #server = new Decoder(serverFramesWithAnySid);
  readonly #broken = new Set<"client" | "server">();

  constructor({ add, connection, limits }: RecorderOptions) {
    this.#add = add;
    this.#connection = connection;
    this.#client = new Decoder(clientFrames, limits);
  }

  /** Records that the connection was opened or closed. */
  mark(from: "client" | "server", op: "opened" | "closed"): void {
    this.#write(from, { op });
  }

  /** Takes bytes that the client sent; they are copied. */
  sent(chunk: Uint8Array): void {
    this.#read("client", this.#client, chunk);
  }

  /** Takes bytes that the client receives; they are copied. */
  received(chunk: Uint8Array): void {
    this.#read("server", this.#server, chunk);
  }

  #read(from: "client" | "server", decoder: Decoder<ClientFrame | ServerFrame<string>>, chunk: Uint8Array): void {
    if (this.#broken.has(from)) return;
    decoder.push(new Uint8Array(chunk));
    try {
      for (const frame of decoder) this.#write(from, frame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#broken.add(from);
      this.#write(from, { op: "broken", code: error.code, offset: error.offset });
    }
  }

  #write(from: "client" | "server", frame: TranscriptEntry["frame"]): void {
    this.#add({ connection: this.#connection, from, frame });
  }
}
