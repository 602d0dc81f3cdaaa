// SPDX-License-Identifier: Apache-2.0
import type { Connection, ConnectionError } from "@natswire/io";
import type { Environment, SuiteOptions } from "./environment.ts";

/** Opens a connection that reconnects, passes it to `act` and closes it. */
export async function withConnection(
  on: Environment,
  act: (connection: Connection) => Promise<void>,
  options: Partial<SuiteOptions> = {},
): Promise<void> {
  const connection = await on.connect({
    servers: on.url,
    reconnectTimeWait: 20,
    maxReconnectAttempts: -1,
    ...options,
  });
  try {
    await act(connection);
  } finally {
    await connection.close();
  }
}

/** Publishes a small and a large message and receives both. */
export async function roundTrip(connection: Connection): Promise<void> {
  const messages = connection.subscribe("foo", { max: 2 });
  const sent = ["hello", "x".repeat(500_000)];
  for (const payload of sent) connection.publish("foo", payload);
  const received: string[] = [];
  for await (const message of messages) received.push(message.text());
  equal(received, sent);
}

/** Returns the payload of message `i`: bytes that differ from message to message. */
export function payloadOf(i: number, length: number = 1 + ((i * 7) % 300)): Uint8Array {
  return new Uint8Array(length).map((_, at) => (at * 31 + i + (at >> 8)) & 255);
}

/** Checks that message `i` has the payload of `payloadOf`. @throws Error if not */
export function checkPayload(payload: Uint8Array, i: number, length?: number): void {
  const expected = payloadOf(i, length);
  const isEqual = payload.length === expected.length && expected.every((byte, at) => byte === payload[at]);
  check(isEqual, `message ${i} has the payload it was published with`);
}

/** Checks a condition. @throws Error with the sentence if it does not hold */
export function check(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`not true: ${sentence}`);
}

/** Compares two values as JSON. @throws Error with both if they differ */
export function equal(actual: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`expected ${should?.slice(0, 300)}, got ${is?.slice(0, 300)}`);
}

/** Resolves to the error that a promise rejects with. @throws Error if it does not reject */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected a rejection, but the promise was fulfilled");
}

/** Checks that a promise rejects with this code. @throws Error if it does not */
export async function rejects(promise: Promise<unknown>, code: string): Promise<void> {
  const error = (await errorOf(promise)) as ConnectionError;
  if (error.code !== code) throw new Error(`expected the code ${code}, got ${error.code}: ${error.message}`);
}
