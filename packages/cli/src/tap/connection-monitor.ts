// SPDX-License-Identifier: Apache-2.0
import { type DecodedFrame, FrameReader, type Side } from "../frame-reader.ts";

/** A frame that was seen on a connection. */
export interface ObservedFrame extends DecodedFrame {
  /** Milliseconds since the command started. */
  readonly at: number;
  readonly connection: number;
  readonly from: Side;
}

/** Something that happened to a connection. */
export interface ConnectionEvent {
  /** Milliseconds since the command started. */
  readonly at: number;
  readonly connection: number;
  readonly event: "opened" | "closed" | "unreachable" | "malformed" | "encrypted";
  /** The side that sent malformed bytes. */
  readonly from?: Side;
  readonly reason?: string;
}

/** Receives what a `ConnectionMonitor` observes. */
export interface FrameSink {
  frame(observed: ObservedFrame): void;
  event(event: ConnectionEvent): void;
  /** Is called with the length of each chunk, decoded or not. */
  bytes?(connection: number, from: Side, count: number): void;
}

/** Decodes both sides of one connection and reports frames and events to sinks. */
export class ConnectionMonitor {
  readonly #connection: number;
  readonly #sinks: readonly FrameSink[];
  readonly #now: () => number;
  readonly #readers: Readonly<Record<Side, FrameReader>> = {
    client: FrameReader.for("client"),
    server: FrameReader.for("server"),
  };
  #isEncrypted = false;

  /** @param now returns milliseconds since the command started */
  constructor(connection: number, sinks: readonly FrameSink[], now: () => number) {
    this.#connection = connection;
    this.#sinks = sinks;
    // Rounded to the microsecond.
    this.#now = () => Math.round(now() * 1000) / 1000;
  }

  /** Decodes a chunk of one side. Malformed bytes are reported once; later bytes of that side are only counted. */
  received(from: Side, chunk: Uint8Array): void {
    for (const sink of this.#sinks) sink.bytes?.(this.#connection, from, chunk.length);
    const reader = this.#readers[from];
    if (this.#isEncrypted || reader.stopReason !== undefined) return;
    for (const decoded of reader.read(chunk)) {
      const observed = { at: this.#now(), connection: this.#connection, from, ...decoded };
      for (const sink of this.#sinks) sink.frame(observed);
    }
    if (reader.stopReason === undefined) return;
    if (reader.stopReason === "TLS") {
      this.#isEncrypted = true;
      this.event("encrypted", "TLS starts; later bytes are not decoded");
      return;
    }
    // The message of the error quotes the line, which may be a CONNECT: only code and offset are reported.
    const { code, offset } = reader.stopReason;
    this.event("malformed", `${code} at byte ${offset}; later bytes of this side are not decoded`, from);
  }

  /** Reports an event. */
  event(event: ConnectionEvent["event"], reason?: string, from?: Side): void {
    const reported: ConnectionEvent = {
      at: this.#now(),
      connection: this.#connection,
      event,
      ...(from && { from }),
      ...(reason !== undefined && { reason }),
    };
    for (const sink of this.#sinks) sink.event(reported);
  }
}
