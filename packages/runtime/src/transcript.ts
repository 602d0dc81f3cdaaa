// SPDX-License-Identifier: Apache-2.0
import { realClock } from "./clock.ts";
import { decoder as utf8 } from "./platform.ts";
import { type Entry, print } from "./scribe.ts";

/** What a frame is to look like: each field given is equal, payloads and headers also as text. */
export type Wanted = { readonly op: Entry["frame"]["op"] } & Readonly<Record<string, unknown>>;

/** Whose frame it is to be. */
export interface Whose {
  readonly from?: "client" | "server" | undefined;
  readonly connection?: number | undefined;
  /** Milliseconds to wait for it, of the machine's clock; 2,000 where left out. */
  readonly within?: number | undefined;
}

const PATIENCE = 2000;

/**
 * All that a server and its clients said, frame by frame, in order.
 *
 * `expect` reads on from where it last found something, so that a test reads like the session it describes.
 */
export class Transcript implements Iterable<Entry> {
  readonly #entries: Entry[] = [];
  #read = 0;
  #waiting: (() => void)[] = [];

  [Symbol.iterator](): Iterator<Entry> {
    return this.#entries[Symbol.iterator]();
  }

  /** @internal Its server writes one down. */
  add(entry: Entry): void {
    this.#entries.push(entry);
    for (const look of this.#waiting.splice(0)) look();
  }

  /**
   * The next such frame behind the one that was expected last; waits for it where it is not there yet.
   *
   * @throws Error where it does not come in time, with what came instead
   */
  async expect(wanted: Wanted, whose: Whose = {}): Promise<Entry> {
    const { within = PATIENCE } = whose;
    let isLate = false;
    const cancel = realClock.after(within, () => {
      isLate = true;
      for (const look of this.#waiting.splice(0)) look();
    });
    try {
      while (true) {
        const found = this.#find(wanted, whose);
        if (found >= 0) {
          this.#read = found + 1;
          return this.#entries[found] as Entry;
        }
        if (isLate) {
          const rest = print(this.#entries.slice(this.#read));
          throw new Error(`no ${JSON.stringify(wanted)} within ${within} ms, but\n${rest === "" ? "  nothing" : rest}`);
        }
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      cancel();
    }
  }

  /**
   * Nothing like it came behind the frame that was expected last.
   *
   * @throws Error where it did
   */
  expectNone(wanted: Wanted, whose: Whose = {}): void {
    const found = this.#find(wanted, whose);
    if (found >= 0)
      throw new Error(
        `expected no ${JSON.stringify(wanted)}, but\n${print(this.#entries.slice(this.#read, found + 1))}`,
      );
  }

  /** As one would see it in telnet, `>` what a client says and `<` what it hears, credentials hidden, long frames cut. */
  toString(): string {
    return print(this.#entries);
  }

  #find(wanted: Wanted, { from, connection }: Whose): number {
    return this.#entries.findIndex(
      (entry, i) =>
        i >= this.#read &&
        (from === undefined || entry.from === from) &&
        (connection === undefined || entry.connection === connection) &&
        isLike(entry.frame, wanted),
    );
  }
}

function isLike(value: unknown, wanted: unknown): boolean {
  if (value instanceof Uint8Array)
    return typeof wanted === "string" ? utf8.decode(value) === wanted : isLike([...value], [...(wanted as Uint8Array)]);
  if (typeof wanted !== "object" || wanted === null || typeof value !== "object" || value === null)
    return Object.is(value, wanted);
  return Object.entries(wanted).every(([key, part]) => isLike((value as Record<string, unknown>)[key], part));
}
