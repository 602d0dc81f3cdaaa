// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { LastLine } from "../src/last-line.ts";
import { latin1 } from "./reading.ts";

const viewOf = (text: string): DataView => new DataView(latin1(text).buffer);

describe("LastLine", () => {
  it("expects nothing at first", () => {
    expect(new LastLine().length).toBe(0);
  });

  it.each([
    [7, 0],
    [8, 8],
    [9, 9],
    [15, 15],
    [16, 16],
    [17, 17],
    [24, 24],
    [127, 127],
    [128, 128],
    [129, 0],
  ])("a start of %i bytes: %i are expected", (length, expected) => {
    const last = new LastLine();
    const start = "MSG abcdefghijklmnopqrstuvwxyz0123456789".repeat(4).slice(0, length);
    last.learn(viewOf(`..${start}..`), 2, length);
    expect(last.length).toBe(expected);
    if (expected === 0) return;
    expect(last.isAt(viewOf(start), 0, length)).toBe(true);
    expect(last.isAt(viewOf(`...${start}x`), 3, length + 4)).toBe(true);
    // Too close to the end, be it the buffer's or that of what was received.
    expect(last.isAt(viewOf(start), 0, length - 1)).toBe(false);
    expect(last.isAt(viewOf(`.${start}`), 1, length)).toBe(false);
    for (let i = 0; i < length; i++) {
      const other = start.slice(0, i) + String.fromCharCode(start.charCodeAt(i) ^ 1) + start.slice(i + 1);
      expect(last.isAt(viewOf(other), 0, length)).toBe(false);
    }
  });

  it("forgets the text and the line before", () => {
    const last = new LastLine();
    last.learn(viewOf("MSG abc 1 "), 0, 10);
    last.text = "abc";
    last.learn(viewOf("MSG abd 1 "), 0, 10);
    expect(last.text).toBeUndefined();
    expect(last.isAt(viewOf("MSG abc 1 "), 0, 10)).toBe(false);
    expect(last.isAt(viewOf("MSG abd 1 "), 0, 10)).toBe(true);
    last.learn(viewOf("MSG a"), 0, 5);
    expect(last.length).toBe(0);
  });
});
