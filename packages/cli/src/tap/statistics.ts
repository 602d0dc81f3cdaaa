// SPDX-License-Identifier: Apache-2.0
import { redacted } from "@natswire/io/adapter";
import { formatCount, formatDuration, jsonLine } from "../format/format.ts";
import type { FrameView, Side } from "../frame-reader.ts";
import type { ConnectionEvent, FrameSink, ObservedFrame } from "./connection-monitor.ts";
import { Latencies } from "./latencies.ts";

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
  dropped: number;
  readonly latencies: Latencies;
  noResponders: number;
  /** The address of the client, and its name in CONNECT, as far as they are known. */
  who: string;
}

/** Counts frames, bytes and errors per connection and in total. */
export class Statistics implements FrameSink {
  readonly #total: ConnectionCounts = zeroCounts();
  readonly #connections = new Map<number, ConnectionCounts>();
  #opened = 0;
  /** Whether a side sent malformed bytes. */
  hasMalformed = false;

  frame(observed: ObservedFrame): void {
    count(this.#total, observed);
    const own = this.#connections.get(observed.connection);
    if (own === undefined) return;
    count(own, observed);
    if (observed.view.verb === "CONNECT") own.who += formatName(observed.view);
  }

  bytes(connection: number, from: Side, count: number): void {
    for (const counts of this.#countsOf(connection)) counts[from].bytes += count;
  }

  event({ connection, event, client }: ConnectionEvent): void {
    if (event === "opened") this.#open(connection, client);
    this.hasMalformed ||= event === "malformed";
    for (const counts of this.#countsOf(connection)) {
      if (event === "unreachable" || event === "malformed") counts.errors++;
    }
  }

  /** Returns a line for each of the latest 100 connections, and one for the total unless there was one connection. */
  report(): string[] {
    const lines = [...this.#connections].map(
      ([connection, counts]) => `connection ${connection}: ${formatCounts(counts)}${counts.who}`,
    );
    return this.#opened === 1
      ? lines
      : [...lines, `${formatCount(this.#opened, "connection")}: ${formatCounts(this.#total)}`];
  }

  #countsOf(connection: number): ConnectionCounts[] {
    const own = this.#connections.get(connection);
    return own === undefined ? [this.#total] : [this.#total, own];
  }

  #open(connection: number, client: string | undefined): void {
    this.#opened++;
    this.#connections.set(connection, { ...zeroCounts(), who: client === undefined ? "" : `; from ${client}` });
    for (const [oldest] of this.#connections) {
      if (this.#connections.size <= MAX_CONNECTIONS) break;
      this.#connections.delete(oldest);
    }
  }
}

function count(counts: ConnectionCounts, { from, view: { verb }, answer, fault }: ObservedFrame): void {
  const side = counts[from];
  side.frames++;
  side.verbs.set(verb, (side.verbs.get(verb) ?? 0) + 1);
  if (verb === "-ERR") counts.errors++;
  if (fault?.dropped) counts.dropped++;
  if (answer?.isNoResponders) counts.noResponders++;
  else if (answer !== undefined) counts.latencies.add(answer.latency);
}

function zeroCounts(): ConnectionCounts {
  const side = (): SideCounts => ({ bytes: 0, frames: 0, verbs: new Map() });
  return {
    client: side(),
    server: side(),
    errors: 0,
    dropped: 0,
    latencies: new Latencies(),
    noResponders: 0,
    who: "",
  };
}

function formatCounts({ client, server, errors, dropped, latencies, noResponders }: ConnectionCounts): string {
  const parts = [`-> ${formatSide(client)}`, `<- ${formatSide(server)}`, formatCount(errors, "error")];
  if (dropped > 0) parts.push(`${formatCount(dropped, "frame")} dropped`);
  if (latencies.count > 0) {
    const [p50, p99] = [0.5, 0.99].map((share) => formatDuration(latencies.percentile(share)));
    parts.push(`${formatCount(latencies.count, "request")} answered, p50 ${p50}, p99 ${p99}`);
  }
  if (noResponders > 0) parts.push(`${noResponders} without responders`);
  return parts.join("; ");
}

function formatName({ frame }: FrameView): string {
  const name = frame.op === "connect" ? redacted(frame.options).name : undefined;
  return name === undefined ? "" : ` ${jsonLine([String(name)]).slice(1, -1)}`;
}

function formatSide({ frames, bytes, verbs }: SideCounts): string {
  const perVerb = [...verbs].map(([verb, count]) => `${verb} ${count}`).join(", ");
  return `${formatCount(frames, "frame")}, ${formatCount(bytes, "byte")}${perVerb === "" ? "" : ` (${perVerb})`}`;
}
