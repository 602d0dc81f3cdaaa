// SPDX-License-Identifier: Apache-2.0
import { faultToken } from "../format/fault-token.ts";
import { formatHint, TLS_HINT } from "../format/foreign-bytes.ts";
import { hexdump } from "../format/hexdump.ts";
import { describeHidden, mayHoldCredentials } from "../format/redact.ts";
import { FrameReader, type FrameView, type Side } from "../frame-reader.ts";
import { Failure } from "../output.ts";
import { ConnectionProtocol, type Protocol } from "../protocols.ts";
import { findFrame } from "./find-frame.ts";

// Bytes that are kept to be shown around an error.
const KEPT = 4096;

/** How raw bytes are decoded. */
export interface DecodeOptions {
  /** Skips bytes that are not frames. */
  readonly resync?: boolean | undefined;
  /** Shows malformed bytes even if they may hold credentials. */
  readonly keepCredentials?: boolean | undefined;
  /** What is spoken; `auto` by default. */
  readonly protocol?: Protocol | "auto" | undefined;
}

/** A frame and its offset in the input. It is valid until the next one is read. */
export interface LocatedFrame {
  readonly offset: number;
  readonly view: FrameView;
}

/** Decodes the raw bytes of one side, in constant memory. */
export class BytesDecoder {
  /** The number of bytes that were skipped. */
  skipped = 0;
  readonly #side: Side;
  readonly #options: DecodeOptions;
  #reader: FrameReader;
  // The offset of the reader's first byte in the input.
  #start = 0;
  // Bytes in which no frame was found yet; `undefined` while frames are read.
  #searched: Uint8Array | undefined;
  #kept: Uint8Array = new Uint8Array(0);
  #end = 0;

  constructor(side: Side, options: DecodeOptions) {
    this.#side = side;
    this.#options = options;
    this.#reader = this.#createReader();
    if (options.resync) this.#searched = new Uint8Array(0);
  }

  /**
   * Yields the frames that are complete with this chunk.
   *
   * @throws Failure if the bytes are malformed, with those around the fault; not with `resync`
   */
  *read(chunk: Uint8Array): Generator<LocatedFrame> {
    this.#kept = Buffer.concat([this.#kept.subarray(-KEPT), chunk]);
    this.#end += chunk.length;
    let bytes = this.#searched === undefined ? chunk : this.#search(Buffer.concat([this.#searched, chunk]));
    while (bytes !== undefined) {
      const reader = this.#reader;
      let offset = this.#start + reader.offset;
      reader.push(bytes);
      while (reader.next()) {
        yield { offset, view: reader };
        offset = this.#start + reader.offset;
      }
      if (reader.stopReason === undefined) return;
      if (!this.#options.resync) throw new Failure(this.#describeStop());
      bytes = this.#search(this.#afterFault(bytes));
    }
  }

  /** @throws Failure if the input ends inside a frame; with `resync` its bytes are skipped */
  end(): void {
    const { buffered, offset } = this.#reader;
    if (this.#options.resync) this.skipped += this.#searched?.length ?? buffered;
    else if (buffered > 0) {
      throw new Failure(`incomplete frame at byte ${offset}: the input ends after ${buffered} bytes of it`);
    }
  }

  #createReader(): FrameReader {
    return FrameReader.of(new ConnectionProtocol(this.#options.protocol ?? "auto", true), this.#side);
  }

  /** Returns the bytes from a frame on, with a new reader; `undefined` if more bytes are needed. */
  #search(bytes: Uint8Array): Uint8Array | undefined {
    const { at, isFrame } = findFrame(bytes, () => this.#createReader());
    this.skipped += at;
    const rest = bytes.subarray(at);
    this.#searched = isFrame ? undefined : rest.slice();
    this.#reader = this.#createReader();
    this.#start = this.#end - rest.length;
    return isFrame ? rest : undefined;
  }

  /** Returns the bytes after the fault, and skips the frame that has it. */
  #afterFault(bytes: Uint8Array): Uint8Array {
    const { stopReason, offset } = this.#reader;
    const fault = stopReason === "TLS" || stopReason === undefined ? offset : Math.max(offset, stopReason.offset);
    const first = this.#end - bytes.length;
    // At least one byte: the line of the fault would be found again.
    const next = Math.max(this.#start + fault, this.#start + offset + 1, first);
    this.skipped += next - (this.#start + offset);
    return bytes.subarray(next - first);
  }

  /** Returns what is malformed and the bytes around it, unless they may hold credentials. */
  #describeStop(): string {
    const { stopReason, offset: frame, words } = this.#reader;
    if (stopReason === undefined || stopReason === "TLS") {
      return `TLS starts at byte ${frame}: encrypted bytes cannot be decoded; ${TLS_HINT}`;
    }
    const { offset, message } = stopReason;
    const keptOffset = this.#end - this.#kept.length;
    const lineOffset = Math.max(keptOffset, Math.min(frame, offset));
    const line = this.#kept.subarray(lineOffset - keptOffset);
    const text = Buffer.from(line).toString("latin1");
    const hint = formatHint(stopReason, text);
    // At the start of the input, it may be the rest of a CONNECT that was cut.
    const mayBeCut = lineOffset === 0 && !/^[^"}\n]*\n/.test(text);
    if (!this.#options.keepCredentials && (mayBeCut || mayHoldCredentials(text)))
      return `${describeHidden(stopReason)}${hint}`;
    // The offsets of some errors are exact, those of others are of the line.
    const token = offset === frame ? faultToken(stopReason, text, words) : undefined;
    return `${message}${hint}\n${hexdump(line, token === undefined ? offset : lineOffset + token.at, lineOffset)}`;
  }
}
