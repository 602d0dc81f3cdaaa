// SPDX-License-Identifier: Apache-2.0
import { Scanner, serverFrames } from "@natswire/codec";
import { assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { Inbox } from "../src/inbox.ts";

/** Returns a scanner that stands on a message with this subject. */
function messageTo(subject: string): Scanner {
  const scanner = new Scanner(serverFrames);
  scanner.push(new TextEncoder().encode(`MSG ${subject} 1 0\r\n\r\n`));
  scanner.next();
  return scanner;
}

const random = (into: Uint8Array<ArrayBuffer>): void => void crypto.getRandomValues(into);

describe("Inbox", () => {
  it("has 96 random bits", () => {
    const seen = new Uint8Array(16);
    new Inbox("_INBOX", (into) => void seen.set(into.fill(1)));
    expect(seen.every((byte) => byte === 1)).toBe(true);
    expect(new Inbox("_INBOX", (into) => into.fill(7)).pattern).toBe(`_INBOX.${"7".repeat(16)}.*`);
  });

  it("finds every slot in its reply subjects, and only in their digits", () => {
    const inbox = new Inbox("a.b", random);
    assert(
      property(integer({ min: 0, max: 2 ** 20 - 1 }), (slot) => {
        const reply = inbox.replyTo(slot);
        expect(inbox.slotOf(messageTo(reply))).toBe(slot);
        for (const other of ["P", "PPPPPPPPPPPPPPP"]) {
          expect(inbox.slotOf(messageTo(other))).toBe(-1);
        }
        const start = reply.length - 16;
        for (const odd of ["!", ".", "0", "@", "Q", "a", "\x7f", "é", "*", ">"]) {
          expect(inbox.slotOf(messageTo(reply.slice(0, start) + odd + reply.slice(start + 1)))).toBe(-1);
        }
      }),
    );
  });

  it("is not matched by the subject of a request with an inbox of its own", () => {
    expect(new Inbox("_INBOX", (into) => into.fill(7)).replyTo(5, true)).toBe(
      `_INBOX.${"7".repeat(16)}.own.AAAAF${"7".repeat(11)}`,
    );
  });

  it("gives each request 66 bits that no earlier request had", () => {
    let bytes = 0;
    const inbox = new Inbox("_INBOX", (into) => {
      bytes += into.length;
      random(into);
    });
    const tags = Array.from({ length: 10_000 }, (_, slot) => inbox.replyTo(slot % 3, slot % 2 === 0).slice(-11));
    expect(new Set(tags).size).toBe(tags.length);
    expect(bytes).toBeGreaterThanOrEqual(11 * 10_000);
    // Each digit takes all 64 values: no bit of it is fixed.
    for (let digit = 0; digit < 11; digit++) expect(new Set(tags.map((tag) => tag[digit])).size).toBe(64);
  });
});
