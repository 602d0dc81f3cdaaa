// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Permissions, SubjectPermission } from "./auth/permissions.ts";
import type { ModuleAction, Publisher, ServerModule } from "./server-module.ts";

/** Answers `$SYS.REQ.USER.INFO`: a client publishes to it to receive its account, its name and its permissions. */
export class UserInfo implements ServerModule {
  readonly #actions: ModuleAction[] = [];

  started(): void {
    this.#actions.push({ do: "subscribe", id: 0, account: undefined, pattern: "$SYS.REQ.USER.INFO" });
  }

  received(_: number, account: string, { reply }: Pub, publisher: Publisher | undefined): void {
    if (reply === undefined || publisher === undefined) return;
    this.#actions.push({ do: "publish", account, message: answerTo(publisher, reply) });
  }

  poll(): ModuleAction | undefined {
    return this.#actions.shift();
  }
}

/** Returns the answer for a client: JSON in the form of nats-server 2.10 and later. */
function answerTo({ user, account, granted, server: info }: Publisher, reply: string): Pub {
  const { server_name: name, host, server_id: id, version: ver, jetstream = false, domain } = info;
  const server = { name, host, id, ...(domain !== undefined && { domain }), ver, jetstream, flags: 0 };
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
