// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Permissions, SubjectPermission } from "./auth/permissions.ts";
import type { InfoSender } from "./info.ts";
import type { CompleteInfo } from "./outputs.ts";
import type { ModuleAction, Publisher, ServerModule } from "./server-module.ts";

/** Answers `$SYS.REQ.USER.INFO`: a client publishes to it to receive its account, its name and its permissions. */
export class UserInfo implements ServerModule {
  readonly #actions: ModuleAction[] = [];
  readonly #info: InfoSender;

  /** @param info sends the INFO of the first listener */
  constructor(info: InfoSender) {
    this.#info = info;
  }

  started(): void {
    this.#actions.push({ do: "subscribe", id: 0, account: undefined, pattern: "$SYS.REQ.USER.INFO" });
  }

  received(_: number, account: string, { reply }: Pub, publisher: Publisher | undefined): void {
    if (reply === undefined) return;
    // The host program has no name, and may do everything.
    const { user = "", granted, server = this.#info.info } = publisher ?? {};
    const data = { user, account, account_name: account, ...(granted && { permissions: describe(granted) }) };
    this.#actions.push({ do: "publish", account, message: answerTo(reply, { server: identityOf(server), data }) });
  }

  poll(): ModuleAction | undefined {
    return this.#actions.shift();
  }
}

/** Returns the answer for a client: JSON in the form of nats-server 2.10 and later. */
function answerTo(reply: string, answer: object): Pub {
  const escaped = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const ascii = JSON.stringify(answer).replace(/[^\0-\x7f]/g, escaped);
  const payload = Uint8Array.from(ascii, (c) => c.charCodeAt(0));
  return { op: "pub", subject: reply, reply: undefined, headers: undefined, payload, flaw: undefined };
}

/** Returns the server's name and version. The first flag says that it has JetStream. */
function identityOf({ server_name, host, server_id, domain, version, jetstream = false }: CompleteInfo): object {
  const flags = jetstream ? 1 : 0;
  return { name: server_name, host, id: server_id, ...(domain && { domain }), ver: version, jetstream, flags };
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
