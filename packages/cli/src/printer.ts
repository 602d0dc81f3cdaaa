// SPDX-License-Identifier: Apache-2.0
import { matches } from "@natswire/codec";
import { colours } from "./colours.ts";
import type { Audience, Event, Said } from "./conversation.ts";
import type { Heard, Side } from "./ear.ts";
import { asJson, asLine, type Detail, inWords, verbOf, visible } from "./words.ts";

/** Which frames are printed, and how. */
export interface PrintOptions extends Detail {
  /** Patterns, of which a frame's subject must match one. */
  readonly subject?: readonly string[] | undefined;
  readonly verb?: readonly string[] | undefined;
  /** One JSON object a line. */
  readonly json?: boolean | undefined;
}

const arrows: Readonly<Record<Side, string>> = { client: "->", server: "<-" };

/** Prints what is said, one line a frame. */
export class Printer implements Audience {
  readonly #options: PrintOptions;
  readonly #print: (line: string) => void;

  constructor(options: PrintOptions, print: (line: string) => void) {
    this.#options = options;
    this.#print = print;
  }

  said(said: Said): void {
    const { at, connection, from } = said;
    this.show(said, from, margin(at, connection), { at, connection });
  }

  /**
   * Prints a frame where it is one of those that are wanted.
   *
   * @param margin what stands in front of it
   * @param place the same in JSON
   */
  show(heard: Heard, from: Side, margin: string, place: object): void {
    if (!this.#isWanted(heard)) return;
    if (this.#options.json) {
      this.#print(asLine({ ...place, from, ...asJson(heard, this.#options) }));
      return;
    }
    const colour = heard.frame.op === "err" ? colours.red : from === "client" ? colours.yellow : colours.cyan;
    this.#print(`${colours.dim(margin)} ${arrows[from]} ${colour(inWords(heard, this.#options))}`);
  }

  event(event: Event): void {
    const { subject, verb, json } = this.#options;
    const isRoutine = event.event === "opened" || event.event === "closed";
    if (isRoutine && (subject !== undefined || verb !== undefined)) return;
    if (json) {
      this.#print(asLine(event));
      return;
    }
    const { at, connection, from, reason } = event;
    const words = reason === undefined ? event.event : `${event.event}: ${visible(reason)}`;
    const colour = isRoutine ? colours.dim : colours.red;
    this.#print(
      `${colours.dim(margin(at, connection))} ${from === undefined ? "--" : arrows[from]} ${colour(`(${words})`)}`,
    );
  }

  #isWanted({ frame }: Heard): boolean {
    const { subject, verb } = this.#options;
    if (verb !== undefined && !verb.includes(verbOf(frame))) return false;
    return subject === undefined || ("subject" in frame && subject.some((pattern) => matches(pattern, frame.subject)));
  }
}

function margin(at: number, connection: number): string {
  return `${(at / 1000).toFixed(3).padStart(8)} ${connection}`;
}
