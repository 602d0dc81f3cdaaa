// SPDX-License-Identifier: Apache-2.0
import {
  type ClientFrame,
  type Grammar,
  ProtocolError,
  Scanner,
  type ServerFrame,
  serverFrames,
  type Verb,
} from "@natswire/codec";
import {
  type AnyFrame,
  type ConnectionProtocol,
  detectProtocol,
  type Frame,
  grammars,
  type Protocol,
  type Side,
} from "./protocols.ts";

export type { AnyFrame, Frame, Side } from "./protocols.ts";

/** A frame and its bytes, line ends included. Both are valid until the next frame is read. */
export interface DecodedFrame<F extends AnyFrame = Frame> {
  readonly frame: F;
  readonly bytes: Uint8Array;
}

/** A frame whose parts are made when they are read: a filter that excludes it makes no object. Valid like a `DecodedFrame`. */
export interface FrameView extends DecodedFrame<AnyFrame> {
  /** The verb in upper case. */
  readonly verb: string;
  /** Whether it is PUB, HPUB, MSG, HMSG, RMSG or LMSG. */
  readonly isMessage: boolean;
  /** The subject of a message or a subscription. */
  readonly subject: string | undefined;
  /** The reply subject of a message. */
  readonly reply: string | undefined;
  /** The header block of a message that has headers. */
  readonly headers: Uint8Array | undefined;
  /** The payload of a message. */
  readonly payload: Uint8Array | undefined;
}

// The first byte of a TLS record that carries a handshake; no verb starts with it.
const TLS_HANDSHAKE = 0x16;

const LF = 0x0a;

/**
 * Decodes the bytes of one side of a connection, cut into chunks in any way, and stands on one frame at a time. It never throws:
 * after malformed bytes, or if TLS starts, it sets `stopReason` and ignores the rest.
 */
export class FrameReader<F extends AnyFrame = AnyFrame> implements FrameView {
  /** Why no more frames are decoded; `undefined` while they are. */
  stopReason: ProtocolError | "TLS" | undefined;
  #grammar!: Grammar<F>;
  #protocol!: Protocol;
  #scanner!: Scanner;
  #verbs!: readonly Verb[];
  #verb!: Verb;
  #frame: F | undefined;
  #chunk: Uint8Array = new Uint8Array(0);
  #chunkOffset = 0;
  // What may be detected from the first frame.
  #undetected: { readonly protocol: ConnectionProtocol; readonly side: Side } | undefined;

  private constructor(grammar: Grammar<F>, protocol: Protocol = "client") {
    this.#use(grammar, protocol);
  }

  /** Creates a reader for what one side of a client's connection sends. */
  static for(side: "client"): FrameReader<ClientFrame>;
  static for(side: "server"): FrameReader<ServerFrame<string>>;
  static for(side: Side): FrameReader<Frame>;
  static for(side: Side): FrameReader<Frame> {
    return new FrameReader<Frame>(grammars[side]);
  }

  /** Creates a reader for what one side sends, by any protocol. If that is to be detected, the first frame decides. */
  static of(protocol: ConnectionProtocol, side: Side): FrameReader {
    const { chosen } = protocol;
    const known = chosen === "auto" ? "client" : chosen;
    const reader = new FrameReader(protocol.grammarOf(known, side), known);
    if (chosen === "auto") reader.#undetected = { protocol, side };
    return reader;
  }

  /** What is spoken, as far as it is known. */
  get protocol(): Protocol {
    return this.#protocol;
  }

  /** The number of bytes that wait for the rest of their frame. */
  get buffered(): number {
    return this.#scanner.buffered;
  }

  /** The offset of the next frame in the stream. */
  get offset(): number {
    return this.#scanner.offset;
  }

  /** The verbs that a frame may begin with, in capitals. */
  get words(): readonly string[] {
    return this.#grammar.verbs.map(({ word }) => word);
  }

  get verb(): string {
    return this.#verb.word;
  }

  get isMessage(): boolean {
    return this.#verb.body === "size" || this.#verb.body === "headers+size";
  }

  get subject(): string | undefined {
    if (this.#protocol !== "client") return fieldOf(this.frame, "subject");
    return this.isMessage || this.#verb.word === "SUB" ? this.#scanner.subject() : undefined;
  }

  get reply(): string | undefined {
    if (this.#protocol !== "client") return fieldOf(this.frame, "reply");
    return this.isMessage ? this.#scanner.reply() : undefined;
  }

  get headers(): Uint8Array | undefined {
    if (this.#verb.body !== "headers+size") return undefined;
    const headers = this.#scanner.headers();
    // LMSG may have none.
    return headers?.length === 0 ? undefined : headers;
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
      return this.#undetected === undefined || this.#detect(this.#undetected);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.stopReason = this.#chunk[error.offset - this.#chunkOffset] === TLS_HANDSHAKE ? "TLS" : error;
      return false;
    }
  }

  /** Chooses the protocol by the first frame, and reads it again if it is not that of clients. */
  #detect({ protocol, side }: { readonly protocol: ConnectionProtocol; readonly side: Side }): boolean {
    this.#undetected = undefined;
    const detected = detectProtocol(this.frame);
    if (detected === "client") return true;
    const rest = this.#chunk.subarray(this.#scanner.offset - this.#chunkOffset);
    const bytes = Buffer.concat([this.bytes, rest]);
    this.#use(protocol.grammarOf(detected, side) as Grammar<F>, detected);
    this.push(bytes);
    return this.next();
  }

  #use(grammar: Grammar<F>, protocol: Protocol): void {
    this.#grammar = grammar;
    this.#protocol = protocol;
    // The limits for server frames are wider than those of clients, and a server may be configured to accept as much.
    this.#scanner = new Scanner(grammar, protocol === "client" ? serverFrames.limits : grammar.limits);
    const verbs: Verb[] = [];
    for (const verb of grammar.verbs) verbs[verb.kind] = verb;
    this.#verbs = verbs;
    this.#verb = grammar.verbs[0] as Verb;
  }

  /** Yields the frames that are complete with this chunk. */
  *read(chunk: Uint8Array): Generator<DecodedFrame<F>> {
    this.push(chunk);
    while (this.next()) yield { frame: this.frame, bytes: this.bytes };
  }
}

function fieldOf(frame: AnyFrame, name: "subject" | "reply"): string | undefined {
  return (frame as { readonly [field in typeof name]?: string })[name];
}

/** Returns a frame and its bytes in memory of their own, valid for good. */
export function copyFrame<F extends Frame>({ frame, bytes }: DecodedFrame<F>): DecodedFrame<F> {
  const copy = bytes.slice();
  if (frame.op !== "msg" && frame.op !== "pub") return { frame, bytes: copy };
  const { payload, headers } = frame;
  return { frame: { ...frame, payload: payload.slice(), ...(headers && { headers: headers.slice() }) }, bytes: copy };
}
