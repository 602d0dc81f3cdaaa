// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import type { Ack } from "./ack.ts";
import type { DeliveryInfo } from "./ack-subject.ts";
import type { ApiSubject } from "./api-subject.ts";
import type { BatchReply } from "./batch.ts";
import { MAX_EXACT, MAX_INT64, MAX_UINT64 } from "./fields.ts";
import type { PubAck, PubAckError } from "./pub-ack.ts";
import type { PullRequest } from "./pull.ts";

const plain = { noNullPrototype: true } as const;
const optional = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined });
const below = (max: bigint, min = 0n): fc.Arbitrary<bigint> =>
  fc.oneof(fc.bigInt({ min, max: min + 9n }), fc.bigInt({ min, max }), fc.constant(max));
const count = fc.oneof(fc.integer({ min: 1, max: 999 }), fc.constant(MAX_EXACT));
const code = fc.integer({ min: 1, max: 65_535 });
const name = fc.string({ unit: fc.constantFrom(..."aZ0_-$@+/%é\u{1f600}"), minLength: 1, maxLength: 8 });
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const filter = fc.tuple(name, fc.constantFrom("", ".*", ".>", ".b.*.c")).map((parts) => parts.join(""));

/** Generates what the reply subject of a delivered message says, in both of its forms. */
export const deliveryInfo: fc.Arbitrary<DeliveryInfo> = fc
  .record(
    {
      domain: optional(name.filter((domain) => domain !== "_")),
      accountHash: optional(name),
      stream: name,
      consumer: name,
      deliveries: below(MAX_UINT64),
      streamSequence: below(MAX_UINT64),
      consumerSequence: below(MAX_UINT64),
      timestamp: below(MAX_INT64),
      pending: below(MAX_UINT64),
    },
    plain,
  )
  .map((info) => (info.accountHash === undefined ? { ...info, domain: undefined } : info));

/** Generates a pull request as `parsePull` returns it. */
export const pull: fc.Arbitrary<PullRequest> = fc
  .record(
    {
      batch: count,
      expires: optional(below(MAX_INT64, 2n)),
      noWait: fc.boolean(),
      maxBytes: optional(count),
      idleHeartbeat: optional(below(MAX_INT64, 1n)),
      group: optional(text),
      minPending: optional(below(MAX_INT64, 1n)),
      minAckPending: optional(below(MAX_INT64, 1n)),
      id: optional(text),
      priority: optional(fc.integer({ min: 1, max: 9 })),
    },
    plain,
  )
  .map(({ idleHeartbeat, ...request }) => {
    const longest = (request.expires ?? 0n) / 2n;
    const shortened = idleHeartbeat !== undefined && idleHeartbeat > longest ? longest : idleHeartbeat;
    return { ...request, idleHeartbeat: shortened || undefined };
  });

/** Generates what a client answers to a delivered message. */
export const clientAck: fc.Arbitrary<Ack> = fc.oneof(
  fc.constant({ kind: "ack" as const }),
  fc.constant({ kind: "progress" as const }),
  optional(below(MAX_INT64, 1n)).map((delay) => ({ kind: "nak" as const, delay })),
  optional(text.map((reason) => reason.trim()).filter((reason) => reason !== "")).map((reason) => ({
    kind: "term" as const,
    reason,
  })),
  pull.map((request) => ({ kind: "next" as const, pull: request })),
);

/** Generates the answer of a stream to a message. */
export const pubAckAnswer: fc.Arbitrary<PubAck | PubAckError> = fc.oneof(
  fc.record(
    {
      stream: name,
      sequence: below(MAX_UINT64, 1n),
      duplicate: fc.boolean(),
      domain: optional(name),
      value: optional(text),
      batch: optional(text),
      count: optional(below(MAX_UINT64, 1n)),
    },
    plain,
  ),
  fc.record(
    {
      error: fc.record({ code, errCode: optional(code), description: fc.oneof(text, fc.constant("")) }, plain),
      stream: optional(name),
    },
    plain,
  ),
);

/** Generates what the subject of a request to JetStream names. */
export const apiRequest: fc.Arbitrary<ApiSubject> = fc
  .tuple(
    fc.oneof(
      fc.record({ api: fc.constantFrom("INFO" as const, "STREAM.NAMES" as const) }, plain),
      fc.record({ api: fc.constantFrom("STREAM.INFO" as const, "STREAM.MSG.GET" as const), stream: name }, plain),
      fc.record(
        {
          api: fc.constantFrom("CONSUMER.MSG.NEXT" as const, "CONSUMER.DURABLE.CREATE" as const),
          stream: name,
          consumer: name,
        },
        plain,
      ),
      fc.record({ api: fc.constant("CONSUMER.CREATE" as const), stream: name, consumer: name, subject: filter }, plain),
      fc.record(
        { api: fc.constant("CONSUMER.CREATE" as const), stream: name, consumer: name },
        { ...plain, requiredKeys: ["api", "stream"] },
      ),
      fc.record(
        { api: fc.constant("DIRECT.GET" as const), stream: name, subject: filter },
        { ...plain, requiredKeys: ["api", "stream"] },
      ),
    ),
    fc.oneof(fc.constant({}), fc.record({ domain: name }, plain), fc.record({ prefix: name }, plain)),
  )
  .map(([request, place]) => ({ ...request, ...place }) as ApiSubject);

/** Generates what the reply subject of a message of a fast batch says. */
export const fastBatchReply: fc.Arbitrary<BatchReply> = fc
  .record(
    {
      prefix: fc.tuple(name, name).map((tokens) => tokens.join(".")),
      id: name,
      flow: code,
      gap: fc.constantFrom("fail" as const, "ok" as const),
      sequence: below(MAX_UINT64 - 1n, 2n),
      operation: fc.constantFrom("start", "append", "commit", "commit-eob", "ping" as const),
    },
    plain,
  )
  .map((reply) => (reply.operation === "start" ? { ...reply, sequence: 1n } : reply));
