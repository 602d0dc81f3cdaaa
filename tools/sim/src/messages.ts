// SPDX-License-Identifier: Apache-2.0
import { hold } from "./laws.ts";

/** A message that a program published. */
export interface PublishedMessage {
  readonly number: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Published while disconnected. */
  readonly whileDown: boolean;
  /** The session refused it. It must not be sent. */
  isRefused: boolean;
  /** It was sent on a connection. */
  isSent: boolean;
  /** Its caller gave it up before it was sent. It must not be sent. */
  isGivenUp: boolean;
  /** Its connection was lost before it was confirmed. */
  isUnknown: boolean;
  /** The number of the connection on which a server received it. */
  wire: number | undefined;
}

/** All messages of a run. The payload of each begins with its number. */
export class Messages {
  readonly #all: PublishedMessage[] = [];

  add(subject: string, size: number, whileDown: boolean): PublishedMessage {
    const number = this.#all.length;
    const label = `#${number}.`;
    const payload = new Uint8Array(Math.max(label.length, size));
    for (let i = 0; i < payload.length; i++) {
      payload[i] = i < label.length ? label.charCodeAt(i) : 97 + ((number + i) % 26);
    }
    const entry = {
      number,
      subject,
      payload,
      whileDown,
      isRefused: false,
      isSent: false,
      isGivenUp: false,
      isUnknown: false,
      wire: undefined,
    };
    this.#all.push(entry);
    return entry;
  }

  at(number: number): PublishedMessage {
    return this.#all[number]!;
  }

  /** Returns the message with this subject and payload. @throws Broken if it was not published or was refused */
  of(subject: string, payload: Uint8Array): PublishedMessage {
    const digits = /^#(\d+)\./.exec(String.fromCharCode(...payload.subarray(0, 12)))?.[1];
    const entry = this.#all[Number(digits ?? -1)];
    const isSame =
      entry !== undefined &&
      entry.subject === subject &&
      entry.payload.length === payload.length &&
      entry.payload.every((byte, i) => byte === payload[i]);
    hold(
      "received",
      isSame && !entry.isRefused,
      () => `no such message was published: ${payload.length} bytes to ${subject}`,
    );
    return entry!;
  }
}
