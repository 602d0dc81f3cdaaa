// SPDX-License-Identifier: Apache-2.0

import { latin1 } from "../../../tools/testkit/latin1.ts";
import { gatewayFrames, leafFrames, type RouteOptions, routeFrames } from "../src/cluster.ts";
import { clientFrames, type Grammar, type Limits, serverFrames } from "../src/index.ts";
import type { Reading } from "./reading.ts";

/** One case of a vectors file; vectors/README.md describes the format. */
export interface Transcript {
  readonly title: string;
  /** Whether the text of the protocol decides, or natswire does. */
  readonly rule: "must" | "choice";
  readonly limits: Partial<Limits>;
  /** How the servers of a route write their frames. */
  readonly route: RouteOptions | undefined;
  readonly input: Uint8Array;
  /** The frames, one a line, then how the input ended. */
  readonly outcome: readonly string[];
}

/** The vectors files with frames, and their grammars. */
export const senders: readonly (readonly [name: string, grammar: (route?: RouteOptions) => Grammar<unknown>])[] = [
  ["server", () => serverFrames],
  ["client", () => clientFrames],
  ["route", routeFrames],
  ["leaf", () => leafFrames],
  ["gateway", () => gatewayFrames],
];

/** Parses the cases of a vectors file. */
export function transcripts(markdown: string): Transcript[] {
  return markdown
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [title = "", ...lines] = section.split("\n");
      const body = lines.slice(lines.indexOf("```") + 1, lines.lastIndexOf("```"));
      const limits = body.find((line) => line.startsWith("limits "));
      const route = body.find((line) => line.startsWith("route "));
      return {
        title,
        rule: body.includes("choice") ? "choice" : "must",
        limits: limits === undefined ? {} : readValues(limits.slice(7)),
        route: route === undefined ? undefined : readValues(route.slice(6)),
        input: latin1(
          body
            .filter((line) => line.startsWith("> "))
            .map(readInput)
            .join(""),
        ),
        outcome: body.filter((line) => !/^(> |limits |route |choice$)/.test(line)),
      };
    });
}

/** Formats what a decoder or the oracle read from an input, as the vectors do. */
export function formatReading({ frames, fault, rest }: Reading, length: number): string[] {
  const words = frames.map((frame) => {
    const { op, ...fields } = frame as { op: string };
    const shown = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` ${name}=${value instanceof Uint8Array ? quoted(value) : JSON.stringify(value)}`);
    return (op + shown.join("")).replace(/x{64,}/g, (run) => `{x*${run.length}}`);
  });
  if (fault !== undefined) return [...words, `! ${fault.code} @ ${fault.offset}`];
  return rest < length ? [...words, `… from ${rest}`] : words;
}

/** Parses an input line of a vectors file. */
export function readInput(line: string): string {
  return line
    .slice(2)
    .replaceAll("␍", "\r")
    .replaceAll("␊", "\n")
    .replaceAll("␉", "\t")
    .replaceAll("␠", " ")
    .replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\{(.)\*(\d+)\}/g, (_, c: string, count: string) => c.repeat(Number(count)));
}

function readValues(words: string): Record<string, number | boolean> {
  return Object.fromEntries(
    words.split(" ").map((word) => {
      const [name = "", value = ""] = word.split("=");
      return [name, /^(true|false)$/.test(value) ? value === "true" : Number(value)];
    }),
  );
}

function quoted(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => {
    if (byte === 0x0d) return "␍";
    if (byte === 0x0a) return "␊";
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `"${text.join("")}"`;
}
