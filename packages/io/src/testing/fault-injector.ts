// SPDX-License-Identifier: Apache-2.0
import { Decoder, encode, type ServerFrame, UsageError } from "@natswire/codec";
import { Alarm, type Clock } from "../clock.ts";
import { serverFramesWithAnySid } from "./frame-recorder.ts";

/** Frames of a kind, or those a function picks. */
export type FrameSelector = ServerFrame["op"] | ((frame: ServerFrame<string>) => boolean);

/** What happens to a server's words on their way to one client, for tests. */
export class FaultInjector {
  readonly #out: (bytes: Uint8Array) => void;
  readonly #clock: Clock;
  readonly #decoder = new Decoder(serverFramesWithAnySid);
  // Whether a frame passes.
  readonly #rules = new Set<(frame: ServerFrame<string>) => boolean>();
  // What is under way, and when it arrives: nothing overtakes anything, whatever the delays.
  readonly #underWay: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  readonly #alarm: Alarm;
  #delay = 0;
  #size = Number.POSITIVE_INFINITY;
  readonly #pieces: Uint8Array[] = [];
  #isWriting = false;
  #isSending = false;
  #then: (() => void) | undefined;

  /** @param out writes to the transport; `written` is to be called when that is done */
  constructor(clock: Clock, out: (bytes: Uint8Array) => void) {
    this.#clock = clock;
    this.#out = out;
    this.#alarm = new Alarm(clock, () => this.#arrive());
  }

  /** What the server says, frames whole in the end; not read any more when this returns. */
  push(bytes: Uint8Array): void {
    this.#decoder.push(new Uint8Array(bytes));
    for (const frame of this.#decoder) {
      if ([...this.#rules].every((passes) => passes(frame))) this.inject(encode(frame));
    }
  }

  /** Bytes that no rule looks at. */
  inject(bytes: Uint8Array): void {
    const before = this.#underWay.at(-1)?.at ?? 0;
    this.#underWay.push({ at: Math.max(before, this.#clock.now() + this.#delay), bytes });
    this.#arrive();
  }

  /** The first `times` of these never arrive. */
  drop(which: FrameSelector, times: number): void {
    checkWhich(which);
    let left = times;
    this.#rules.add((frame) => left <= 0 || !isOf(frame, which) || left-- <= 0);
  }

  /**
   * These wait while others pass.
   *
   * @returns lets them go, and those to come
   */
  hold(which: FrameSelector): () => void {
    checkWhich(which);
    const held: ServerFrame<string>[] = [];
    const passes = (frame: ServerFrame<string>): boolean => !isOf(frame, which) || held.push(frame) === 0;
    this.#rules.add(passes);
    return () => {
      if (!this.#rules.delete(passes)) return;
      for (const frame of held) this.inject(encode(frame));
    };
  }

  /** What comes from now on arrives so many milliseconds later. */
  delay(milliseconds: number): void {
    this.#delay = milliseconds;
  }

  /** What arrives from now on comes in pieces of so many bytes. */
  split(bytes: number): void {
    this.#size = Math.max(1, bytes);
  }

  /** The piece under way is written. */
  written(): void {
    this.#isWriting = false;
    this.#send();
  }

  /** Calls `then` once, when nothing is under way any more. */
  finish(then: () => void): void {
    this.#then = then;
    this.#send();
  }

  /** The connection is gone. */
  end(): void {
    this.#then = undefined;
    this.#underWay.length = this.#pieces.length = 0;
    this.#alarm.set(undefined);
  }

  #arrive(): void {
    const now = this.#clock.now();
    for (let first = this.#underWay[0]; first !== undefined && first.at <= now; first = this.#underWay[0]) {
      this.#underWay.shift();
      const { bytes } = first;
      for (let at = 0; at < bytes.length; at += this.#size) this.#pieces.push(bytes.subarray(at, at + this.#size));
    }
    this.#send();
    this.#alarm.set(this.#underWay[0]?.at);
  }

  /** Each piece waits until the one before it is written: what a runtime is given at once, it joins. */
  #send(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let piece = this.#pieces[0]; piece !== undefined && !this.#isWriting; piece = this.#pieces[0]) {
      this.#pieces.shift();
      this.#isWriting = true;
      this.#out(piece);
    }
    this.#isSending = false;
    if (this.#isWriting || this.#underWay.length > 0) return;
    const then = this.#then;
    this.#then = undefined;
    then?.();
  }
}

const OPS: readonly unknown[] = ["info", "msg", "ok", "err", "ping", "pong"] satisfies ServerFrame["op"][];

function checkWhich(which: FrameSelector): void {
  if (typeof which === "function" || OPS.includes(which)) return;
  throw new UsageError("BAD_FIELD", `a server says ${OPS.join(", ")}, and no ${String(which)}`);
}

function isOf(frame: ServerFrame<string>, which: FrameSelector): boolean {
  return typeof which === "string" ? frame.op === which : which(frame);
}
