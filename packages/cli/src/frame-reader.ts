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
  type Verb,
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

/** A frame whose parts are made when they are read: a filter that excludes it makes no object. Valid like a `DecodedFrame`. */
export interface FrameView extends DecodedFrame {
  /** The verb in upper case. */
  readonly verb: string;
  /** Whether it is PUB, HPUB, MSG or HMSG. */
  readonly isMessage: boolean;
  /** The subject of a message or a subscription. */
  readonly subject: string | undefined;
  /** The reply subject of a message. */
  readonly reply: string | undefined;
  /** The header block of HMSG and HPUB. */
  readonly headers: Uint8Array | undefined;
  /** The payload of a message. */
  readonly payload: Uint8Array | undefined;
}

const grammars: { readonly client: Grammar<ClientFrame>; readonly server: Grammar<ServerFrame<string>> } = {
  client: clientFrames,
  server: serverFramesWithAnySid,
};

// The first byte of a TLS record that carries a handshake; no verb starts with it.
const TLS_HANDSHAKE = 0x16;

const LF = 0x0a;

/**
 * Decodes the bytes of one side of a connection, cut into chunks in any way, and stands on one frame at a time. It never throws:
 * after malformed bytes, or if TLS starts, it sets `stopReason` and ignores the rest.
 */
export class FrameReader<F extends Frame = Frame> implements FrameView {
  /** Why no more frames are decoded; `undefined` while they are. */
  stopReason: ProtocolError | "TLS" | undefined;
  readonly #grammar: Grammar<F>;
  readonly #scanner: Scanner;
  readonly #verbs: readonly Verb[];
  #verb: Verb;
  #frame: F | undefined;
  #chunk: Uint8Array = new Uint8Array(0);
  #chunkOffset = 0;

  private constructor(grammar: Grammar<F>) {
    this.#grammar = grammar;
    // The limits for server frames are the widest, and a server may be configured to accept as much.
    this.#scanner = new Scanner(grammar, serverFrames.limits);
    const verbs: Verb[] = [];
    for (const verb of grammar.verbs) verbs[verb.kind] = verb;
    this.#verbs = verbs;
    this.#verb = grammar.verbs[0] as Verb;
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

  get verb(): string {
    return this.#verb.word;
  }

  get isMessage(): boolean {
    return this.#verb.body === "size" || this.#verb.body === "headers+size";
  }

  get subject(): string | undefined {
    return this.isMessage || this.#verb.word === "SUB" ? this.#scanner.subject() : undefined;
  }

  get reply(): string | undefined {
    return this.isMessage ? this.#scanner.reply() : undefined;
  }

  get headers(): Uint8Array | undefined {
    return this.#verb.body === "headers+size" ? this.#scanner.headers() : undefined;
  }

  get payload(): Uint8Array | undefined {
    return this.isMessage ? this.#scanner.payload() : undefined;
  }

  get bytes(): Uint8Array {
    return this.#scanner.frame() as Uint8Array;
  }

  get frame(): F {
    this.#frame ??= this.#grammar.frame(this.#scanner);
    return this.#frame;
  }

  /** The line at which the malformed bytes begin, without its end; `undefined` if it began in an earlier chunk. */
  get faultLine(): Uint8Array | undefined {
    const start = this.#scanner.offset - this.#chunkOffset;
    if (start < 0) return undefined;
    const end = this.#chunk.indexOf(LF, start);
    return this.#chunk.subarray(start, end < 0 ? undefined : end);
  }

  /** Lends a chunk until `next` returns false. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#chunkOffset = this.#scanner.offset + this.#scanner.buffered;
    this.#scanner.push(chunk);
  }

  /** Moves to the next frame. Returns false if more bytes are needed, or if `stopReason` is set. */
  next(): boolean {
    if (this.stopReason !== undefined) return false;
    try {
      const kind = this.#scanner.next();
      if (kind === 0) return false;
      this.#verb = this.#verbs[kind] as Verb;
      // Whether JSON is malformed is known only after it was read.
      this.#frame = this.#verb.body === "json" ? this.#grammar.frame(this.#scanner) : undefined;
      return true;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.stopReason = this.#chunk[error.offset - this.#chunkOffset] === TLS_HANDSHAKE ? "TLS" : error;
      return false;
    }
  }

  /** Yields the frames that are complete with this chunk. */
  *read(chunk: Uint8Array): Generator<DecodedFrame<F>> {
    this.push(chunk);
    while (this.next()) yield { frame: this.frame, bytes: this.bytes };
  }
}

/** Returns a frame and its bytes in memory of their own, valid for good. */
export function copyFrame<F extends Frame>({ frame, bytes }: DecodedFrame<F>): DecodedFrame<F> {
  const copy = bytes.slice();
  if (frame.op !== "msg" && frame.op !== "pub") return { frame, bytes: copy };
  const { payload, headers } = frame;
  return { frame: { ...frame, payload: payload.slice(), ...(headers && { headers: headers.slice() }) }, bytes: copy };
}
