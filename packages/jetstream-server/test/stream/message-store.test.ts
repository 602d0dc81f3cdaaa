// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Filter, passes } from "../../src/stream/filter.ts";
import { MessageStore } from "../../src/stream/message-store.ts";
import type { Stored } from "../../src/stream/stored.ts";

const subjects = ["a", "a.b", "a.c", "b.c.d", "é.x"];
const filters: Filter[] = [[], ["a"], ["a.*"], [">"], ["a.b", "b.>"], ["*.c.*", "a"], ["é.*"]];

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("add"), subject: fc.nat(4), size: fc.nat(300), headers: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("remove"), at: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove-first") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("skip"), gap: fc.nat(90) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("look"), from: fc.nat(80), filter: fc.nat(filters.length - 1) }),
  },
  fc.record({ do: fc.constant("clear") }),
);

/** The same as a list: slow, and simple enough to be right. */
class NaiveStore {
  messages: Stored[] = [];
  last = 0;

  get first(): number {
    return this.messages[0]?.sequence ?? this.last + 1;
  }

  passing(filter: Filter, from: number): Stored[] {
    return this.messages.filter(({ subject, sequence }) => sequence >= from && passes(filter, subject));
  }
}

describe("MessageStore", () => {
  it("agrees with a list after any operations", () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 200 }), (operations) => {
        const store = new MessageStore();
        const naive = new NaiveStore();
        for (const [i, one] of operations.entries()) perform(one, i, store, naive);
        compare(store, naive);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps the bytes of a message after it is removed", () => {
    const store = new MessageStore();
    const payload = Uint8Array.of(1, 2, 3);
    store.add({ sequence: 1, subject: "a", headers: undefined, payload, time: 1, storedAt: 1 });
    payload.fill(9);
    const kept = store.get(1)!;
    store.remove(1);
    for (let sequence = 2; sequence < 2000; sequence++) {
      store.add({
        sequence,
        subject: "a",
        headers: undefined,
        payload: new Uint8Array(50).fill(7),
        time: 1,
        storedAt: 1,
      });
    }
    expect([...kept.payload]).toEqual([1, 2, 3]);
  });

  it("keeps messages among many that are removed", () => {
    const store = new MessageStore();
    const payloadOf = (sequence: number): Uint8Array => new Uint8Array(50).fill(sequence);
    for (let sequence = 1; sequence <= 500; sequence++) {
      store.add({ sequence, subject: "a", headers: undefined, payload: payloadOf(sequence), time: 1, storedAt: 1 });
    }
    for (let sequence = 1; sequence <= 500; sequence++) if (sequence % 5 > 0) store.remove(sequence);
    for (let sequence = 5; sequence <= 500; sequence += 5) {
      expect(store.get(sequence)!.payload).toEqual(payloadOf(sequence));
    }
  });

  it("keeps the last of many messages of few subjects in little memory", () => {
    const store = new MessageStore();
    for (let sequence = 1; sequence <= 50_000; sequence++) {
      store.add({
        sequence,
        subject: `k${sequence % 7}`,
        headers: undefined,
        payload: new Uint8Array(8),
        time: sequence,
        storedAt: 0,
      });
      const sequences = store.sequencesOf(`k${sequence % 7}`)!;
      if (sequences.length > 1) store.remove(sequences.first);
    }
    expect(store.count).toBe(7);
    expect(store.lastOfEach([])).toEqual([49_994, 49_995, 49_996, 49_997, 49_998, 49_999, 50_000]);
    expect(store.sequenceAt(49_996)).toBe(49_996);
  });
});

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function perform(one: Operation, i: number, store: MessageStore, naive: NaiveStore): void {
  if ("size" in one) {
    const headers = one.headers ? new Uint8Array(12).fill(i) : undefined;
    const payload = new Uint8Array(one.size).fill(i);
    const message = { sequence: ++naive.last, subject: subjects[one.subject]!, headers, payload, time: i, storedAt: i };
    naive.messages.push(message);
    store.add(message);
  } else if ("at" in one) {
    const sequence = naive.first + one.at;
    const isThere = naive.messages.some((message) => message.sequence === sequence);
    naive.messages = naive.messages.filter((message) => message.sequence !== sequence);
    expect(store.remove(sequence)).toBe(isThere);
  } else if ("gap" in one) {
    naive.last += one.gap;
    store.skipTo(naive.last);
  } else if ("from" in one) {
    const filter = filters[one.filter]!;
    const from = Math.max(0, naive.last - one.from);
    const passing = naive.passing(filter, from);
    expect(store.next(filter, from)).toEqual(passing[0]);
    expect(store.pending(filter, from)).toBe(passing.length);
    expect(store.lastOfEach(filter, from)).toEqual(lastOfEach(naive, filter, from));
    expect(store.sequenceAt(one.from)).toBe(
      naive.messages.find(({ time }) => time >= one.from)?.sequence ?? naive.last + 1,
    );
  } else if (one.do === "clear") {
    naive.messages = [];
    store.clear();
  } else {
    store.remove(naive.first);
    naive.messages.shift();
  }
}

function compare(store: MessageStore, naive: NaiveStore): void {
  const sizes = naive.messages.map(({ subject, headers, payload }) =>
    store.sizeOf(subject, headers?.length ?? 0, payload.length),
  );
  expect(store.count).toBe(naive.messages.length);
  expect(store.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
  expect(store.last).toBe(naive.last);
  expect(store.first).toBe(naive.first);
  for (const message of naive.messages) expect(store.get(message.sequence)).toEqual(message);
  for (const [subject, { length }] of store.subjects) expect(length).toBe(naive.passing([subject], 0).length);
  const present = new Set(naive.messages.map(({ sequence }) => sequence));
  const between = Array.from({ length: naive.last - naive.first + 1 }, (_, i) => naive.first + i);
  expect(store.deleted()).toEqual(present.size === 0 ? [] : between.filter((sequence) => !present.has(sequence)));
}

function lastOfEach(naive: NaiveStore, filter: Filter, upTo: number): number[] {
  const last = new Map<string, number>();
  for (const { subject, sequence } of naive.passing(filter, 0)) if (sequence <= upTo) last.set(subject, sequence);
  return [...last.values()].sort((a, b) => a - b);
}
