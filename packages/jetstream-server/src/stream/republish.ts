// SPDX-License-Identifier: Apache-2.0
import { noBytes } from "../bytes.ts";
import { timeText } from "../time.ts";
import { withHeaders } from "./header-block.ts";
import type { Stored } from "./stored.ts";
import type { StreamConfig } from "./stream-config.ts";
import { type SubjectTransform, subjectTransform } from "./subject-transform.ts";

/** Makes the copies of stored messages that a stream publishes to other subjects. */
export class Republisher {
  readonly #stream: string;
  readonly #transform: SubjectTransform | undefined;
  readonly #headersOnly: boolean;

  constructor(stream: string, republish: NonNullable<StreamConfig["republish"]>) {
    this.#stream = stream;
    this.#transform = subjectTransform(republish);
    this.#headersOnly = republish.headers_only ?? false;
  }

  /** Returns where a message of a subject is republished to, if it is. */
  subjectFor(subject: string): string | undefined {
    return this.#transform?.(subject);
  }

  /** Returns the copy of a message. @param previous the sequence of the message before it that has the same subject; 0 without one */
  copy(message: Stored, to: string, previous: number): Pick<Stored, "subject" | "headers" | "payload"> {
    const { subject, sequence, headers, payload, time } = message;
    const size = this.#headersOnly ? `Nats-Msg-Size: ${payload.length}\r\n` : "";
    const lines =
      `Nats-Stream: ${this.#stream}\r\nNats-Subject: ${subject}\r\nNats-Sequence: ${sequence}\r\n` +
      `Nats-Time-Stamp: ${timeText(time)}\r\nNats-Last-Sequence: ${previous}\r\n${size}`;
    return { subject: to, headers: withHeaders(headers, lines), payload: this.#headersOnly ? noBytes : payload };
  }
}
