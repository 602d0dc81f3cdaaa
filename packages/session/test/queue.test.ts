// SPDX-License-Identifier: Apache-2.0
import { array, assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { Queue } from "../src/queue.ts";

describe("Queue", () => {
  it("returns items in order, however push and shift alternate", () => {
    assert(
      property(array(integer({ min: -40, max: 40 }), { maxLength: 60 }), (turns) => {
        const [queue, model]: [Queue<number>, number[]] = [new Queue(), []];
        let last = 0;
        for (const turn of turns) {
          for (let i = 0; i < turn; i++) {
            queue.push(++last);
            model.push(last);
          }
          for (let i = 0; i > turn; i--) expect(queue.shift()).toBe(model.shift());
        }
        while (model.length > 0) expect(queue.shift()).toBe(model.shift());
        expect(queue.shift()).toBe(undefined);
      }),
    );
  });

  it("works after it was very long and became empty", () => {
    const queue = new Queue<number>();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 10_000; i++) queue.push(i);
      for (let i = 0; i < 10_000; i++) expect(queue.shift()).toBe(i);
      expect(queue.shift()).toBe(undefined);
    }
  });
});
