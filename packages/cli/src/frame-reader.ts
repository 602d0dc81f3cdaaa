// SPDX-License-Identifier: Apache-2.0
import {
  type ClientFrame,
  clientFrames,
  type Grammar,
  ProtocolError,
  Scanner,
  type ServerFrame,
  serverFrames,
  serverFramesWithAnySid,
} from "@natswire/codec";

/** The side of a connection that sends. */
export type Side = "client" | "server";

/** A frame of either side. The sid is text: clients of other libraries may choose any token. */
export type Frame = ClientFrame | ServerFrame<string>;

/** A frame and its bytes, line ends included. Both are valid until the next frame is read. */
export interface DecodedFrame<F extends Frame = Frame> {
  readonly frame: F;
  readonly bytes: Uint8Array;
}

const grammars: { readonly client: Grammar<ClientFrame>; readonly server: Grammar<ServerFrame<string>> } = {
  client: clientFrames,
  server: serverFramesWithAnySid,
};

// The first byte of a TLS record that carries a handshake; no verb starts with it.
const TLS_HANDSHAKE = 0x16;

/**
 * Decodes the bytes of one side of a connection, cut into chunks in any way. It never throws: after malformed bytes, or if
 * TLS starts, it sets `stopReason` and ignores the rest.
 */
export class FrameReader<F extends Frame = Frame> {
  /** Why no more frames are decoded; `undefined` while they are. */
  stopReason: ProtocolError | "TLS" | undefined;
  readonly #grammar: Grammar<F>;
  readonly #scanner: Scanner;

  private constructor(grammar: Grammar<F>) {
    this.#grammar = grammar;
    // The limits for server frames are the widest, and a server may be configured to accept as much.
    this.#scanner = new Scanner(grammar, serverFrames.limits);
  }

  /** Creates a reader for what one side sends. */
  static for(side: "client"): FrameReader<ClientFrame>;
  static for(side: "server"): FrameReader<ServerFrame<string>>;
  static for(side: Side): FrameReader;
  static for(side: Side): FrameReader {
    return new FrameReader<Frame>(grammars[side]);
  }

  /** The number of bytes that wait for the rest of their frame. */
  get buffered(): number {
    return this.#scanner.buffered;
  }

  /** The offset of the next frame in the stream. */
  get offset(): number {
    return this.#scanner.offset;
  }

  /** Yields the frames that are complete with this chunk. */
  *read(chunk: Uint8Array): Generator<DecodedFrame<F>> {
    if (this.stopReason !== undefined) return;
    const chunkOffset = this.#scanner.offset + this.#scanner.buffered;
    this.#scanner.push(chunk);
    try {
      while (this.#scanner.next() !== 0) {
        const frame = this.#grammar.frame(this.#scanner);
        yield { frame, bytes: this.#scanner.frame() as Uint8Array };
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.stopReason = chunk[error.offset - chunkOffset] === TLS_HANDSHAKE ? "TLS" : error;
    }
  }
}

/** Returns a frame and its bytes in memory of their own, valid for good. */
export function copyFrame<F extends Frame>({ frame, bytes }: DecodedFrame<F>): DecodedFrame<F> {
  const copy = bytes.slice();
  if (frame.op !== "msg" && frame.op !== "pub") return { frame, bytes: copy };
  const { payload, headers } = frame;
  return { frame: { ...frame, payload: payload.slice(), ...(headers && { headers: headers.slice() }) }, bytes: copy };
}
