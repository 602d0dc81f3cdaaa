// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import { Queue, realClock } from "@natswire/io/adapter";
import { FaultInjector } from "@natswire/io/adapter/server";
import { FrameReader, type Side } from "../frame-reader.ts";
import type { ConnectionProtocol } from "../protocols.ts";
import type { ConnectionFaults } from "./faults.ts";
import type { FrameFault } from "./frame-fault.ts";

// Bytes that wait in the tap, after which it stops reading: as much as a fast network of 100 ms holds.
const MAX_WAITING = 16 * 1024 * 1024;

/** What a direction with faults works on. */
export interface FaultyOptions {
  readonly from: Side;
  readonly faults: ConnectionFaults;
  readonly protocol: ConnectionProtocol;
  readonly source: Duplex;
  readonly target: Duplex;
  /** Returns what is forwarded in place of a frame. */
  rewrite(frame: Uint8Array): Uint8Array;
  /** Is called with the bytes of each frame when they leave the tap, or when they are dropped. */
  observe(bytes: Uint8Array, fault: FrameFault | undefined): void;
  /** Is called once if the connection stalls. */
  stalled(): void;
  /** Is called after the last frame before the tap closes the connection. */
  last(): void;
}

/** A frame in the tap. Those that are dropped wait too: frames are observed in their order. */
interface InTransit {
  readonly bytes: Uint8Array;
  readonly arrived: number;
  readonly isDropped: boolean;
  /** The number of bytes that are not forwarded yet. */
  left: number;
}

/** Forwards one direction frame by frame, with faults. Bytes that are not frames are only delayed and split. */
export class FaultyForwarding {
  readonly #options: FaultyOptions;
  readonly #reader: FrameReader;
  readonly #injector: FaultInjector;
  // What was received of a frame that is not complete.
  #rest: Uint8Array[] = [];
  readonly #inTransit = new Queue<InTransit>();
  #waiting = 0;

  constructor(options: FaultyOptions) {
    this.#options = options;
    this.#reader = FrameReader.of(options.protocol, options.from);
    this.#injector = new FaultInjector(realClock, (piece) => this.#write(piece));
    this.#injector.split(options.faults.options.split);
  }

  /** Takes a chunk. Returns false if too much waits. */
  write(chunk: Uint8Array): boolean {
    const reader = this.#reader;
    if (reader.stopReason !== undefined) this.#sendRaw(chunk);
    else {
      const start = reader.offset + reader.buffered;
      let end = 0;
      reader.push(chunk);
      while (reader.next()) {
        end = reader.offset - start;
        this.#rest = [];
        this.#decide(reader);
      }
      this.#rest.push(chunk.subarray(end));
      if (reader.stopReason !== undefined) this.end();
    }
    return this.#waiting < MAX_WAITING;
  }

  /** Forwards the start of a frame that did not become complete. */
  end(): void {
    const rest = Buffer.concat(this.#rest);
    this.#rest = [];
    if (rest.length > 0) this.#sendRaw(rest);
  }

  /** Calls `then` after what was received is forwarded. */
  finish(then: () => void): void {
    this.#injector.finish(then);
  }

  /** Drops what waits. */
  abort(): void {
    this.#injector.end();
    for (let next = this.#inTransit.shift(); next !== undefined; next = this.#inTransit.shift())
      this.#options.observe(next.bytes, { dropped: true });
  }

  #decide(reader: FrameReader): void {
    const { from, faults, rewrite, stalled, last } = this.#options;
    // The slice of a Buffer would share its memory.
    const bytes = new Uint8Array(reader.bytes);
    const fate = faults.fateOf(from, reader.verb);
    if (fate === "stall") stalled();
    if (fate === "drop" || fate === "stall") return this.#drop(bytes);
    this.#send(bytes, rewrite(bytes));
    if (fate === "last") last();
  }

  #sendRaw(bytes: Uint8Array): void {
    if (this.#options.faults.isStalled) this.#drop(bytes);
    else this.#send(bytes, bytes);
  }

  #drop(bytes: Uint8Array): void {
    this.#inTransit.push({ bytes, arrived: 0, isDropped: true, left: 0 });
    // As in a network that is down, the sender is held back after a while.
    if (this.#options.faults.isStalled) this.#waiting += bytes.length;
    this.#observe();
  }

  #send(bytes: Uint8Array, forwarded: Uint8Array): void {
    const { from, faults } = this.#options;
    this.#inTransit.push({ bytes, arrived: realClock.now(), isDropped: false, left: forwarded.length });
    this.#waiting += forwarded.length;
    this.#injector.delay(faults.delayOf(from));
    this.#injector.inject(forwarded);
  }

  #write(piece: Uint8Array): void {
    const { source, target } = this.#options;
    // Before it is written: an answer comes later.
    const first = this.#inTransit.peek();
    if (first !== undefined) first.left -= piece.length;
    this.#observe();
    target.write(piece, () => {
      const isFull = this.#waiting >= MAX_WAITING;
      this.#waiting -= piece.length;
      if (isFull && this.#waiting < MAX_WAITING) source.resume();
      this.#injector.written();
    });
  }

  /** Reports the frames that left the tap. */
  #observe(): void {
    const { faults, observe } = this.#options;
    const isDelayed = faults.options.delay + faults.options.jitter > 0;
    for (let first = this.#inTransit.peek(); first !== undefined && first.left <= 0; first = this.#inTransit.peek()) {
      this.#inTransit.shift();
      const { bytes, arrived, isDropped } = first;
      const delay = Math.round((realClock.now() - arrived) * 1000) / 1000;
      observe(bytes, isDropped ? { dropped: true } : isDelayed ? { delay } : undefined);
    }
  }
}
