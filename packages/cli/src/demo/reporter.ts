// SPDX-License-Identifier: Apache-2.0
import { redactedFrame } from "@natswire/io/adapter";
import { colours } from "../format/colours.ts";
import { formatDirection, formatTime, jsonLine, visible } from "../format/format.ts";
import { redactBytes } from "../format/redact.ts";
import type { Frame } from "../frame-reader.ts";
import type { DemoReporter } from "./run-scenes.ts";

// Columns for the bytes of a frame; longer ones are cut.
const WIDTH = 44;
const INDENT = " ".repeat(11);

const utf8 = new TextDecoder();

/** Returns a reporter for people: each frame with its time, direction and bytes on the left, decoded on the right. */
export function terminalReporter(print: (line: string) => void): DemoReporter {
  let hasTitle = false;
  return {
    scene(scene) {
      if (!hasTitle) print(colours.dim(`${"seconds".padStart(8)} ${" ".repeat(5)}${"bytes".padEnd(WIDTH)} │ frame`));
      hasTitle = true;
      print(`\n${colours.bold(scene.title)}`);
    },
    frame({ at, from, frame, bytes }) {
      const colour = from === "server" ? colours.cyan : colours.yellow;
      const text = visible(utf8.decode(redactBytes(frame, bytes)));
      const column = text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text.padEnd(WIDTH);
      const prefix = `${formatTime(at)} 1 ${formatDirection(from)}`;
      print(`${prefix} ${colour(column)} ${colours.dim("│")} ${describeFrame(frame)}`);
    },
    outcome(expected, outcome, instead) {
      if (outcome === "held") print(`${INDENT}${colours.green("✓")} ${expected}`);
      else if (outcome === "failed") {
        print(`${INDENT}${colours.red(`✗ expected ${expected}`)}, received ${visible(instead ?? "")}`);
      } else print(`${INDENT}${colours.yellow("–")} ${expected}: not observed; wait longer with --wait`);
    },
  };
}

/** Returns a reporter for programs: one line of JSON per frame, payloads as text. */
export function jsonReporter(print: (line: string) => void): DemoReporter {
  let title = "";
  const asText = (_: string, value: unknown): unknown => (value instanceof Uint8Array ? utf8.decode(value) : value);
  return {
    scene(scene) {
      title = scene.title;
    },
    frame({ at, from, frame }) {
      print(jsonLine({ scene: title, at: Math.round(at), from, frame: redactedFrame(frame) }, asText));
    },
    outcome() {},
  };
}

/** Returns the fields of a frame on one line, without credentials. */
export function describeFrame(frame: Frame): string {
  if (frame.op === "info") {
    return visible(`info version=${frame.info.version} max_payload=${frame.info.max_payload} …`);
  }
  const { op, ...fields } = redactedFrame(frame);
  const parts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => `${field}=${formatValue(value)}`);
  return visible([op, ...parts].join(" "));
}

function formatValue(value: unknown): string {
  if (value instanceof Uint8Array) return JSON.stringify(utf8.decode(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
