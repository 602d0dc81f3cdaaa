// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { write } from "../message.ts";
import type { Ledger } from "./ledger.ts";
import type { Link } from "./link.ts";
import type { Books, Worker } from "./worker.ts";

// Milliseconds between two messages, and before another attempt.
export const EVERY = 100;
const PAUSE = 100;
// Messages that may wait for their acknowledgement at once.
const WAITING = 200;

/** Publishes numbered messages. Publishes each again, with the same message id, until it is acknowledged. */
export class Publisher implements Worker {
  readonly name: string;
  readonly link: Link;
  done = 0;
  /** The number of publishes that failed, and were tried again. */
  failed = 0;
  readonly #id: number;
  readonly #js: JetStreamClient;
  readonly #ledger: Ledger;
  readonly #books: Books;
  readonly #waiting = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  constructor(id: number, link: Link, ledger: Ledger, books: Books) {
    this.name = `publisher ${id}`;
    this.link = link;
    this.#id = id;
    this.#js = jetstream(link.nc);
    this.#ledger = ledger;
    this.#books = books;
    this.#timer = setInterval(() => this.#begin(), EVERY);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#waiting);
  }

  #begin(): void {
    if (this.#waiting.size >= WAITING) return;
    const number = this.#ledger.next();
    if (number === undefined) return;
    const published = this.#publish(number);
    this.#waiting.add(published);
    void published.then(() => this.#waiting.delete(published));
  }

  async #publish(number: number): Promise<void> {
    const text = write({ connection: this.#id, number });
    while (!this.link.nc.isClosed()) {
      try {
        const publishing = this.#js.publish("soak.numbers", text, { msgID: String(number) });
        const { seq } = await this.#books.pending.watch(`the publish of message ${number}`, publishing);
        this.#ledger.acked(number, seq);
        this.done++;
        return;
      } catch {
        this.failed++;
        await sleep(PAUSE);
      }
    }
  }
}
