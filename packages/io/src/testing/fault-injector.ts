// SPDX-License-Identifier: Apache-2.0
import { Decoder, encode, type ServerFrame, serverFramesWithAnySid, UsageError } from "@natswire/codec";
import { Queue } from "@natswire/session";
import { Alarm, type Clock } from "../clock.ts";

/** Selects frames: by operation, or by a function that returns true for them. */
export type FrameSelector = ServerFrame["op"] | ((frame: ServerFrame<string>) => boolean);

/** Injects faults into what a server sends to one client, for tests. */
export class FaultInjector {
  readonly #out: (bytes: Uint8Array) => void;
  readonly #clock: Clock;
  readonly #decoder = new Decoder(serverFramesWithAnySid);
  // Each returns whether a frame passes.
  readonly #rules = new Set<(frame: ServerFrame<string>) => boolean>();
  // What is in transit, and when it arrives: in order, whatever the delays.
  readonly #inTransit = new Queue<{ readonly at: number; readonly bytes: Uint8Array }>();
  #lastArrival = 0;
  readonly #alarm: Alarm;
  #delay = 0;
  #size = Number.POSITIVE_INFINITY;
  readonly #pieces = new Queue<Uint8Array>();
  #isWriting = false;
  #isSending = false;
  #then: (() => void) | undefined;

  /** @param out writes to the transport; call `written` after that is done */
  constructor(clock: Clock, out: (bytes: Uint8Array) => void) {
    this.#clock = clock;
    this.#out = out;
    this.#alarm = new Alarm(clock, () => this.#arrive());
  }

  /** Takes bytes of the server, cut anywhere; they are copied. */
  push(bytes: Uint8Array): void {
    this.#decoder.push(new Uint8Array(bytes));
    for (const frame of this.#decoder) {
      if ([...this.#rules].every((passes) => passes(frame))) this.inject(encode(frame));
    }
  }

  /** Sends bytes that no rule applies to. */
  inject(bytes: Uint8Array): void {
    this.#lastArrival = Math.max(this.#lastArrival, this.#clock.now() + this.#delay);
    this.#inTransit.push({ at: this.#lastArrival, bytes });
    this.#arrive();
  }

  /** Drops the first `times` of these frames. */
  drop(selector: FrameSelector, times: number): void {
    checkSelector(selector);
    let left = times;
    this.#rules.add((frame) => left <= 0 || !matches(frame, selector) || left-- <= 0);
  }

  /** Holds these frames back while others pass. Returns a function that releases them. */
  hold(selector: FrameSelector): () => void {
    checkSelector(selector);
    const held: ServerFrame<string>[] = [];
    const passes = (frame: ServerFrame<string>): boolean => !matches(frame, selector) || held.push(frame) === 0;
    this.#rules.add(passes);
    return () => {
      if (!this.#rules.delete(passes)) return;
      for (const frame of held) this.inject(encode(frame));
    };
  }

  /** Delays what is received from now on. */
  delay(milliseconds: number): void {
    this.#delay = milliseconds;
  }

  /** Splits what is received from now on into pieces of at most `bytes` bytes. */
  split(bytes: number): void {
    this.#size = Math.max(1, bytes);
  }

  /** Reports that the current piece is written. */
  written(): void {
    this.#isWriting = false;
    this.#send();
  }

  /** Calls `then` once, after everything in transit is written. */
  finish(then: () => void): void {
    this.#then = then;
    this.#send();
  }

  /** Drops what is in transit: the connection is closed. */
  end(): void {
    this.#then = undefined;
    this.#inTransit.clear();
    this.#pieces.clear();
    this.#alarm.set(undefined);
  }

  #arrive(): void {
    const now = this.#clock.now();
    for (let next = this.#inTransit.peek(); next !== undefined && next.at <= now; next = this.#inTransit.peek()) {
      this.#inTransit.shift();
      const { bytes } = next;
      for (let at = 0; at < bytes.length; at += this.#size) this.#pieces.push(bytes.subarray(at, at + this.#size));
    }
    this.#send();
    this.#alarm.set(this.#inTransit.peek()?.at);
  }

  /** Each piece waits until the one before it is written: a runtime joins what it gets at once. */
  #send(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    while (!this.#isWriting) {
      const piece = this.#pieces.shift();
      if (piece === undefined) break;
      this.#isWriting = true;
      this.#out(piece);
    }
    this.#isSending = false;
    if (this.#isWriting || this.#inTransit.size > 0) return;
    const then = this.#then;
    this.#then = undefined;
    then?.();
  }
}

const OPS: readonly unknown[] = ["info", "msg", "ok", "err", "ping", "pong"] satisfies ServerFrame["op"][];

function checkSelector(selector: FrameSelector): void {
  if (typeof selector === "function" || OPS.includes(selector)) return;
  throw new UsageError("BAD_FIELD", `a server does not send ${String(selector)}; it sends ${OPS.join(", ")}`);
}

function matches(frame: ServerFrame<string>, selector: FrameSelector): boolean {
  return typeof selector === "string" ? frame.op === selector : selector(frame);
}
