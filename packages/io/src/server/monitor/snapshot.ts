// SPDX-License-Identifier: Apache-2.0
import type { ConnectionInfo, SubscriptionInfo } from "@natswire/server";
import type { EmbeddedServer } from "../embedded-server.ts";
import type { PeerConnection } from "../peer-connection.ts";

/** What the snapshots are made of. */
export interface Source {
  readonly server: EmbeddedServer;
  /** The last connections that ended, the oldest first. */
  readonly closed: readonly Entry[];
  /** Returns a time of the server's clock as a date of nats-server's JSON. */
  readonly date: (at: number) => string;
}

/** A connection with what a snapshot says of it. */
export interface Entry {
  readonly info: ConnectionInfo;
  readonly type: "nats" | "websocket";
  readonly port: number;
  /** When it ended, or now. */
  readonly until: number;
  /** Why it ended; `undefined` if it is open. */
  readonly reason?: string | undefined;
}

/**
 * Returns the entry of a connection, or `undefined` if the core does not know it any more.
 *
 * @param until now
 */
export function entryOf(
  { listeners }: EmbeddedServer,
  { info, listener, origin }: PeerConnection,
  until: number,
  reason?: string,
): Entry | undefined {
  if (info === undefined) return undefined;
  const type = listeners[listener]?.url.startsWith("ws") === true ? "websocket" : "nats";
  return { info, type, port: origin.port ?? 0, until, reason };
}

/** Returns the open connections. */
export function openEntries(server: EmbeddedServer): Entry[] {
  const { driver } = server;
  const now = driver.now();
  return [...driver.connections.values()].flatMap((connection) => entryOf(server, connection, now) ?? []);
}

/** One subscription, as `/connz?subs=detail` and `/subsz?subs=1` of nats-server list it. */
export interface SubscriptionDetail {
  /** The account of its client; only in `subsz`. */
  readonly account?: string | undefined;
  readonly subject: string;
  /** Its queue group. */
  readonly qgroup?: string | undefined;
  readonly sid: string;
  /** Messages delivered since SUB. */
  readonly msgs: number;
  /** After how many messages it ends. */
  readonly max?: number | undefined;
  /** The id of its connection; 0 for the program that runs the server. */
  readonly cid: number;
}

/** Returns a subscription with nats-server's field names. */
export function detailOf(
  { subject, queue: qgroup, sid, delivered: msgs, max }: SubscriptionInfo,
  cid: number,
  account?: string,
): SubscriptionDetail {
  return { account, subject, qgroup, sid, msgs, max, cid };
}

/** Returns a time span as nats-server writes it, in whole seconds: `1d0h5m30s`. */
export function formatUptime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const parts = [
    [Math.floor(seconds / 31_536_000), "y"],
    [Math.floor(seconds / 86_400) % 365, "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count, unit]) => count > 0 || unit === "s");
  return parts.slice(first).flat().join("");
}
