// SPDX-License-Identifier: Apache-2.0
import type { Side } from "../frame-reader.ts";
import { colours } from "./colours.ts";
import { cutMiddle, type FrameText, formatDirection, joinText } from "./format.ts";

/** A terminal that lines are fitted to. */
export interface Terminal {
  readonly columns: number;
  /** Whether it shows `→` and `←`. */
  readonly hasArrows: boolean;
}

// Characters that each part keeps in a narrow terminal.
const LEAST = 24;
const INBOX = /\b_INBOX\.[^\s]{12,}/g;

/** Returns the terminal of stdout; `undefined` if the output goes elsewhere. */
export function terminalOf(stdout: Pick<NodeJS.WriteStream, "isTTY" | "columns">): Terminal | undefined {
  if (!stdout.isTTY) return undefined;
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  const locale = [LC_ALL, LC_CTYPE, LANG].find(Boolean) ?? "";
  return {
    // It changes with the window. A terminal that does not know its width has 0.
    get columns() {
      return stdout.columns || Number.POSITIVE_INFINITY;
    },
    hasArrows: /utf-?8/i.test(locale),
  };
}

/** Returns the direction of a frame, as an arrow if the terminal has them. */
export function directionIn(terminal: Terminal | undefined, from: Side): string {
  if (!terminal?.hasArrows) return formatDirection(from);
  return from === "client" ? "→" : "←";
}

/**
 * Returns a frame on one line that fits a terminal: first the payload, then the headers, then the control line lose their middle.
 * Of inboxes only the end is shown.
 *
 * @param width columns for the frame; Infinity changes nothing
 */
export function fitText(text: FrameText, width: number): FrameText {
  if (width === Number.POSITIVE_INFINITY) return text;
  const line = text.line.replace(INBOX, (inbox) => `_INBOX.…${inbox.slice(-6)}`);
  let { payload, headers } = text;
  const excess = (): number => joinText({ line, headers, payload }).length - width;
  if (payload !== undefined && excess() > 0) payload = cutMiddle(payload, Math.max(LEAST, payload.length - excess()));
  if (headers !== undefined && excess() > 0) headers = cutMiddle(headers, Math.max(LEAST, headers.length - excess()));
  return { line: cutMiddle(line, Math.max(LEAST, line.length - excess())), headers, payload };
}

/** Returns a frame in colours: its verb, subject, headers and payload each have their own. */
export function colourText({ line, headers, payload }: FrameText, from: Side): string {
  if (line.startsWith("-ERR")) return colours.red(line);
  const side = from === "client" ? colours.yellow : colours.cyan;
  const [, verb = line, subject = "", rest = ""] = /^([A-Za-z+]+)(\s+[^\s{]+)?(.*)$/s.exec(line) ?? [];
  const parts = [`${side(colours.bold(verb))}${side(subject)}${colours.dim(rest)}`];
  if (headers !== undefined) parts.push(colours.magenta(headers));
  if (payload !== undefined) parts.push(colours.green(payload));
  return parts.join(colours.dim(" | "));
}
