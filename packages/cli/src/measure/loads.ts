// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, Subscription } from "@natswire/node";
import type { BenchRun } from "./bench-run.ts";
import type { Tally } from "./tally.ts";

/** What the clients of a benchmark do. */
export type BenchKind = "pub" | "sub" | "req" | "reply";

/** Settings of a load. */
export interface LoadSettings {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Messages of this client, or replies of all; `undefined` for no limit. */
  readonly messages: number | undefined;
  /** Milliseconds between messages, or before a reply. */
  readonly pause: number | undefined;
  /** Milliseconds for a reply or a flush. */
  readonly timeout: number;
}

/** Runs one client of a benchmark, and counts in its tally. Ends after its messages, or if the run is stopped. */
export type Load = (client: Connection, tally: Tally, settings: LoadSettings, run: BenchRun) => Promise<void>;

const GROUP = "natswire-bench";

/** What each client does. */
export const loads: Readonly<Record<BenchKind, Load>> = { pub, sub, req, reply };

/** Publishes. A message counts if the server has received it. */
async function pub(
  client: Connection,
  tally: Tally,
  { subject, payload, messages = Number.POSITIVE_INFINITY, pause, timeout }: LoadSettings,
  run: BenchRun,
): Promise<void> {
  const { signal } = run;
  run.begin(tally);
  try {
    while (tally.messages < messages && !signal.aborted) {
      const hasRoom = client.publish(subject, payload, { borrow: true });
      run.count(tally, payload.length);
      if (!hasRoom) await client.ready({ signal }).catch(unlessAborted(signal));
      if (pause !== undefined) await waitFor(pause, signal);
    }
    await client.flush({ timeout });
  } finally {
    tally.last = performance.now();
    tally.messages = client.stats.confirmed;
    tally.bytes = tally.messages * payload.length;
  }
}

async function sub(
  client: Connection,
  tally: Tally,
  { subject, messages: max }: LoadSettings,
  run: BenchRun,
): Promise<void> {
  const subscription = client.subscribe(subject, { max, callback: ({ payload }) => received(payload, tally, run) });
  await ended(subscription, run.signal);
}

async function req(
  client: Connection,
  tally: Tally,
  { subject, payload, messages = Number.POSITIVE_INFINITY, pause, timeout }: LoadSettings,
  run: BenchRun,
): Promise<void> {
  const { signal } = run;
  run.begin(tally);
  while (tally.messages < messages && !signal.aborted) {
    const sent = performance.now();
    await client.request(subject, payload, { timeout, signal });
    tally.last = performance.now();
    run.latencies.record(tally.last - sent);
    run.count(tally, payload.length);
    if (pause !== undefined) await waitFor(pause, signal);
  }
}

async function reply(
  client: Connection,
  tally: Tally,
  { subject, payload, messages, pause }: LoadSettings,
  run: BenchRun,
): Promise<void> {
  const answer = (request: { readonly payload: Uint8Array; respond(payload: Uint8Array): boolean }): void => {
    if (run.messages === messages) return;
    request.respond(payload);
    received(request.payload, tally, run);
    if (run.messages === messages) run.stop();
  };
  const subscription = client.subscribe(subject, {
    queue: GROUP,
    callback: (request) =>
      pause === undefined ? answer(request) : waitFor(pause, run.signal).then(() => answer(request)),
  });
  await ended(subscription, run.signal);
}

function received(payload: Uint8Array, tally: Tally, run: BenchRun): void {
  if (tally.messages === 0) run.begin(tally);
  else tally.last = performance.now();
  run.count(tally, payload.length);
}

/** Resolves after the last message of a subscription, or if the run is stopped. */
async function ended(subscription: Subscription, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<undefined>((resolve) => signal.addEventListener("abort", () => resolve(undefined)));
  const error = await Promise.race([subscription.closed, stopped]);
  if (error !== undefined) throw error;
}

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}

function unlessAborted(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}
