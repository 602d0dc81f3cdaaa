// SPDX-License-Identifier: Apache-2.0
import type { ConnectionOptions, NatsConnection, NatsConnectionImpl } from "@nats-io/nats-core/internal";
import { connect as connectOfficial } from "@nats-io/transport-node";
import { connect } from "@natswire/node";
import { onTestFinished } from "vitest";
import { toNatsConnection } from "../src/index.ts";

/** The clients that the tests run on: natswire, and the official one, which shows that the test is right. */
export const clients = ["natswire", "the official client"] as const;
export type ClientName = (typeof clients)[number];

/** What modules use of a connection: `NatsConnection`, and some of `NatsConnectionImpl`. */
export type ModuleConnection = NatsConnection &
  Pick<
    NatsConnectionImpl,
    "_resub" | "addCloseListener" | "features" | "getServerVersion" | "options" | "removeCloseListener" | "status"
  >;

/** Options that both clients have. */
type SharedOptions = Pick<ConnectionOptions, "inboxPrefix" | "noEcho" | "pass" | "user">;

/** Connects, and closes the connection after the test. It reconnects without a wait. */
export async function connected(
  name: ClientName,
  port: number,
  options: SharedOptions = {},
): Promise<ModuleConnection> {
  const servers = `nats://127.0.0.1:${port}`;
  // Otherwise natswire prints what the server denies.
  const onStatus = (): void => {};
  const nc =
    name === "natswire"
      ? toNatsConnection(await connect({ servers, reconnectDelay: () => 20, onStatus, ...options }))
      : await connectOfficial({
          servers,
          reconnectDelayHandler: () => 20,
          maxReconnectAttempts: -1,
          ...options,
        });
  onTestFinished(() => nc.close());
  return nc as ModuleConnection;
}

/** Subscribes with a callback. Returns what it is called with: errors, and messages as text. */
export function collect(nc: ModuleConnection, subject: string, options: { timeout?: number; max?: number } = {}) {
  const seen: (Error | string)[] = [];
  const subscription = nc.subscribe(subject, {
    ...options,
    callback: (error, message) => void seen.push(error ?? message.string()),
  });
  return { seen, subscription };
}

/** Returns everything that a loop receives until it ends. */
export async function listed<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of iterable) all.push(one);
  return all;
}
