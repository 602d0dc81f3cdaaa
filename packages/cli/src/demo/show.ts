// SPDX-License-Identifier: Apache-2.0

import { redacted } from "@natswire/io/adapter";
import { colours } from "../colours.ts";
import { asLine, bytesOf, visible } from "../words.ts";
import type { Audience } from "./play.ts";
import type { Crossing } from "./wire.ts";

const BYTES = 44;

/** Shows the session in a terminal: time, direction and bytes on the left, the frame on the right. */
export function terminal(write: (line: string) => void): Audience {
  let shown = false;
  return {
    scene(scene) {
      if (!shown) write(colours.dim(`${"ms".padStart(7)}    ${"bytes on the wire".padEnd(BYTES)} │ frame`));
      shown = true;
      write(`\n${colours.bold(scene.title)}`);
    },
    crossing(crossing) {
      const { at, from, frame } = crossing;
      const arrow = from === "server" ? colours.cyan("◀") : colours.yellow("▶");
      const bytes = visible(text(bytesOf(crossing, {})));
      const cut = bytes.length > BYTES ? `${bytes.slice(0, BYTES - 1)}…` : bytes.padEnd(BYTES);
      const colour = from === "server" ? colours.cyan : colours.yellow;
      write(`${at.toFixed(1).padStart(7)}  ${arrow} ${colour(cut)} ${colours.dim("│")} ${describe(frame)}`);
    },
    outcome(says, outcome, instead) {
      if (outcome === "held") write(`          ${colours.green("✓")} ${says}`);
      else if (outcome === "failed") write(`          ${colours.red(`✗ ${says}`)}: ${visible(instead ?? "")}`);
      else write(`          ${colours.yellow("–")} ${says}: not observed in the time given (--wait)`);
    },
  };
}

/** Prints each frame as one line of JSON, payloads as text. */
export function json(write: (line: string) => void): Audience {
  let title = "";
  const plain = (_: string, value: unknown): unknown => (value instanceof Uint8Array ? text(value) : value);
  return {
    scene(scene) {
      title = scene.title;
    },
    crossing({ at, from, frame }) {
      write(asLine({ scene: title, at: Math.round(at), from, frame: withoutCredentials(frame) }, plain));
    },
    outcome() {},
  };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function withoutCredentials(frame: Crossing["frame"]): Crossing["frame"] {
  return frame.op === "connect" ? { ...frame, options: redacted(frame.options) } : frame;
}

/** A frame on one line. */
export function describe(frame: Crossing["frame"]): string {
  if (frame.op === "info") {
    return visible(`info version=${frame.info.version} max_payload=${frame.info.max_payload} …`);
  }
  const { op, ...fields } = withoutCredentials(frame);
  const shown = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([field, value]) => `${field}=${value instanceof Uint8Array ? JSON.stringify(text(value)) : shownValue(value)}`,
    );
  return visible([op, ...shown].join(" "));
}

function shownValue(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
