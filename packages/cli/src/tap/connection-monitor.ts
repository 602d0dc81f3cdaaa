// SPDX-License-Identifier: Apache-2.0

import { TLS_HINT } from "../format/foreign-bytes.ts";
import type { FormatOptions } from "../format/format.ts";
import { describeFault } from "../format/redact.ts";
import { FrameReader, type FrameView, type Side } from "../frame-reader.ts";
import { ConnectionProtocol, type Protocol } from "../protocols.ts";
import type { FrameFault } from "./frame-fault.ts";
import { type Answer, RequestTracker } from "./requests.ts";

/** A frame that was seen on a connection. It is valid until the next frame is read. */
export interface ObservedFrame {
  /** Milliseconds since the command started. */
  readonly at: number;
  readonly connection: number;
  readonly from: Side;
  readonly view: FrameView;
  /** The request that this message answers first. */
  readonly answer: Answer | undefined;
  readonly fault: FrameFault | undefined;
}

/** Something that happened to a connection. */
export interface ConnectionEvent {
  /** Milliseconds since the command started. */
  readonly at: number;
  readonly connection: number;
  readonly event: "opened" | "closed" | "unreachable" | "malformed" | "encrypted" | "stalled" | "protocol";
  /** The side that sent malformed bytes. */
  readonly from?: Side;
  readonly reason?: string;
  /** Of "opened": when, in ISO 8601. */
  readonly time?: string;
  /** Of "opened": the address of the client, if it is known. */
  readonly client?: string;
}

/** What is known about an event. */
export type EventDetails = Pick<ConnectionEvent, "from" | "reason" | "time" | "client">;

/** Receives what a `ConnectionMonitor` observes. */
export interface FrameSink {
  frame(observed: ObservedFrame): void;
  event(event: ConnectionEvent): void;
  /** Is called with the length of each chunk, decoded or not. */
  bytes?(connection: number, from: Side, count: number): void;
}

/** How a connection is decoded. */
export interface MonitorOptions extends FormatOptions {
  /** What is spoken; `client` by default. */
  readonly protocol?: Protocol | "auto" | undefined;
}

/** Decodes both sides of one connection and reports frames and events to sinks. */
export class ConnectionMonitor {
  readonly #connection: number;
  readonly #sinks: readonly FrameSink[];
  readonly #readers: Readonly<Record<Side, FrameReader>>;
  readonly #requests = new RequestTracker();
  readonly #keepCredentials: boolean;
  #isEncrypted = false;
  // Whether it is reported what is spoken.
  #isReported: boolean;

  /** @param options `keepCredentials` shows a malformed line even if it may hold credentials */
  constructor(
    connection: number,
    sinks: readonly FrameSink[],
    { keepCredentials = false, protocol = "client" }: MonitorOptions = {},
  ) {
    const shared = new ConnectionProtocol(protocol);
    this.#readers = { client: FrameReader.of(shared, "client"), server: FrameReader.of(shared, "server") };
    this.#isReported = protocol !== "auto";
    this.#connection = connection;
    this.#sinks = sinks;
    this.#keepCredentials = keepCredentials;
  }

  /**
   * Decodes a chunk of one side. Malformed bytes are reported once; later bytes of that side are only counted.
   *
   * @param at milliseconds since the command started, as the clock of `startClock` returns them
   * @param fault what the tap did to the frames of the chunk
   */
  received(at: number, from: Side, chunk: Uint8Array, fault?: FrameFault): void {
    for (const sink of this.#sinks) sink.bytes?.(this.#connection, from, chunk.length);
    const reader = this.#readers[from];
    if (this.#isEncrypted || reader.stopReason !== undefined) return;
    reader.push(chunk);
    // One object serves all frames of the chunk.
    const answer = undefined as Answer | undefined;
    const observed = { at, connection: this.#connection, from, view: reader, answer, fault };
    while (reader.next()) {
      if (!this.#isReported && reader.protocol !== "client") {
        this.#isReported = true;
        this.event(at, "protocol", { reason: reader.protocol });
      }
      // A frame that did not arrive is not answered.
      if (!fault?.dropped) observed.answer = this.#requests.observe(at, from, reader);
      for (const sink of this.#sinks) sink.frame(observed);
    }
    // Unlike the property, its type does not depend on the check above.
    const stopReason = reader.stopReason as FrameReader["stopReason"];
    if (stopReason === undefined) return;
    if (stopReason === "TLS") {
      this.#isEncrypted = true;
      this.event(at, "encrypted", { reason: `TLS starts; later bytes are not decoded; ${TLS_HINT}` });
      return;
    }
    const reason = `${describeFault(stopReason, reader.faultLine, reader.words, this.#keepCredentials)}; later bytes of this side are not decoded`;
    this.event(at, "malformed", { from, reason });
  }

  /** Reports an event. */
  event(at: number, event: ConnectionEvent["event"], details: EventDetails = {}): void {
    for (const sink of this.#sinks) sink.event({ at, connection: this.#connection, event, ...details });
  }
}

/** Returns a clock: milliseconds since now, rounded to the microsecond. */
export function startClock(): () => number {
  const started = performance.now();
  return () => Math.round((performance.now() - started) * 1000) / 1000;
}
