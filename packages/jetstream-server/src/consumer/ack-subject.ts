// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import { nanosText } from "../time.ts";

const DOT = 0x2e;
const ZERO = 0x30;

/** The reply subjects of the messages that a consumer delivers: written and read without an object for each. */
export class AckSubjects {
  /** What clients publish to. */
  readonly pattern: string;
  readonly #prefix: string;
  // Many messages have the same time.
  #time: Millis | undefined;
  #timeText = "";
  /** The numbers of the subject that was read last. */
  deliveries = 0;
  stream = 0;
  consumer = 0;

  /** @param names of the stream and the consumer */
  constructor(names: string) {
    this.#prefix = `$JS.ACK.${names}.`;
    this.pattern = `${this.#prefix}>`;
  }

  /** Returns the reply subject of a delivery. */
  write(deliveries: number, stream: number, consumer: number, time: Millis, pending: number): string {
    if (time !== this.#time) {
      this.#time = time;
      this.#timeText = nanosText(time);
    }
    return `${this.#prefix}${deliveries}.${stream}.${consumer}.${this.#timeText}.${pending}`;
  }

  /** Reads a subject that matches the pattern. Returns whether it is well-formed. */
  read(subject: string): boolean {
    let field = 0;
    let value = 0;
    let digits = 0;
    for (let i = this.#prefix.length; i <= subject.length; i++) {
      const code = i === subject.length ? DOT : subject.charCodeAt(i);
      if (code !== DOT) {
        const digit = code - ZERO;
        if (digit < 0 || digit > 9) return false;
        // The time is not read.
        if (field < 3) value = value * 10 + digit;
        digits++;
        continue;
      }
      if (digits === 0) return false;
      if (field === 0) this.deliveries = value;
      else if (field === 1) this.stream = value;
      else if (field === 2) this.consumer = value;
      field++;
      value = 0;
      digits = 0;
    }
    return field === 5 && this.stream > 0;
  }
}
