// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { type KV, Kvm, type KvWatchEntry } from "@nats-io/kv";
import type { QueuedIterator } from "@nats-io/nats-core";
import type { Link } from "./link.ts";
import type { Books, Worker } from "./worker.ts";

export const BUCKET = "soak";
const KEYS = 20;
// Milliseconds between two puts.
const EVERY = 200;

/** Puts a new value under one key after the other. Puts it again until that succeeds. */
export class KvWriter implements Worker {
  readonly name = "KV writer";
  readonly link: Link;
  readonly #books: Books;
  done = 0;
  /** The last value of each key. */
  readonly values = new Map<string, string>();
  #isStopped = false;
  #ended: Promise<void> | undefined;

  constructor(link: Link, books: Books) {
    this.link = link;
    this.#books = books;
  }

  async start(): Promise<this> {
    this.#ended = this.#run(await new Kvm(this.link.nc).open(BUCKET));
    return this;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#ended;
  }

  async #run(kv: KV): Promise<void> {
    for (let number = 0; !this.#isStopped; number++) {
      const [key, value] = [`key-${number % KEYS}`, String(number)];
      while (!(await this.#put(kv, key, value)) && !this.link.nc.isClosed()) await sleep(EVERY);
      this.values.set(key, value);
      this.done++;
      await sleep(EVERY);
    }
  }

  #put(kv: KV, key: string, value: string): Promise<boolean> {
    return this.#books.pending.watch(`a put of ${key}`, kv.put(key, value)).then(
      () => true,
      () => false,
    );
  }
}

/** Watches all keys. Revisions come in order, and none comes twice. */
export class KvWatcher implements Worker {
  readonly name = "KV watcher";
  readonly link: Link;
  readonly #books: Books;
  done = 0;
  /** The last value of each key. */
  readonly values = new Map<string, string>();
  #watch: QueuedIterator<KvWatchEntry> | undefined;
  #ended: Promise<void> | undefined;

  constructor(link: Link, books: Books) {
    this.link = link;
    this.#books = books;
  }

  async start(): Promise<this> {
    this.#watch = await (await new Kvm(this.link.nc).open(BUCKET)).watch();
    this.#ended = this.#run(this.#watch);
    return this;
  }

  async stop(): Promise<void> {
    const watch = this.#watch!;
    this.#watch = undefined;
    watch.stop();
    await this.#books.pending.watch("the end of the watch", this.#ended!);
  }

  async #run(watch: QueuedIterator<KvWatchEntry>): Promise<void> {
    const { findings } = this.#books;
    let last = 0;
    try {
      for await (const entry of watch) {
        findings.check(entry.revision > last, `the watcher received revision ${entry.revision} after ${last}`);
        last = entry.revision;
        this.values.set(entry.key, entry.string());
        this.done++;
      }
      findings.check(this.#watch === undefined, "the watch ended by itself");
    } catch (error) {
      findings.report(`the watch threw ${error}`);
    }
  }
}
