// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "@natswire/node";
import { read } from "./message.ts";

/** A client that receives from all publishers and checks that each connection's messages come in order, and once. */
export class Witness {
  readonly client: Connection;
  readonly broken: string[] = [];
  /** The number of messages received, by subject. Each publisher has its own. */
  readonly received = new Map<string, number>();
  // The last message number received, by subject and connection.
  readonly #last = new Map<string, number>();

  constructor(client: Connection, subject: string) {
    this.client = client;
    client.subscribe(subject, { callback: (message) => this.#receive(message.subject, message.text()) });
  }

  #receive(subject: string, text: string): void {
    this.received.set(subject, (this.received.get(subject) ?? 0) + 1);
    const id = read(text);
    if (id === undefined) return this.#report(`${subject}: received an unknown message: ${text.slice(0, 40)}`);
    const key = `${subject}, connection ${id.connection}`;
    const last = this.#last.get(key) ?? -1;
    if (id.number <= last) this.#report(`${key}: received message ${id.number} after ${last}`);
    this.#last.set(key, id.number);
  }

  #report(what: string): void {
    // The first few are enough to find the cause.
    if (this.broken.length < 10) this.broken.push(what);
  }
}
