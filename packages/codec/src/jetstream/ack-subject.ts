// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "../errors.ts";
import { checkFields, checkValue, isName, type Kind, MAX_INT64, MAX_UINT64, readInteger } from "./fields.ts";

const kinds: { readonly [name in keyof DeliveryInfo]-?: Kind } = {
  domain: "name",
  accountHash: "name",
  stream: "name",
  consumer: "name",
  deliveries: MAX_UINT64,
  streamSequence: MAX_UINT64,
  consumerSequence: MAX_UINT64,
  timestamp: MAX_INT64,
  pending: MAX_UINT64,
};

/** What the reply subject of a message that a consumer delivered says about it. */
export interface DeliveryInfo {
  /** The JetStream domain; `undefined` without one, and in the form of 9 tokens. */
  readonly domain?: string | undefined;
  /** The hash of the account's name; only in the form of 11 tokens or more. */
  readonly accountHash?: string | undefined;
  readonly stream: string;
  readonly consumer: string;
  /** How often the message was delivered, this time included. */
  readonly deliveries: bigint;
  /** The sequence of the message in the stream. */
  readonly streamSequence: bigint;
  /** The sequence of this delivery, from 1 for each consumer. */
  readonly consumerSequence: bigint;
  /** When the message was stored, in nanoseconds since 1970. */
  readonly timestamp: bigint;
  /** Messages that match the consumer and were not delivered to it yet. */
  readonly pending: bigint;
}

/**
 * Reads the reply subject of a message that a consumer delivered, `$JS.ACK.…`. Returns `undefined` for any other subject.
 *
 * A subject of 9 tokens has neither domain nor account hash. One of 11 or more has both; tokens after the eleventh are ignored.
 * Subjects for flow control, `$JS.FC.…`, are opaque. The rules are those of
 * [ADR-15](https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md#js-ack).
 *
 * @example
 * ```ts
 * import { parseAckSubject } from "@natswire/codec/jetstream";
 *
 * const info = parseAckSubject("$JS.ACK.orders.desk.2.1041.7.1796052773704331455.3");
 * console.log(info?.stream, info?.streamSequence, info?.deliveries); // orders 1041n 2n
 * console.log(parseAckSubject("orders.new")); // undefined
 * ```
 */
export function parseAckSubject(subject: string | undefined): DeliveryInfo | undefined {
  if (typeof subject !== "string" || !subject.startsWith("$JS.ACK.")) return undefined;
  // Without the tokens after the eleventh.
  const tokens = subject.split(".", 11).slice(2);
  const names = Object.keys(kinds) as (keyof DeliveryInfo)[];
  if (tokens.length === 7) names.splice(0, 2);
  const info: Partial<Record<string, string | bigint>> = {};
  for (const [i, name] of names.entries()) {
    // A token that is missing is neither a name nor a number.
    const token = tokens[i];
    const kind = kinds[name];
    const value = typeof kind === "bigint" ? readInteger(token, kind) : isName(token) ? token : undefined;
    if (value === undefined) return undefined;
    // A server writes "_" if there is no domain.
    if (name !== "domain" || value !== "_") info[name] = value;
  }
  return info as unknown as DeliveryInfo;
}

/**
 * Writes the reply subject of a message that a consumer delivers: 11 tokens with an account hash, otherwise 9.
 *
 * @throws UsageError BAD_SUBJECT if a name is not one token or the domain is `_`, BAD_NUMBER if a number is not a bigint in range,
 * BAD_FIELD if there is a domain but no account hash, or an unknown field
 */
export function ackSubject(info: DeliveryInfo): string {
  const names = Object.keys(kinds) as (keyof DeliveryInfo)[];
  checkFields("ackSubject()", info, names);
  const { domain, accountHash } = info;
  if (domain !== undefined && accountHash === undefined) {
    throw new UsageError("BAD_FIELD", "a domain needs an accountHash: only the form of 11 tokens has one");
  }
  if (domain === "_") throw new UsageError("BAD_SUBJECT", 'the domain cannot be "_", which stands for none');
  const fields = { ...info, domain: domain ?? "_" };
  const written = accountHash === undefined ? names.slice(2) : names;
  return ["$JS.ACK", ...written.map((name) => checkValue(name, fields[name], kinds[name]))].join(".");
}
