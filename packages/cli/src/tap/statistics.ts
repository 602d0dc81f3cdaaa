// SPDX-License-Identifier: Apache-2.0
import { formatCount, verbOf } from "../format/format.ts";
import type { Side } from "../frame-reader.ts";
import type { ConnectionEvent, FrameSink, ObservedFrame } from "./connection-monitor.ts";

// Connections with a line of their own in the report: the latest ones. Older ones count only in the total.
const MAX_CONNECTIONS = 100;

interface SideCounts {
  bytes: number;
  frames: number;
  readonly verbs: Map<string, number>;
}

interface ConnectionCounts {
  readonly client: SideCounts;
  readonly server: SideCounts;
  errors: number;
}

/** Counts frames, bytes and errors per connection and in total. */
export class Statistics implements FrameSink {
  readonly #total: ConnectionCounts = zeroCounts();
  readonly #connections = new Map<number, ConnectionCounts>();
  #opened = 0;

  frame({ connection, from, frame }: ObservedFrame): void {
    const verb = verbOf(frame);
    for (const counts of this.#countsOf(connection)) {
      const side = counts[from];
      side.frames++;
      side.verbs.set(verb, (side.verbs.get(verb) ?? 0) + 1);
      if (frame.op === "err") counts.errors++;
    }
  }

  bytes(connection: number, from: Side, count: number): void {
    for (const counts of this.#countsOf(connection)) counts[from].bytes += count;
  }

  event({ connection, event }: ConnectionEvent): void {
    if (event === "opened") this.#open(connection);
    for (const counts of this.#countsOf(connection)) {
      if (event === "unreachable" || event === "malformed") counts.errors++;
    }
  }

  /** Returns a line for each of the latest 100 connections, and one for the total unless there was one connection. */
  report(): string[] {
    const lines = [...this.#connections].map(
      ([connection, counts]) => `connection ${connection}: ${formatCounts(counts)}`,
    );
    return this.#opened === 1
      ? lines
      : [...lines, `${formatCount(this.#opened, "connection")}: ${formatCounts(this.#total)}`];
  }

  #countsOf(connection: number): ConnectionCounts[] {
    const own = this.#connections.get(connection);
    return own === undefined ? [this.#total] : [this.#total, own];
  }

  #open(connection: number): void {
    this.#opened++;
    this.#connections.set(connection, zeroCounts());
    for (const [oldest] of this.#connections) {
      if (this.#connections.size <= MAX_CONNECTIONS) break;
      this.#connections.delete(oldest);
    }
  }
}

function zeroCounts(): ConnectionCounts {
  const side = (): SideCounts => ({ bytes: 0, frames: 0, verbs: new Map() });
  return { client: side(), server: side(), errors: 0 };
}

function formatCounts({ client, server, errors }: ConnectionCounts): string {
  return `-> ${formatSide(client)}; <- ${formatSide(server)}; ${formatCount(errors, "error")}`;
}

function formatSide({ frames, bytes, verbs }: SideCounts): string {
  const perVerb = [...verbs].map(([verb, count]) => `${verb} ${count}`).join(", ");
  return `${formatCount(frames, "frame")}, ${formatCount(bytes, "byte")}${perVerb === "" ? "" : ` (${perVerb})`}`;
}
