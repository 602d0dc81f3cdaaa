// SPDX-License-Identifier: Apache-2.0
import { formatTime } from "../format/format.ts";
import type { ConnectionEvent } from "./connection-monitor.ts";

/** The time since the start, since the line before, or of the day. */
export type TimeStyle = "relative" | "delta" | "clock";

/** Formats the times of lines. */
export class Timeline {
  readonly #style: TimeStyle;
  #latest = 0;
  // The date of the start, in milliseconds since 1970, known after the first "opened".
  #start: number | undefined;

  constructor(style: TimeStyle = "relative") {
    this.#style = style;
  }

  event({ at, time }: ConnectionEvent): void {
    if (this.#start === undefined && time !== undefined) this.#start = Date.parse(time) - at;
  }

  /** Returns the time of a line. Without a known date, the time of day is the time since the start. */
  format(at: number): string {
    const since = at - this.#latest;
    this.#latest = at;
    if (this.#style === "delta") return formatTime(since);
    if (this.#style === "relative" || this.#start === undefined) return formatTime(at);
    const date = new Date(this.#start + at);
    const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
      String(part).padStart(2, "0"),
    );
    return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, "0")}`;
  }
}
