// SPDX-License-Identifier: Apache-2.0
import { matches } from "@natswire/codec";
import { colours } from "../format/colours.ts";
import {
  type FormatOptions,
  formatDirection,
  formatFrame,
  formatTime,
  frameFields,
  jsonLine,
  verbOf,
  visible,
} from "../format/format.ts";
import type { DecodedFrame, Frame, Side } from "../frame-reader.ts";
import type { ConnectionEvent, FrameSink, ObservedFrame } from "./connection-monitor.ts";

/** Which frames are printed, and how. */
export interface PrintOptions extends FormatOptions {
  /** Subject patterns; a frame is printed if its subject matches one of them. */
  readonly subject?: readonly string[] | undefined;
  /** Verbs in upper case; other frames are not printed. */
  readonly verb?: readonly string[] | undefined;
  /** Prints one JSON object per line. */
  readonly json?: boolean | undefined;
}

/** Prints frames and connection events, one per line. */
export class Printer implements FrameSink {
  readonly #options: PrintOptions;
  readonly #print: (line: string) => void;

  constructor(options: PrintOptions, print: (line: string) => void) {
    this.#options = options;
    this.#print = print;
  }

  frame(observed: ObservedFrame): void {
    const { at, connection, from } = observed;
    this.printFrame(observed, from, `${formatTime(at)} ${connection}`, { at, connection });
  }

  /**
   * Prints a frame unless a filter excludes it.
   *
   * @param prefix what is printed before the direction
   * @param fields the same for JSON
   */
  printFrame(decoded: DecodedFrame, from: Side, prefix: string, fields: object): void {
    const { frame } = decoded;
    if (!this.#isSelected(frame)) return;
    if (this.#options.json) {
      this.#print(jsonLine({ ...fields, from, ...frameFields(frame, this.#options) }));
      return;
    }
    const colour = frame.op === "err" ? colours.red : from === "client" ? colours.yellow : colours.cyan;
    this.#print(`${colours.dim(prefix)} ${formatDirection(from)} ${colour(formatFrame(decoded, this.#options))}`);
  }

  event(event: ConnectionEvent): void {
    const { subject, verb, json } = this.#options;
    const isRoutine = event.event === "opened" || event.event === "closed";
    if (isRoutine && (subject !== undefined || verb !== undefined)) return;
    if (json) {
      this.#print(jsonLine(event));
      return;
    }
    const { at, connection, from, reason } = event;
    const text = reason === undefined ? event.event : `${event.event}: ${visible(reason)}`;
    const colour = isRoutine ? colours.dim : colours.red;
    const direction = from === undefined ? "--" : formatDirection(from);
    this.#print(`${colours.dim(`${formatTime(at)} ${connection}`)} ${direction} ${colour(`(${text})`)}`);
  }

  #isSelected(frame: Frame): boolean {
    const { subject, verb } = this.#options;
    if (verb !== undefined && !verb.includes(verbOf(frame))) return false;
    return subject === undefined || ("subject" in frame && subject.some((pattern) => matches(pattern, frame.subject)));
  }
}
