// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "@natswire/node";
import { read, write } from "./message.ts";

// Milliseconds: longer than any fault lasts and a client may take to notice it.
const TIMEOUT = 10_000;
// Accounts that are kept: a message in flight on one connection arrives on the next one, or never.
const KEPT = 16;
const BURST = 5;

/** What was published on one connection, and what was received of it. */
interface Account {
  published: number;
  /** Of these, the last ones, which the client reported as unknown: they may be lost. */
  unknown: number;
  /** Received on the same connection: the first ones, without a gap. */
  received: number;
  /** Received on a later connection, and the number of the last of these. */
  late: number;
  last: number;
}

interface Counts {
  readonly published: number;
  readonly received: number;
  /** Reported as perhaps lost when their connection was. */
  readonly unknown: number;
}

/** The sum of all accounts. */
export interface Totals extends Counts {
  /** Never received: at most as many as are `unknown`. */
  readonly lost: number;
  readonly reconnects: number;
}

/**
 * A client that publishes to itself without a pause and accounts for every message.
 *
 * A PONG comes after everything that was sent before it, so messages that the client counts as confirmed must have been
 * received. On one connection messages are received from the first one on, in order and without a gap.
 */
export class SelfPublisher {
  readonly subject: string;
  readonly client: Connection;
  /** What went wrong. */
  readonly broken: string[] = [];
  #accounts: Account[] = [emptyAccount()];
  // The connection of the first account that is kept.
  #first = 0;
  // The sum of the accounts that are not kept.
  #closed: Counts = { published: 0, received: 0, unknown: 0 };
  readonly #timer: NodeJS.Timeout;

  /** @param every milliseconds between two bursts of five messages */
  constructor(client: Connection, subject: string, every = 2) {
    this.client = client;
    this.subject = subject;
    client.subscribe(subject, { callback: (message) => this.#receive(message.text()) });
    client.onStatus(({ type }) => {
      if (type === "disconnect") this.#disconnected();
    });
    this.#timer = setInterval(() => this.#publish(), every);
  }

  /**
   * Resolves after a message that it publishes is received.
   *
   * @throws Error after 10 seconds: there is no connection, or a dead one
   */
  async settled(): Promise<void> {
    const deadline = performance.now() + TIMEOUT;
    while (performance.now() < deadline) {
      if (this.#current.published === 0) this.#publish();
      const account = this.#current;
      const mark = account.published;
      await this.client.flush({ timeout: TIMEOUT }).catch(() => {});
      if (account === this.#current && account.received >= mark) return;
      await sleep(1);
    }
    throw new Error(`${this.subject}: nothing is received any more, and the client does not notice`);
  }

  /** Stops publishing. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Compares the client's statistics with the accounts. To be called after `stop` and `settled`. */
  checkStats(): void {
    const { published, confirmed, inFlight, buffered, unknown, dropped, received } = this.client.stats;
    const { totals } = this;
    this.#check(published === totals.published, `stats.published is ${published}, not ${totals.published}`);
    this.#check(received === totals.received, `stats.received is ${received}, not ${totals.received}`);
    this.#check(unknown === totals.unknown, `stats.unknown is ${unknown}, not ${totals.unknown}`);
    this.#check(published === confirmed + inFlight + buffered + unknown + dropped, "the stats do not add up");
    this.#check(inFlight + buffered + dropped === 0, "some messages are neither confirmed nor unknown");
    this.#check(totals.lost <= unknown, `${totals.lost} messages are lost, stats.unknown is ${unknown}`);
  }

  get totals(): Totals {
    const { published, received, unknown } = this.#accounts.reduce(add, this.#closed);
    return { published, received, unknown, lost: published - received, reconnects: this.client.stats.reconnects };
  }

  get #current(): Account {
    return this.#accounts.at(-1)!;
  }

  #publish(): void {
    for (let count = 0; count < BURST; count++) {
      const account = this.#current;
      const connection = this.#first + this.#accounts.length - 1;
      // While disconnected the client buffers the message for the next connection, whose account is already open.
      this.client.publish(this.subject, write({ connection, number: account.published }));
      account.published++;
    }
  }

  #receive(text: string): void {
    const id = read(text);
    const account = id && this.#accounts[id.connection - this.#first];
    if (id === undefined || account === undefined) {
      return this.#report(`received an unknown message: ${text.slice(0, 40)}`);
    }
    const { number } = id;
    if (account === this.#current) {
      this.#check(number === account.received, `received message ${number} instead of ${account.received}`);
      account.received = number + 1;
    } else {
      const before = Math.max(account.received - 1, account.last);
      this.#check(number > before, `received message ${number} of an old connection after ${before}`);
      account.late++;
      account.last = number;
    }
  }

  #disconnected(): void {
    const account = this.#current;
    account.unknown = this.client.stats.unknown - this.totals.unknown;
    const confirmed = account.published - account.unknown;
    this.#check(account.received >= confirmed, `received ${account.received} of ${confirmed} confirmed messages`);
    this.#accounts.push(emptyAccount());
    if (this.#accounts.length <= KEPT) return;
    this.#first++;
    this.#closed = add(this.#closed, this.#accounts.shift()!);
  }

  #check(holds: boolean, what: string): void {
    if (!holds) this.#report(what);
  }

  #report(what: string): void {
    // The first few are enough to find the cause.
    if (this.broken.length < 10)
      this.broken.push(`${this.subject}, connection ${this.#first + this.#accounts.length}: ${what}`);
  }
}

function emptyAccount(): Account {
  return { published: 0, unknown: 0, received: 0, late: 0, last: -1 };
}

function add(sum: Counts, { published, received, late, unknown }: Account): Counts {
  return {
    published: sum.published + published,
    received: sum.received + received + late,
    unknown: sum.unknown + unknown,
  };
}
