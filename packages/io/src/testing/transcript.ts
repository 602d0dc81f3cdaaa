// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { realClock } from "../clock.ts";
import { decoder as utf8 } from "../platform.ts";
import { formatEntries } from "./format-frame.ts";
import type { TranscriptEntry } from "./frame-recorder.ts";

type Frame = TranscriptEntry["frame"];
type Op = Frame["op"];
type FieldMatch<T> = T extends Uint8Array
  ? Uint8Array | string
  : T extends object
    ? { readonly [K in keyof T]?: FieldMatch<T[K]> | undefined }
    : T;

/** The fields that a frame must have: each given one is equal. Payloads and raw header blocks may be given as text. */
export type FrameMatch<O extends Op = Op> = O extends Op
  ? { readonly op: O } & {
      readonly [K in Exclude<keyof Extract<Frame, { op: O }>, "op">]?: FieldMatch<Extract<Frame, { op: O }>[K]>;
    }
  : never;

const ops: readonly Op[] = [
  ...(["connect", "pub", "sub", "unsub", "info", "msg", "ok", "err", "ping", "pong"] as const),
  ...(["opened", "closed", "broken"] as const),
];

/** Who must have sent the frame, and how long to wait for it. */
export interface ExpectOptions {
  /** Either side by default. */
  readonly from?: "client" | "server" | undefined;
  /** The connection's `id`; any by default. */
  readonly connection?: number | undefined;
  /** Milliseconds to wait on the machine's clock; 2,000 by default. */
  readonly timeout?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 2000;

/**
 * Every frame that a server and its clients sent, in order.
 *
 * `expect` continues after the frame it found last, so that a test reads like the session it describes.
 */
export interface Transcript extends Iterable<TranscriptEntry> {
  /**
   * Resolves with the next frame like `wanted` after the one that was found last; waits if it is not there yet.
   *
   * @throws Error if no such frame is sent in time; the message shows what was sent instead
   * @throws UsageError BAD_FIELD if no frame has this `op`
   */
  expect<O extends Op>(
    wanted: FrameMatch<O>,
    options?: ExpectOptions,
  ): Promise<TranscriptEntry<Extract<Frame, { op: O }>>>;
  /**
   * Checks that no frame like `wanted` was sent after the one that was found last.
   *
   * @throws Error if one was; the message shows it
   * @throws UsageError BAD_FIELD if no frame has this `op`
   */
  expectNone<O extends Op>(wanted: FrameMatch<O>, options?: ExpectOptions): void;
  /** Returns the transcript as text: `1 ->` from client 1, `1 <-` to it; credentials hidden, long frames cut. */
  toString(): string;
}

/** A transcript, and what the server calls to add to it. */
export class RecordedTranscript implements Transcript {
  readonly #entries: TranscriptEntry[] = [];
  #position = 0;
  #waiting: (() => void)[] = [];

  [Symbol.iterator](): Iterator<TranscriptEntry> {
    return this.#entries[Symbol.iterator]();
  }

  /** Adds a frame. */
  add(entry: TranscriptEntry): void {
    this.#entries.push(entry);
    for (const check of this.#waiting.splice(0)) check();
  }

  async expect<O extends Op>(
    wanted: FrameMatch<O>,
    options: ExpectOptions = {},
  ): Promise<TranscriptEntry<Extract<Frame, { op: O }>>> {
    checkOp(wanted);
    const { timeout = DEFAULT_TIMEOUT_MS } = options;
    let isLate = false;
    const cancel = realClock.after(timeout, () => {
      isLate = true;
      for (const check of this.#waiting.splice(0)) check();
    });
    try {
      while (true) {
        const found = this.#find(wanted, options);
        if (found >= 0) {
          this.#position = found + 1;
          return this.#entries[found] as TranscriptEntry<Extract<Frame, { op: O }>>;
        }
        if (isLate) throw this.#missing(wanted, options, timeout);
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      cancel();
    }
  }

  expectNone<O extends Op>(wanted: FrameMatch<O>, options: ExpectOptions = {}): void {
    checkOp(wanted);
    const found = this.#find(wanted, options);
    if (found >= 0)
      throw new Error(
        `expected no ${JSON.stringify(wanted)}; it was sent:\n${formatEntries(this.#entries.slice(this.#position, found + 1))}`,
      );
  }

  toString(): string {
    return formatEntries(this.#entries);
  }

  #missing(wanted: FrameMatch, options: ExpectOptions, timeout: number): Error {
    const since = formatEntries(this.#entries.slice(this.#position));
    const isPast = this.#find(wanted, options, 0) >= 0;
    const hint = isPast ? " (one was sent before the frame that was found last)" : "";
    return new Error(
      `no ${JSON.stringify(wanted)} within ${timeout} ms${hint}; since then:\n${since === "" ? "  nothing" : since}`,
    );
  }

  #find(wanted: FrameMatch, { from, connection }: ExpectOptions, start: number = this.#position): number {
    return this.#entries.findIndex(
      (entry, i) =>
        i >= start &&
        (from === undefined || entry.from === from) &&
        (connection === undefined || entry.connection === connection) &&
        isLike(entry.frame, wanted),
    );
  }
}

function checkOp({ op }: FrameMatch): void {
  if (!ops.includes(op)) throw new UsageError("BAD_FIELD", `op must be one of ${ops.join(", ")}, not "${String(op)}"`);
}

function isLike(value: unknown, wanted: unknown): boolean {
  if (value instanceof Uint8Array)
    return typeof wanted === "string" ? utf8.decode(value) === wanted : isLike([...value], [...(wanted as Uint8Array)]);
  if (typeof wanted !== "object" || wanted === null || typeof value !== "object" || value === null)
    return Object.is(value, wanted);
  return Object.entries(wanted).every(([key, part]) => isLike((value as Record<string, unknown>)[key], part));
}
