// SPDX-License-Identifier: Apache-2.0
import {
  type ConnectionOptions,
  connect,
  type Msg,
  type NatsConnection,
  type Status,
  type Subscription,
} from "@nats-io/transport-node";
import { afterEach } from "vitest";

const opened: { close(): Promise<void> }[] = [];

// Clients before their servers: whoever came last goes first.
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** Closed when the test is over. */
export function closing<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

/** A connection of the official client's, which tries again soon when it is lost. */
export async function client(port: number, options: ConnectionOptions = {}): Promise<NatsConnection> {
  const quick = { reconnectTimeWait: 20, reconnectJitter: 0, maxReconnectAttempts: -1 };
  return closing(await connect({ servers: `127.0.0.1:${port}`, ...quick, ...options }));
}

/** What was said on these has arrived, and what was on its way to them too. */
export async function roundTrip(...connections: readonly NatsConnection[]): Promise<void> {
  for (const nc of connections) await nc.flush();
}

/** So many messages of a subscription, or as many as there are until it ends. */
export async function take(subscription: Subscription, count: number): Promise<Msg[]> {
  const taken: Msg[] = [];
  for await (const message of subscription) if (taken.push(message) === count) break;
  return taken;
}

export function texts(messages: readonly Msg[]): string[] {
  return messages.map((message) => message.string());
}

/** The next status of a type; to be asked for before it is caused. */
export async function told<T extends Status["type"]>(nc: NatsConnection, type: T): Promise<Status & { type: T }> {
  for await (const status of nc.status()) if (status.type === type) return status as Status & { type: T };
  throw new Error(`the connection ended without ${type}`);
}
