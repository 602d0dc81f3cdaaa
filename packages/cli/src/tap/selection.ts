// SPDX-License-Identifier: Apache-2.0
import { matches } from "@natswire/codec";
import type { FrameView } from "../frame-reader.ts";
import type { ConnectionEvent } from "./connection-monitor.ts";

/** Which frames are printed: those that every given option selects. */
export interface SelectOptions {
  /** Subject patterns; the subject matches one of them. */
  readonly subject?: readonly string[] | undefined;
  /** Verbs in upper case. */
  readonly verb?: readonly string[] | undefined;
  /** Numbers of connections. */
  readonly connection?: readonly number[] | undefined;
  /** A part of the name in CONNECT; frames before CONNECT are not selected. */
  readonly name?: string | undefined;
  /** Matches the printed text of the whole frame. */
  readonly grep?: RegExp | undefined;
  /** False excludes PING and PONG. */
  readonly ping?: boolean | undefined;
}

/** Selects frames and events. */
export class Selection {
  readonly #options: SelectOptions;
  readonly #isWhole: boolean;
  // The connections whose name is selected.
  readonly #named = new Set<number>();
  // Whether the subject of the latest frame is selected: the next one often has the same.
  #latestSubject = "";
  #isLatestSelected = false;

  constructor(options: SelectOptions) {
    this.#options = options;
    const { subject, verb, connection, name, grep, ping = true } = options;
    this.#isWhole = ping && [subject, verb, connection, name, grep].every((option) => option === undefined);
  }

  /** @param text returns the printed text of the frame */
  includes(connection: number, view: FrameView, text: () => string): boolean {
    if (this.#isWhole) return true;
    const { verb, grep, ping = true } = this.#options;
    const isNamed = this.#isNamed(connection, view);
    if (!isNamed || !this.#hasConnection(connection)) return false;
    if (verb !== undefined && !verb.includes(view.verb)) return false;
    if (!ping && (view.verb === "PING" || view.verb === "PONG")) return false;
    return this.#hasSubject(view) && (grep === undefined || grep.test(text()));
  }

  /** Returns whether an event is selected: if frames are filtered, those that open and close a connection are not. */
  includesEvent({ connection, event }: ConnectionEvent): boolean {
    if (event === "closed") this.#named.delete(connection);
    if (event !== "opened" && event !== "closed") return this.#hasConnection(connection);
    const { subject, verb, name, grep } = this.#options;
    return this.#hasConnection(connection) && [subject, verb, name, grep].every((option) => option === undefined);
  }

  #hasConnection(connection: number): boolean {
    const wanted = this.#options.connection;
    return wanted === undefined || wanted.includes(connection);
  }

  #isNamed(connection: number, view: FrameView): boolean {
    const { name } = this.#options;
    if (name === undefined) return true;
    if (view.verb === "CONNECT" && view.frame.op === "connect") {
      if (String(view.frame.options.name ?? "").includes(name)) this.#named.add(connection);
    }
    return this.#named.has(connection);
  }

  #hasSubject({ subject }: FrameView): boolean {
    const patterns = this.#options.subject;
    if (patterns === undefined) return true;
    if (subject === undefined) return false;
    if (subject !== this.#latestSubject) {
      this.#latestSubject = subject;
      this.#isLatestSelected = patterns.some((pattern) => matches(pattern, subject));
    }
    return this.#isLatestSelected;
  }
}
