// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Permissions, SubjectPermission } from "./auth/permissions.ts";
import type { Peer } from "./peer.ts";

/** A client publishes to this subject to receive its account, its name and its permissions. */
export const USER_INFO = "$SYS.REQ.USER.INFO";

/**
 * Returns the answer for a client: JSON in the form of nats-server 2.10 and later.
 *
 * @param server the server's name and version
 */
export function userInfo({ user, account, granted }: Peer, reply: string, server: object): Pub {
  const data = { user, account, account_name: account, ...(granted && { permissions: describe(granted) }) };
  const escaped = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const ascii = JSON.stringify({ server, data }).replace(/[^\0-\x7f]/g, escaped);
  const payload = Uint8Array.from(ascii, (c) => c.charCodeAt(0));
  return { op: "pub", subject: reply, reply: undefined, headers: undefined, payload, flaw: undefined };
}

/** Returns permissions with nats-server's field names: without the names of queue groups, and times in nanoseconds. */
function describe({ publish, subscribe, allowResponses }: Permissions): object {
  const lists = { publish: patterns(publish), subscribe: patterns(subscribe) };
  if (!allowResponses) return lists;
  const { max = 1, expires = 120_000 } = allowResponses === true ? {} : allowResponses;
  const limit = (value: number): number => (Number.isFinite(value) ? value : -1);
  return { ...lists, responses: { max: limit(max), ttl: limit(expires * 1_000_000) } };
}

function patterns({ allow = [], deny = [] }: SubjectPermission = {}): object {
  const list = (entries: readonly string[]): string[] => entries.map((entry) => entry.trim().split(/\s/)[0]!);
  return { ...(allow.length > 0 && { allow: list(allow) }), ...(deny.length > 0 && { deny: list(deny) }) };
}
