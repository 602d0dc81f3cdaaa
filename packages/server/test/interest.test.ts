// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Interest, type InterestCounts } from "../src/interest.ts";
import type { Receiver, Subscription } from "../src/subscription.ts";

// The subscriptions in all cached results, and one for each result.
const LIMIT = 32_768;

const receiver: Receiver = {
  subscriptions: new Map(),
  permissions: {},
  echo: true,
  closing: false,
  isModule: false,
  deliver: () => {},
};
let lastSid = 0;

/** Adds subscriptions to a pattern. Returns the last one. */
function add(interest: Interest, pattern: string, count = 1, queue?: string): Subscription {
  let subscription!: Subscription;
  for (let i = 0; i < count; i++) {
    const sid = String(++lastSid);
    subscription = { receiver, pattern, queue, sid, delivered: 0, max: undefined, filtered: false };
    interest.add(subscription);
  }
  return subscription;
}

const counts = (): InterestCounts => ({ inserts: 0, removes: 0, matches: 0, misses: 0 });

describe("a subscription", () => {
  it("is removed once", () => {
    const counted = counts();
    const interest = new Interest(counted);
    const [first, second] = [add(interest, "a"), add(interest, "a")];
    interest.remove(first);
    interest.remove(first);
    expect(counted).toMatchObject({ inserts: 2, removes: 1 });
    expect(interest.receiversOf("a")).toEqual({ plain: [second], groups: [] });
  });
});

describe("the cached receivers of a subject", () => {
  it("stay until a subscription that may match it comes or goes", () => {
    const interest = new Interest(counts());
    const before = interest.receiversOf("a");
    interest.remove(add(interest, "b"));
    expect(interest.receiversOf("a")).toBe(before);
    for (const pattern of ["a", "*", ">"]) {
      const subscription = add(interest, pattern);
      expect(interest.receiversOf("a")).toEqual({ plain: [subscription], groups: [] });
      interest.remove(subscription);
      expect(interest.receiversOf("a")).toEqual({ plain: [], groups: [] });
    }
  });

  it.each([undefined, "q"])("are not kept if they exceed the limit (queue: %s)", (queue) => {
    const interest = new Interest(counts());
    add(interest, "a", LIMIT - 1, queue);
    const most = interest.receiversOf("a");
    expect(interest.receiversOf("a") === most).toBe(true);
    add(interest, "a", 1, queue);
    const tooMany = interest.receiversOf("a");
    expect(interest.receiversOf("a") === tooMany).toBe(false);
  });

  it("are all forgotten if together they exceed the limit", () => {
    const interest = new Interest(counts());
    add(interest, "a", 9_999);
    add(interest, "b", LIMIT - 10_001);
    const [a, b] = [interest.receiversOf("a"), interest.receiversOf("b")];
    expect([interest.receiversOf("a") === a, interest.receiversOf("b") === b]).toEqual([true, true]);
    const c = interest.receiversOf("c");
    expect(interest.receiversOf("a") === a).toBe(false);
    // They have room again.
    expect(interest.receiversOf("c") === c).toBe(true);
  });

  it("leave room for others if they change", () => {
    const interest = new Interest(counts());
    add(interest, "a", LIMIT / 2);
    const b = interest.receiversOf("b");
    for (let i = 0; i < 5; i++) {
      interest.receiversOf("a");
      add(interest, "a");
    }
    expect(interest.receiversOf("b")).toBe(b);
  });
});
