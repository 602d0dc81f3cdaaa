// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "@natswire/node";
import { read, write } from "./message.ts";

// Longer than any fault lasts and a client may take to notice it; a wait that long is a hang.
const PATIENCE = 10_000;
// What was under way on a connection comes with the next one, or never.
const KEPT = 16;
const BURST = 5;

/** What was published on one connection, and what was heard of it. */
interface Page {
  published: number;
  /** Of these, the last ones, of which the client says that they may be lost. */
  unknown: number;
  /** Heard on the same connection: the first ones, without a gap. */
  heard: number;
  /** Heard on a later one, and the last of these. */
  late: number;
  last: number;
}

interface Folded {
  readonly published: number;
  readonly heard: number;
  /** Told as perhaps lost, when their connection was. */
  readonly unknown: number;
}

/** The sum of all pages. */
export interface Sums extends Folded {
  /** Never heard: at most as many as are `unknown`. */
  readonly lost: number;
  readonly reconnects: number;
}

/**
 * A client that publishes to itself without a pause, and keeps books of every message.
 *
 * A PONG comes behind all that was heard on its connection, so what the client counts as confirmed must have been heard,
 * and all that is heard on a connection is heard from its first message on, in order and without a gap.
 */
export class Talker {
  readonly subject: string;
  readonly client: Connection;
  /** What must not have happened. */
  readonly broken: string[] = [];
  #pages: Page[] = [blank()];
  // Of the page that is the first kept.
  #first = 0;
  #folded: Folded = { published: 0, heard: 0, unknown: 0 };
  readonly #timer: NodeJS.Timeout;

  /** @param every milliseconds between the few messages it publishes at a time */
  constructor(client: Connection, subject: string, every = 2) {
    this.client = client;
    this.subject = subject;
    client.subscribe(subject, { callback: (message) => this.#hear(message.text()) });
    client.onStatus(({ type }) => {
      if (type === "disconnect") this.#turn();
    });
    this.#timer = setInterval(() => this.#talk(), every);
  }

  /**
   * Resolves when what it says is heard.
   *
   * @throws Error where it never is: the connection is open and dead, or there is none
   */
  async settled(): Promise<void> {
    const until = performance.now() + PATIENCE;
    while (performance.now() < until) {
      if (this.#page.published === 0) this.#talk();
      const page = this.#page;
      const mark = page.published;
      await this.client.flush({ timeout: PATIENCE }).catch(() => {});
      if (page === this.#page && page.heard >= mark) return;
      await sleep(1);
    }
    throw new Error(`${this.subject}: what is said is not heard any more, and the client does not notice`);
  }

  /** Says nothing more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks whether the client's figures are those of the books, when all it said is settled. */
  compare(): void {
    const { published, confirmed, inFlight, buffered, unknown, dropped, received } = this.client.stats;
    const sums = this.sums;
    this.#check(published === sums.published, `${published} published by its figures, and ${sums.published} in truth`);
    this.#check(received === sums.heard, `${received} received by its figures, and ${sums.heard} in truth`);
    this.#check(unknown === sums.unknown, `${unknown} unknown by its figures, and ${sums.unknown} told`);
    this.#check(published === confirmed + inFlight + buffered + unknown + dropped, "its figures do not add up");
    this.#check(inFlight + buffered + dropped === 0, "something is neither confirmed nor lost");
    this.#check(sums.lost <= unknown, `${sums.lost} lost, and ${unknown} counted`);
  }

  get sums(): Sums {
    const { published, heard, unknown } = this.#pages.reduce(add, this.#folded);
    return { published, heard, unknown, lost: published - heard, reconnects: this.client.stats.reconnects };
  }

  get #page(): Page {
    return this.#pages.at(-1)!;
  }

  #talk(): void {
    for (let count = 0; count < BURST; count++) {
      const page = this.#page;
      const connection = this.#first + this.#pages.length - 1;
      // Where there is no connection it is kept for the next, and stands on that one's page.
      this.client.publish(this.subject, write({ connection, number: page.published }));
      page.published++;
    }
  }

  #hear(text: string): void {
    const place = read(text);
    const page = place && this.#pages[place.connection - this.#first];
    if (place === undefined || page === undefined) return this.#fault(`heard ${text.slice(0, 40)}`);
    const { number } = place;
    if (page === this.#page) {
      this.#check(number === page.heard, `heard ${number} where ${page.heard} was next`);
      page.heard = number + 1;
    } else {
      const before = Math.max(page.heard - 1, page.last);
      this.#check(number > before, `heard ${number} of an old connection behind ${before}`);
      page.late++;
      page.last = number;
    }
  }

  /** The connection is lost. */
  #turn(): void {
    const page = this.#page;
    page.unknown = this.client.stats.unknown - this.sums.unknown;
    const confirmed = page.published - page.unknown;
    this.#check(page.heard >= confirmed, `heard ${page.heard} where ${confirmed} were confirmed`);
    this.#pages.push(blank());
    if (this.#pages.length <= KEPT) return;
    this.#first++;
    this.#folded = add(this.#folded, this.#pages.shift()!);
  }

  #check(holds: boolean, what: string): void {
    if (!holds) this.#fault(what);
  }

  #fault(what: string): void {
    // The first ones tell all there is to know.
    if (this.broken.length < 10)
      this.broken.push(`${this.subject}, connection ${this.#first + this.#pages.length}: ${what}`);
  }
}

function blank(): Page {
  return { published: 0, unknown: 0, heard: 0, late: 0, last: -1 };
}

function add(sum: Folded, { published, heard, late, unknown }: Page): Folded {
  return {
    published: sum.published + published,
    heard: sum.heard + heard + late,
    unknown: sum.unknown + unknown,
  };
}
