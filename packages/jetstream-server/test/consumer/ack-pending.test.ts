// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AckPending } from "../../src/consumer/ack-pending.ts";

describe("messages that wait for an ack", () => {
  it("are found by their sequence, in whatever order they go", () => {
    const step = fc.record({ gap: fc.integer({ min: 1, max: 5 }), removes: fc.nat(3), at: fc.nat(1000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const pending = new AckPending();
        let expected: number[] = [];
        let sequence = 0;
        for (const [i, { gap, removes, at }] of steps.entries()) {
          sequence += gap;
          const slot = pending.add(sequence, i + 1);
          expect(pending.consumerOf(slot)).toBe(i + 1);
          expected.push(sequence);
          for (let k = 0; k < removes && expected.length > 0; k++) {
            const gone = expected[at % expected.length]!;
            pending.remove(pending.find(gone));
            expected = expected.filter((one) => one !== gone);
            expect(pending.find(gone)).toBe(-1);
          }
        }
        expect([...pending].map((slot) => pending.streamOf(slot))).toEqual(expected);
        expect(pending.count).toBe(expected.length);
        expect(pending.first === -1 ? undefined : pending.streamOf(pending.first)).toBe(expected[0]);
        for (const one of expected) expect(pending.streamOf(pending.find(one))).toBe(one);
      }),
      { numRuns: 100 },
    );
  });
});
