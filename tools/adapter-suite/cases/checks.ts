// SPDX-License-Identifier: Apache-2.0
import type { Connection, ConnectionError } from "@natswire/io";
import type { Ground, SuiteOptions } from "./environment.ts";

/** Does it with a connection that comes back, and closes that. */
export async function during(
  on: Ground,
  what: (one: Connection) => Promise<void>,
  more: Partial<SuiteOptions> = {},
): Promise<void> {
  const one = await on.connect({ servers: on.url, reconnectTimeWait: 20, maxReconnectAttempts: -1, ...more });
  try {
    await what(one);
  } finally {
    await one.close();
  }
}

/** Says something small and something large, and hears it. */
export async function talks(one: Connection): Promise<void> {
  const messages = one.subscribe("foo", { max: 2 });
  const said = ["hello", "x".repeat(500_000)];
  for (const payload of said) one.publish("foo", payload);
  const heard: string[] = [];
  for await (const message of messages) heard.push(message.text());
  same(heard, said);
}

/** Bytes that say which message's they are. */
export function filled(i: number, length: number = 1 + ((i * 7) % 300)): Uint8Array {
  return new Uint8Array(length).map((_, at) => (at * 31 + i + (at >> 8)) & 255);
}

/** @throws Error where the payload of message `i` is not what `filled` made */
export function isFilled(payload: Uint8Array, i: number, length?: number): void {
  const made = filled(i, length);
  holds(payload.length === made.length && made.every((byte, at) => byte === payload[at]), `message ${i} is as sent`);
}

/** @throws Error with the sentence where it is not true */
export function holds(what: boolean, sentence: string): void {
  if (!what) throw new Error(`does not hold: ${sentence}`);
}

/** @throws Error with both where they differ */
export function same(actual: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${is?.slice(0, 300)} should be ${should?.slice(0, 300)}`);
}

/** What it fails with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("should have failed");
}

/** @throws Error where it does not fail, or with another code */
export async function fails(promise: Promise<unknown>, code: string): Promise<void> {
  const error = (await errorOf(promise)) as ConnectionError;
  if (error.code !== code) throw new Error(`should have failed with ${code}: ${error.code} ${error.message}`);
}
