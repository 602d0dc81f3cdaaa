// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "@natswire/node";
import { read } from "./message.ts";

/** A client that hears all talkers: what one of them said on one connection comes in order, and no message twice. */
export class Witness {
  readonly client: Connection;
  readonly broken: string[] = [];
  /** Messages heard of each talker. */
  readonly heard = new Map<string, number>();
  // The last one of each connection of each talker.
  readonly #last = new Map<string, number>();

  constructor(client: Connection, subject: string) {
    this.client = client;
    client.subscribe(subject, { callback: (message) => this.#hear(message.subject, message.text()) });
  }

  #hear(subject: string, text: string): void {
    this.heard.set(subject, (this.heard.get(subject) ?? 0) + 1);
    const place = read(text);
    if (place === undefined) return this.#fault(`${subject}: heard ${text.slice(0, 40)}`);
    const key = `${subject}, connection ${place.connection}`;
    const last = this.#last.get(key) ?? -1;
    if (place.number <= last) this.#fault(`${key}: heard ${place.number} behind ${last}`);
    this.#last.set(key, place.number);
  }

  #fault(what: string): void {
    // The first ones tell all there is to know.
    if (this.broken.length < 10) this.broken.push(what);
  }
}
