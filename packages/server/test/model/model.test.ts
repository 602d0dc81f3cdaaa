// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ModelRun, type Operation } from "./model-run.ts";

// Few of each, so that they meet.
const slot = fc.nat(3);
const subject = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("a", "b", "a.b", "a.c", "a.b.c", "b.b") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("a.b.c.d", "a.*", "*", "a.>", "x*", "_GR_.x", "a..b", "a.b.c.d.e", "a".repeat(21)),
  },
);
const pattern = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "a.b", "a.c", "a.b.c") },
  { weight: 4, arbitrary: fc.constantFrom("*", ">", "a.*", "*.b", "a.>", "*.*", "*.b.*", "*.>") },
);
const anyPattern = fc.oneof(
  { weight: 15, arbitrary: pattern },
  { weight: 1, arbitrary: fc.constantFrom("x*", "a..b", ">.a", "a.b.c.d.e", "a".repeat(21), "a.") },
);
const queue = fc.constantFrom(undefined, undefined, undefined, undefined, "q", "q", "p");
const max = fc.constantFrom(undefined, undefined, 0, 1, 1, 2, 2, 3, 5);
const reply = fc.constantFrom(undefined, undefined, undefined, "a", "a.b", "r", "_R_.x", "$JS.ACK.x");
const block = fc.constantFrom("NATS/1.0\r\n\r\n", "NATS/1.0\r\nA: b\r\n\r\n", "");
const payload = fc.constantFrom("", "", "", "x".repeat(20), "\r\nPING\r\n");
const message = fc.record({ subject, reply, headers: fc.constant(undefined), payload });
const withHeaders = fc.record({
  subject,
  reply,
  headers: fc.oneof(
    { weight: 9, arbitrary: block },
    { weight: 1, arbitrary: fc.constantFrom("NATS/1.0\r\nA", "NATS/1") },
  ),
  payload,
});
const sid = fc.constantFrom("1", "2", "3", "4", "5", "6", "7");
const mostly = fc.constantFrom(true, true, true, false);
const seldom = fc.constantFrom(false, false, false, true);
const options = fc.record(
  {
    verbose: seldom,
    pedantic: seldom,
    echo: mostly,
    headers: mostly,
    no_responders: seldom,
    protocol: fc.constantFrom(0, 1, 1, 1, 1, 1, 1, 1, 1, 2),
  },
  { requiredKeys: ["headers", "verbose"] },
);
const says = fc.oneof(
  { weight: 20, arbitrary: message.map((message) => ({ op: "pub" as const, ...message })) },
  { weight: 4, arbitrary: withHeaders.map((message) => ({ op: "pub" as const, ...message })) },
  { weight: 1, arbitrary: message.map((one) => ({ op: "pub" as const, ...one, payload: "x".repeat(64) })) },
  { weight: 12, arbitrary: fc.record({ op: fc.constant("sub" as const), subject: anyPattern, queue, sid }) },
  {
    weight: 8,
    arbitrary: fc.record({ op: fc.constant("unsub" as const), sid, max: max.map((max) => max?.toString()) }),
  },
  { weight: 4, arbitrary: fc.constantFrom({ op: "ping" as const }, { op: "pong" as const }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { op: "sub" as const, subject: "a", queue: "_sys_", sid: "1" },
      { op: "unsub" as const, sid: "1", max: "x" },
    ),
  },
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 40, arbitrary: fc.record({ do: fc.constant("say" as const), slot, said: says }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("connect" as const), slot, options }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("lose" as const), slot }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("pass" as const), time: fc.constantFrom(0, 1, 400, 500, 1000) }),
  },
  { weight: 9, arbitrary: fc.constant({ do: "settle" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      message: fc.record({
        subject: fc.constantFrom("a", "b", "a.b", "a.b.c"),
        reply: fc.constantFrom(undefined, "r"),
        headers: fc.oneof(fc.constant(undefined), block),
        payload,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("subscribe" as const), pattern, queue }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("unsubscribe" as const), sid: fc.integer({ min: 1, max: 9 }), max }),
  },
);

describe("the server", () => {
  it("sends what a naive model sends, for 500,000 random operations", () => {
    let count = 0;
    const law = fc.property(fc.array(operation, { maxLength: 600, size: "max" }), fc.integer(), (operations, seed) => {
      new ModelRun(seed).run(operations);
      count += operations.length;
    });
    const times = Number(process.env["NATSWIRE_RUNS"] ?? 1);
    // The average run has a little less than half of the most.
    fc.assert(law, { numRuns: Math.ceil(2100 * times) });
    expect(count).toBeGreaterThanOrEqual(Math.min(times, 1) === 1 ? 500_000 : 0);
  });
});
