// SPDX-License-Identifier: Apache-2.0
import { redactedFrame } from "@natswire/io/adapter";
import { colours } from "../format/colours.ts";
import { formatDirection, formatTime, jsonLine, visible } from "../format/format.ts";
import { redactBytes } from "../format/redact.ts";
import type { AnyFrame, DecodedFrame, Frame } from "../frame-reader.ts";
import type { ConnectionEvent, ObservedFrame } from "../tap/connection-monitor.ts";

// Columns of a terminal of the usual size.
const WIDTH = 80;
// Columns for the time, the connection and the direction.
const MARGIN = 14;
// Milliseconds without a frame after which the demo prints what it waits for.
const NOTICE_MS = 300;
// How CR LF is shown.
const LINE_END = "\\r\\n";

const utf8 = new TextDecoder();

/** The result of an expectation. "not observed" is not a failure: the server's PINGs took longer than `wait`. */
export type Outcome = "held" | "failed" | "not observed";

/** Receives the course of a demo. */
export interface DemoReporter {
  frame(observed: Omit<ObservedFrame, "view" | "answer" | "fault"> & { readonly view: DecodedFrame<AnyFrame> }): void;
  event(event: ConnectionEvent): void;
  /** Is called first, with a sentence about the client, its servers and what the demo waits for. */
  players(text: string): void;
  scene(title: string): void;
  /** Is called with the code or the frame whose bytes follow. */
  code(text: string): void;
  waiting(text: string): void;
  /** @param instead what was received instead, if the expectation failed */
  outcome(text: string, outcome: Outcome, instead?: string): void;
}

/** Returns a reporter for people: at most 80 columns, with the code above the bytes that it sends. */
export function terminalReporter(print: (line: string) => void): DemoReporter {
  const note = (mark: string, text: string, style = (line: string): string => line): void => {
    const [first = "", ...more] = wrap(text, WIDTH - MARGIN);
    print(`${" ".repeat(MARGIN - 2)}${mark} ${style(first)}`);
    for (const line of more) print(`${" ".repeat(MARGIN)}${style(line)}`);
  };
  return {
    players(text) {
      for (const line of wrap(text)) print(line);
      print(colours.dim("seconds, connection, -> from the client, <- to it; above the bytes: their code"));
    },
    scene: (title) => print(`\n${colours.bold(title)}`),
    code: (text) => print(`${" ".repeat(MARGIN)}${shorten(text)}`),
    frame({ at, connection, from, view }) {
      const colour = from === "server" ? colours.cyan : colours.yellow;
      const lines = utf8.decode(redactBytes(view)).split("\r\n").map(visible);
      const parts = shorten(lines.join(LINE_END)).split(LINE_END);
      const text = parts.map((part) => (part === "" ? "" : colour(part))).join(colours.dim(LINE_END));
      print(`${colours.dim(`${formatTime(at)} ${connection}`)} ${formatDirection(from)} ${text}`);
    },
    event({ at, connection, event }) {
      print(`${colours.dim(`${formatTime(at)} ${connection}`)} -- ${colours.dim(`(${event})`)}`);
    },
    waiting: (text) => note("…", `waiting for ${text}`, colours.dim),
    outcome(text, outcome, instead) {
      if (outcome === "held") note(colours.green("✓"), shorten(text));
      else if (outcome === "failed") note(colours.red("✗"), `expected ${text}, received ${visible(instead ?? "")}`);
      else note(colours.yellow("–"), `${text}: not observed; wait longer with --wait`);
    },
  };
}

/** Returns a reporter for programs: one line of JSON per frame, payloads as text. */
export function jsonReporter(print: (line: string) => void): DemoReporter {
  let scene = "";
  const asText = (_: string, value: unknown): unknown => (value instanceof Uint8Array ? utf8.decode(value) : value);
  return {
    scene(title) {
      scene = title;
    },
    frame({ at, connection, from, view }) {
      print(jsonLine({ scene, at: Math.round(at), connection, from, frame: redactedFrame(view.frame) }, asText));
    },
    players() {},
    code() {},
    event() {},
    waiting() {},
    outcome() {},
  };
}

/** Settles as the promise does. If that takes more than NOTICE_MS, the reporter gets what is waited for. */
export async function announced<T>(reporter: DemoReporter, text: string, promise: Promise<T>): Promise<T> {
  const timer = setTimeout(() => reporter.waiting(text), NOTICE_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Returns a frame on one line, as an object of the codec: payloads as text, without credentials. */
export function formatObject(frame: Frame): string {
  if (frame.op !== "info") return visible(formatValue(redactedFrame(frame)));
  const { version, headers } = frame.info;
  return visible(`{ op: "info", info: { ${[...formatFields({ version, headers }), "…"].join(", ")} } }`);
}

/** Returns text in lines of at most `width` columns, broken between words. */
function wrap(text: string, width: number = WIDTH): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Returns text that fits beside the margin: a longer one is cut in the middle. */
function shorten(text: string): string {
  const width = WIDTH - MARGIN;
  return text.length > width ? `${text.slice(0, width / 2 - 1)} … ${text.slice(2 - width / 2)}` : text;
}

function formatValue(value: unknown): string {
  if (value instanceof Uint8Array) return `"${utf8.decode(value)}"`;
  if (typeof value === "string") return `"${value}"`;
  if (typeof value !== "object" || value === null) return String(value);
  const fields = formatFields(value);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

function formatFields(value: object): string[] {
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${name}: ${formatValue(field)}`);
}
