// SPDX-License-Identifier: Apache-2.0
import { hold } from "./laws.ts";

/** One message, from the program that publishes it to everybody who gets it. */
export interface Published {
  readonly number: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  /** There was no connection when it was published. */
  readonly whileDown: boolean;
  /** It was never to go on the wire. */
  isRefused: boolean;
  /** It was given to a connection. */
  isSaid: boolean;
  /** Its connection was lost before it was confirmed. */
  isUnknown: boolean;
  /** The connection it was said on. */
  wire: number | undefined;
}

/** Every message of a run; each carries its number. */
export class Ledger {
  readonly #all: Published[] = [];

  enter(subject: string, size: number, whileDown: boolean): Published {
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
      isSaid: false,
      isUnknown: false,
      wire: undefined,
    };
    this.#all.push(entry);
    return entry;
  }

  at(number: number): Published {
    return this.#all[number]!;
  }

  /** Which one this is, bytes and all; throws where it is none. */
  of(subject: string, payload: Uint8Array): Published {
    const digits = /^#(\d+)\./.exec(String.fromCharCode(...payload.subarray(0, 12)))?.[1];
    const entry = this.#all[Number(digits ?? -1)];
    const isSame =
      entry !== undefined &&
      entry.subject === subject &&
      entry.payload.length === payload.length &&
      entry.payload.every((byte, i) => byte === payload[i]);
    hold(
      "heard",
      isSame && !entry.isRefused,
      () => `nobody published ${payload.length} bytes to ${subject} like these`,
    );
    return entry!;
  }
}
