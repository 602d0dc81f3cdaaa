// SPDX-License-Identifier: Apache-2.0
import { array, assert, constant, constantFrom, integer, oneof, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { Timer, Timers } from "../src/timers.ts";

describe("Timers", () => {
  it("are due in the order of a list sorted by time", () => {
    const step = oneof(
      record({
        what: constant("start" as const),
        timer: integer({ min: 0, max: 9 }),
        after: constantFrom(10, 20, 300),
      }),
      record({ what: constant("stop" as const), timer: integer({ min: 0, max: 9 }) }),
      record({ what: constant("pass" as const), time: integer({ min: 0, max: 50 }) }),
    );
    assert(
      property(array(step, { maxLength: 60 }), (steps) => {
        const timers = new Timers<number>();
        const all = Array.from({ length: 10 }, (_, i) => new Timer(i));
        const model = new Map<number, number>();
        let now = 0;
        for (const one of steps) {
          if (one.what === "pass") {
            now += one.time;
            const expected = [...model].filter(([, at]) => at <= now).map(([timer]) => timer);
            const due: number[] = [];
            for (let next = timers.takeDue(now); next !== undefined; next = timers.takeDue(now)) due.push(next);
            expect(due.sort()).toEqual(expected.sort());
            for (const timer of due) model.delete(timer);
          } else if (one.what === "start") {
            timers.start(all[one.timer]!, one.after, now);
            model.set(one.timer, now + one.after);
          } else {
            timers.stop(all[one.timer]!);
            model.delete(one.timer);
          }
          const deadlines = [...model.values()];
          expect(timers.deadline).toBe(deadlines.length === 0 ? undefined : Math.min(...deadlines));
        }
      }),
    );
  });

  it("are due in the order of their starts if their durations are equal", () => {
    const timers = new Timers<string>();
    for (const name of ["a", "b", "c"]) timers.start(new Timer(name), 5, 0);
    expect([timers.takeDue(4), timers.takeDue(5), timers.takeDue(5), timers.takeDue(5), timers.takeDue(5)]).toEqual([
      undefined,
      "a",
      "b",
      "c",
      undefined,
    ]);
  });

  it("keep at most 64 empty rings, and every timer", () => {
    const timers = new Timers<number>();
    const kept = new Timer(0);
    timers.start(kept, 7, 0);
    for (let duration = 10; duration < 1000; duration++) {
      const timer = new Timer(duration);
      timers.start(timer, duration, 0);
      timers.stop(timer);
      expect(timers.durations).toBeLessThanOrEqual(65);
    }
    expect(timers.takeDue(7)).toBe(0);
  });
});
