// SPDX-License-Identifier: Apache-2.0
import { colours } from "../format/colours.ts";
import {
  decodeUtf8,
  type FrameText,
  formatDuration,
  frameMembers,
  frameText,
  joinText,
  jsonLine,
  visible,
} from "../format/format.ts";
import { formatJetStream } from "../format/jetstream.ts";
import { prettyJson } from "../format/pretty.ts";
import { colourText, directionIn, fitText, type Terminal } from "../format/terminal.ts";
import type { FrameView, Side } from "../frame-reader.ts";
import type { ConnectionEvent, FrameSink, MonitorOptions, ObservedFrame } from "./connection-monitor.ts";
import { type FrameFault, faultMembers, formatFault } from "./frame-fault.ts";
import type { Answer } from "./requests.ts";
import { Selection, type SelectOptions } from "./selection.ts";
import { Timeline, type TimeStyle } from "./timeline.ts";

/** Which frames are printed, and how. */
export interface PrintOptions extends MonitorOptions, SelectOptions {
  /** Prints one JSON object per line. */
  readonly json?: boolean | undefined;
  /** Prints payloads of JSON on several lines. */
  readonly pretty?: boolean | undefined;
  /** Frames after which no more are printed. */
  readonly count?: number | undefined;
  /** What is printed as the time; `relative` by default. */
  readonly time?: TimeStyle | undefined;
}

// The column below which a payload of several lines begins.
const INDENT = " ".repeat(14);

/** Prints frames and connection events, one per line. */
export class Printer implements FrameSink {
  /** Resolves after the last frame of `count`. */
  readonly finished: Promise<void>;
  /** Whether all frames of `count` are printed. */
  isFinished = false;
  readonly #options: PrintOptions;
  readonly #print: (line: string) => void;
  readonly #terminal: Terminal | undefined;
  readonly #selection: Selection;
  readonly #timeline: Timeline;
  #left: number;
  #finish: () => void = () => {};
  // The frames of one chunk have the same prefix.
  #at = -1;
  #connection = -1;
  #prefix = "";

  /** @param terminal the terminal that the lines are fitted to, if there is one */
  constructor(options: PrintOptions, print: (line: string) => void, terminal?: Terminal) {
    this.#options = options;
    this.#print = print;
    this.#terminal = terminal;
    this.#selection = new Selection(options);
    this.#timeline = new Timeline(options.time);
    this.#left = options.count ?? Number.POSITIVE_INFINITY;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  frame({ at, connection, from, view, answer, fault }: ObservedFrame): void {
    if (!this.#takes(connection, view)) return;
    if (this.#options.json) {
      this.#printJson(view, `"at":${at},"connection":${connection},"from":"${from}"`, answer, fault);
    } else this.#printText(view, from, this.#prefixOf(at, connection), answer, fault);
  }

  /** Prints a frame of raw bytes, which have an offset in place of a time, unless a filter excludes it. */
  frameAt(offset: number, from: Side, view: FrameView): void {
    if (!this.#takes(1, view)) return;
    if (this.#options.json) this.#printJson(view, `"offset":${offset},"from":"${from}"`);
    else this.#printText(view, from, `${String(offset).padStart(8)} 1`);
  }

  event(event: ConnectionEvent): void {
    this.#timeline.event(event);
    if (!this.#selection.includesEvent(event)) return;
    if (this.#options.json) {
      this.#print(jsonLine(event));
      return;
    }
    const { at, connection, from, reason, client } = event;
    const name = client === undefined ? event.event : `${event.event} by ${client}`;
    const text = visible(reason === undefined ? name : `${name}: ${reason}`);
    const colour = /^(opened|closed|protocol)$/.test(event.event) ? colours.dim : colours.red;
    const direction = from === undefined ? "--" : directionIn(this.#terminal, from);
    this.#print(`${colours.dim(this.#prefixOf(at, connection))} ${direction} ${colour(`(${text})`)}`);
  }

  /** Returns whether to print a frame, and counts it. */
  #takes(connection: number, view: FrameView): boolean {
    const text = (): string => joinText(frameText(view, { ...this.#options, full: true }));
    if (this.isFinished || !this.#selection.includes(connection, view, text)) return false;
    if (--this.#left === 0) {
      this.isFinished = true;
      this.#finish();
    }
    return true;
  }

  #printJson(view: FrameView, members: string, answer?: Answer, fault?: FrameFault): void {
    const answers =
      answer === undefined ? "" : `,${jsonLine({ request: answer.request, latency: answer.latency }).slice(1, -1)}`;
    const meaning = formatJetStream(view, answer !== undefined);
    const jetstream = meaning === undefined ? "" : `,${jsonLine({ jetstream: meaning }).slice(1, -1)}`;
    this.#print(`{${members},${frameMembers(view, this.#options)}${faultMembers(fault)}${answers}${jetstream}}`);
  }

  #printText(view: FrameView, from: Side, prefix: string, answer?: Answer, fault?: FrameFault): void {
    const terminal = this.#terminal;
    const start = `${prefix} ${directionIn(terminal, from)} `;
    const note = formatNote(view, answer, fault);
    const { text, lines } = this.#textOf(view);
    if (terminal === undefined) {
      this.#print(`${start}${joinText(text)}${note}${lines}`);
      return;
    }
    const width = this.#options.full ? Number.POSITIVE_INFINITY : terminal.columns - start.length - note.length;
    const shown = colourText(fitText(text, width), from);
    this.#print(`${colours.dim(prefix)}${start.slice(prefix.length)}${shown}${note && colours.dim(note)}${lines}`);
  }

  /** Returns a frame as text, and a payload of JSON apart from it if it is printed on lines of its own. */
  #textOf(view: FrameView): { text: FrameText; lines: string } {
    const text = frameText(view, this.#options);
    const json = this.#options.pretty && view.payload && decodeUtf8(view.payload);
    const lines = json ? prettyJson(json, INDENT) : undefined;
    return lines === undefined ? { text, lines: "" } : { text: { ...text, payload: undefined }, lines: `\n${lines}` };
  }

  #prefixOf(at: number, connection: number): string {
    if (at !== this.#at || connection !== this.#connection || this.#options.time === "delta") {
      this.#prefix = `${this.#timeline.format(at)} ${connection}`;
      this.#at = at;
      this.#connection = connection;
    }
    return this.#prefix;
  }
}

/** Returns what is printed after a frame: what a fault did to it, what it answers, and what it means to JetStream. */
function formatNote(view: FrameView, answer: Answer | undefined, fault: FrameFault | undefined): string {
  const meaning = formatJetStream(view, answer !== undefined);
  if (meaning === undefined && answer === undefined && fault === undefined) return "";
  return ` # ${visible([fault && formatFault(fault), answer && formatAnswer(answer), meaning].filter(Boolean).join("; "))}`;
}

function formatAnswer({ request, latency, isNoResponders }: Answer): string {
  return `${isNoResponders ? "no responders for" : "answers"} ${request}, ${formatDuration(latency)}`;
}
