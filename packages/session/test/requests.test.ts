// SPDX-License-Identifier: Apache-2.0
import { array, assert, constant, constantFrom, integer, oneof, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { Requests } from "../src/requests.ts";

const make = (): Requests => new Requests("_INBOX", (into) => into.fill(7));

describe("Requests", () => {
  it("has an inbox with 96 random bits", () => {
    const seen = new Uint8Array(16);
    new Requests("_INBOX", (into) => void seen.set(into.fill(1)));
    expect(seen.every((byte) => byte === 1)).toBe(true);
    expect(make().pattern).toBe(`_INBOX.${"7".repeat(16)}.*`);
  });

  it("settles a request by its own subject only, once", () => {
    const requests = make();
    requests.add(3, { subject: "a", timeout: 100, many: undefined, replies: 0 }, 0);
    const reply = requests.replyTo(3);
    for (const other of [
      "",
      "3",
      `${reply}.x`,
      `x${reply}`,
      reply.replace(/3$/, "03"),
      reply.replace(/3$/, "4"),
      reply.replace(/3$/, "3e0"),
    ]) {
      expect(requests.ticketOf(other) === 3).toBe(false);
    }
    expect(requests.ticketOf(reply)).toBe(3);
    const settle = (): string => requests.settle(3, true, 0);
    expect([settle(), settle(), requests.size]).toEqual(["only", "unmatched", 0]);
  });

  it("reads a ticket of 1 to 15 digits after the inbox, nothing else", () => {
    const requests = make();
    const inbox = requests.replyTo(1).slice(0, -1);
    const ticketOf = (text: string): number => requests.ticketOf(text);
    for (const ticket of [1, 9, 10, 90, 109, 999_999_999_999_999]) expect(ticketOf(inbox + ticket)).toBe(ticket);
    for (const text of ["", "0", "01", "00", "1:", ":1", "1/", "/1", "-1", "1.", "1e3", "+1", "1".repeat(16)]) {
      expect([text, ticketOf(inbox + text)]).toEqual([text, 0]);
    }
    // As long as the inbox, and not the inbox.
    expect(ticketOf(`${inbox.slice(0, -2)}x.1`)).toBe(0);
    expect(ticketOf(`_${inbox}1`.slice(0, inbox.length + 1))).toBe(0);
    expect(ticketOf("1")).toBe(0);
  });

  it("times out in the order of a list sorted by time", () => {
    const step = oneof(
      record({ what: constant("add" as const), timeout: constantFrom(10, 20, 300) }),
      record({ what: constant("settle" as const), ticket: integer({ min: 1, max: 20 }) }),
      record({ what: constant("pass" as const), time: integer({ min: 0, max: 50 }) }),
    );
    assert(
      property(array(step, { maxLength: 60 }), (steps) => {
        const requests = make();
        const model = new Map<number, number>();
        let [now, ticket] = [0, 0];
        for (const one of steps) {
          if (one.what === "add") {
            requests.add(++ticket, { subject: "a", timeout: one.timeout, many: undefined, replies: 0 }, now);
            model.set(ticket, now + one.timeout);
          } else if (one.what === "settle") {
            const settled = requests.settle(requests.ticketOf(requests.replyTo(one.ticket)), false, now);
            expect(settled).toBe(model.delete(one.ticket) ? "only" : "unmatched");
          } else {
            now += one.time;
            const due = [...model].filter(([, by]) => by <= now).map(([due]) => due);
            const found = requests.due(now).map(([due]) => due);
            expect(found.sort((a, b) => a - b)).toEqual(due);
            for (const one of due) model.delete(one);
          }
          expect(requests.deadline ?? Number.POSITIVE_INFINITY).toBe(Math.min(...model.values()));
          expect(requests.size).toBe(model.size);
        }
        expect(requests.clear().sort((a, b) => a - b)).toEqual([...model.keys()]);
        expect(requests.deadline).toBe(undefined);
      }),
    );
  });
});
