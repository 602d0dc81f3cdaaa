// SPDX-License-Identifier: Apache-2.0
import {
  type ConnectionOptions,
  connect,
  type Msg,
  type NatsConnection,
  type Status,
  type Subscription,
} from "@nats-io/transport-node";
import { closing } from "../../testkit/closing.ts";

/** Connects the official client, with quick reconnection. */
export async function client(port: number, options: ConnectionOptions = {}): Promise<NatsConnection> {
  const quick = { reconnectTimeWait: 20, reconnectJitter: 0, maxReconnectAttempts: -1 };
  return closing(await connect({ servers: `127.0.0.1:${port}`, ...quick, ...options }));
}

/** Resolves after the server has received everything these connections sent, and they what it sent. */
export async function roundTrip(...connections: readonly NatsConnection[]): Promise<void> {
  for (const nc of connections) await nc.flush();
}

/** Returns the next `count` messages of a subscription; fewer if it ends. */
export async function take(subscription: Subscription, count: number): Promise<Msg[]> {
  const taken: Msg[] = [];
  for await (const message of subscription) if (taken.push(message) === count) break;
  return taken;
}

export function texts(messages: readonly Msg[]): string[] {
  return messages.map((message) => message.string());
}

/** Resolves to the next status of a type. Call it before what causes the status. */
export async function nextStatus<T extends Status["type"]>(nc: NatsConnection, type: T): Promise<Status & { type: T }> {
  for await (const status of nc.status()) if (status.type === type) return status as Status & { type: T };
  throw new Error(`the connection was closed without the status ${type}`);
}
