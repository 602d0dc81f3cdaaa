// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadlines } from "../src/deadlines.ts";

describe("deadlines", () => {
  it("are taken in the order of their times, then of the connections", () => {
    const times = fc.array(fc.tuple(fc.nat(20), fc.nat(5)), { maxLength: 200 });
    const law = fc.property(times, fc.nat(20), (all, now) => {
      const deadlines = new Deadlines(() => true);
      for (const [at, id] of all) deadlines.add(at, id);
      const inOrder = [...all].sort(([a, one], [b, other]) => a - b || one - other);
      expect(deadlines.takeDue(now)).toEqual(inOrder.filter(([at]) => at <= now).map(([, id]) => id));
      expect(deadlines.next).toBe(inOrder.find(([at]) => at > now)?.[0]);
    });
    fc.assert(law);
  });

  it("of closed connections are removed, and infinite ones never added", () => {
    const deadlines = new Deadlines((id) => id === 7);
    for (let id = 0; id < 64; id++) deadlines.add(100 - id, id);
    deadlines.add(Number.POSITIVE_INFINITY, 7);
    expect(deadlines.next).toBe(37);
    deadlines.add(200, 7);
    expect(deadlines.next).toBe(93);
    expect(deadlines.takeDue(1000)).toEqual([7, 7]);
  });

  it("of open connections are checked once for each one added, at most", () => {
    let checks = 0;
    const deadlines = new Deadlines(() => ++checks > 0);
    for (let id = 0; id < 1000; id++) deadlines.add(id, id);
    expect(checks).toBeLessThanOrEqual(1000);
  });
});
