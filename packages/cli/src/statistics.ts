// SPDX-License-Identifier: Apache-2.0
import type { Audience, Event, Said } from "./conversation.ts";
import type { Side } from "./ear.ts";
import { counted, verbOf } from "./words.ts";

// Connections that are told apart at the end; of older ones only the sum is kept.
const KEPT = 100;

interface Count {
  bytes: number;
  frames: number;
  readonly verbs: Map<string, number>;
}

interface Counts {
  readonly client: Count;
  readonly server: Count;
  errors: number;
}

/** Counts what connections say. */
export class Statistics implements Audience {
  readonly #all: Counts = nothing();
  readonly #connections = new Map<number, Counts>();
  #seen = 0;

  said({ connection, from, frame }: Said): void {
    const verb = verbOf(frame);
    for (const counts of this.#of(connection)) {
      const count = counts[from];
      count.frames++;
      count.verbs.set(verb, (count.verbs.get(verb) ?? 0) + 1);
      if (frame.op === "err") counts.errors++;
    }
  }

  bytes(connection: number, from: Side, count: number): void {
    for (const counts of this.#of(connection)) counts[from].bytes += count;
  }

  event({ connection, event, from }: Event): void {
    if (event === "opened") this.#open(connection);
    for (const counts of this.#of(connection)) {
      if (event === "unreachable" || (event === "unread" && from !== undefined)) counts.errors++;
    }
  }

  /** A line for each of the last hundred connections, and one for all where there are several. */
  report(): string[] {
    const lines = [...this.#connections].map(([connection, counts]) => `connection ${connection}: ${words(counts)}`);
    return this.#seen === 1 ? lines : [...lines, `${counted(this.#seen, "connection")}: ${words(this.#all)}`];
  }

  /** What is counted for a connection: one that was pushed out counts only for all. */
  #of(connection: number): Counts[] {
    const own = this.#connections.get(connection);
    return own === undefined ? [this.#all] : [this.#all, own];
  }

  #open(connection: number): void {
    this.#seen++;
    this.#connections.set(connection, nothing());
    for (const [oldest] of this.#connections) {
      if (this.#connections.size <= KEPT) break;
      this.#connections.delete(oldest);
    }
  }
}

function nothing(): Counts {
  const count = (): Count => ({ bytes: 0, frames: 0, verbs: new Map() });
  return { client: count(), server: count(), errors: 0 };
}

function words({ client, server, errors }: Counts): string {
  return `-> ${side(client)}; <- ${side(server)}; ${counted(errors, "error")}`;
}

function side({ frames, bytes, verbs }: Count): string {
  const each = [...verbs].map(([verb, count]) => `${verb} ${count}`).join(", ");
  return `${counted(frames, "frame")}, ${counted(bytes, "byte")}${each === "" ? "" : ` (${each})`}`;
}
