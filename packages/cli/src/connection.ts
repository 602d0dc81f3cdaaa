// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { type Connection, ConnectionError, type ConnectOptions, connect, type Status } from "@natswire/node";
import type { Command } from "commander";
import { type ConnectionFlags, connectOptions } from "./commands/connection-options.ts";
import { visible } from "./format/format.ts";
import { Failure, log } from "./output.ts";

/** Whether a connection that is lost ends the command, or is made again. */
export type Lifetime = "until lost" | "reconnects";

/** A connection, and what its server reports that belongs to no call. */
export interface OpenConnection {
  readonly client: Connection;
  /**
   * Throws the first problem that the server reported, such as a denied publish.
   *
   * @throws ConnectionError
   */
  check(): void;
}

/**
 * Connects, runs a function with the connection, and closes it. Problems of a connection that reconnects are printed.
 *
 * @throws Failure if the connection or an operation on it fails
 */
export function withConnection<T>(
  flags: ConnectionFlags,
  command: Command,
  lifetime: Lifetime,
  run: (connection: OpenConnection) => Promise<T>,
): Promise<T> {
  return withConnections(1, flags, command, lifetime, ([connection]) => run(connection as OpenConnection));
}

/** Does what `withConnection` does, with several connections. */
export async function withConnections<T>(
  count: number,
  flags: ConnectionFlags,
  command: Command,
  lifetime: Lifetime,
  run: (connections: readonly OpenConnection[]) => Promise<T>,
): Promise<T> {
  const options = connectOptions(flags, command);
  const connections: OpenConnection[] = [];
  try {
    while (connections.length < count) connections.push(await open(options, lifetime, command));
    return await run(connections);
  } catch (error) {
    throw error instanceof ConnectionError || error instanceof UsageError ? new Failure(error.message) : error;
  } finally {
    await Promise.all(connections.map(({ client }) => client.close()));
  }
}

/** Drains a connection that ctrl+c ends. What it did not achieve in time is printed. */
export async function drain(client: Connection, timeout: number): Promise<void> {
  await client.drain({ timeout }).catch((error: ConnectionError) => log(error.message));
}

async function open(options: ConnectOptions, lifetime: Lifetime, command: Command): Promise<OpenConnection> {
  let problem: Error | undefined;
  const onStatus = (status: Status): void => {
    if (status.type === "error") problem ??= status.error;
    if (lifetime === "until lost") return;
    if (status.type === "disconnect") log(visible(`disconnected: ${status.error.message}`));
    if (status.type === "reconnect") log(`connected again to ${status.server}`);
    // A denied subscription ends the command, with the same text.
    if (status.type === "error" && !isOfSubscription(status.error)) log(visible(status.error.message));
  };
  const client = await connectTo({ ...options, reconnect: lifetime === "reconnects", onStatus }).catch((error) => {
    throw error instanceof UsageError ? command.error(`error: ${error.message}`) : error;
  });
  return {
    client,
    check() {
      if (problem !== undefined) throw problem;
    },
  };
}

/** Connects over TCP, or over WebSocket if the first server's URL asks for it. */
async function connectTo(options: ConnectOptions): Promise<Connection> {
  if (!/^\s*wss?:/i.test(String(options.servers))) return connect(options);
  // Loaded on demand: few users need it.
  const { connectWebSocket } = await import("./websocket.ts");
  return connectWebSocket(options);
}

function isOfSubscription(error: Error): boolean {
  return error instanceof ConnectionError && error.denial?.operation === "subscribe";
}
