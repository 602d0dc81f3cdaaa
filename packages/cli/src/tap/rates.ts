// SPDX-License-Identifier: Apache-2.0
import { formatDirection, formatTime, jsonLine, visible } from "../format/format.ts";
import type { Side } from "../frame-reader.ts";
import type { FrameSink, ObservedFrame } from "./connection-monitor.ts";
import { Selection, type SelectOptions } from "./selection.ts";

interface Rate {
  readonly from: Side;
  readonly subject: string;
  messages: number;
  bytes: number;
}

// Subjects in one report: those with the most messages.
const ROWS = 20;
// Subjects that are counted apart; inboxes count as one, and so do all others.
const MAX_SUBJECTS = 10_000;
const INBOXES = "_INBOX.>";
const OTHERS = "(other subjects)";

/** Counts the selected messages by subject, and prints the rates. */
export class Rates implements FrameSink {
  readonly #selection: Selection;
  readonly #print: (line: string) => void;
  readonly #json: boolean;
  readonly #rates: Readonly<Record<Side, Map<string, Rate>>> = { client: new Map(), server: new Map() };
  #since = 0;

  constructor(options: SelectOptions & { readonly json?: boolean | undefined }, print: (line: string) => void) {
    this.#selection = new Selection(options);
    this.#json = options.json ?? false;
    this.#print = print;
  }

  frame({ connection, from, view }: ObservedFrame): void {
    if (!this.#selection.includes(connection, view, () => view.subject ?? "") || !view.isMessage) return;
    const subject = view.subject as string;
    const rate = this.#rateOf(from, subject.startsWith("_INBOX.") ? INBOXES : subject);
    rate.messages++;
    rate.bytes += view.bytes.length;
  }

  event(): void {}

  /** Prints the rates since the last report, and starts again. */
  report(at: number): void {
    const seconds = (at - this.#since) / 1000;
    this.#since = at;
    const all = [...this.#rates.client.values(), ...this.#rates.server.values()];
    for (const rates of Object.values(this.#rates)) rates.clear();
    const subjects = all.sort((a, b) => b.messages - a.messages).slice(0, ROWS);
    const perSecond = (count: number): number => Math.round(count / seconds);
    if (this.#json) {
      this.#print(jsonLine({ at, seconds, subjects }));
      return;
    }
    const total = all.reduce((sum, { messages }) => sum + messages, 0);
    this.#print(`${formatTime(at)}  ${perSecond(total)} messages/s, ${all.length} subjects`);
    for (const { from, subject, messages, bytes } of subjects) {
      const numbers = `${String(perSecond(messages)).padStart(10)}/s ${String(perSecond(bytes)).padStart(12)} B/s`;
      this.#print(`${numbers} ${formatDirection(from)} ${visible(subject)}`);
    }
  }

  #rateOf(from: Side, subject: string): Rate {
    const rates = this.#rates[from];
    const known = rates.get(subject);
    if (known !== undefined) return known;
    if (rates.size >= MAX_SUBJECTS && subject !== OTHERS) return this.#rateOf(from, OTHERS);
    const rate: Rate = { from, subject, messages: 0, bytes: 0 };
    rates.set(subject, rate);
    return rate;
  }
}
