// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { LastLine } from "../src/decode/last-line.ts";

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
  ])("expects, of a start of %i bytes, %i again", (length, expected) => {
    const last = new LastLine();
    const start = "MSG abcdefghijklmnopqrstuvwxyz0123456789".repeat(4).slice(0, length);
    last.learn(viewOf(`..${start}..`), 2, length);
    expect(last.length).toBe(expected);
    if (expected === 0) return;
    expect(last.isAt(viewOf(start), 0, length)).toBe(true);
    expect(last.isAt(viewOf(`...${start}x`), 3, length + 4)).toBe(true);
    // Too close to the end of the buffer, or of the received bytes.
    expect(last.isAt(viewOf(start), 0, length - 1)).toBe(false);
    expect(last.isAt(viewOf(`.${start}`), 1, length)).toBe(false);
    for (let i = 0; i < length; i++) {
      const other = start.slice(0, i) + String.fromCharCode(start.charCodeAt(i) ^ 1) + start.slice(i + 1);
      expect(last.isAt(viewOf(other), 0, length)).toBe(false);
    }
  });

  it("forgets the text and the line", () => {
    const last = new LastLine();
    last.learn(viewOf("MSG abc 1 "), 0, 10);
    last.learnEnd(viewOf("MSG abc 1 5\r\n"), 0, 13, -1, 5);
    last.learnEnd(viewOf("MSG abc 1 5\r\n"), 0, 13, -1, 5);
    last.text = "abc";
    last.forget();
    expect([last.length, last.line, last.text]).toEqual([0, 0, undefined]);
    last.learn(viewOf("MSG abd 1 "), 0, 10);
    expect(last.isAt(viewOf("MSG abc 1 "), 0, 10)).toBe(false);
    expect(last.isAt(viewOf("MSG abd 1 "), 0, 10)).toBe(true);
  });

  it("expects the whole line after the same sizes twice", () => {
    const last = new LastLine();
    const five = "MSG abc 1 5\r\n";
    const six = "MSG abc 1 6\r\n";
    last.learn(viewOf(five), 0, 10);
    expect(last.endsAt(viewOf(five), 0, 13)).toBe(false);
    last.learnEnd(viewOf(five), 0, 13, -1, 5);
    expect(last.endsAt(viewOf(five), 0, 13)).toBe(false);
    last.learnEnd(viewOf(`..${five}`), 2, 13, -1, 5);
    expect(last.endsAt(viewOf(`...${five}`), 3, 16)).toBe(true);
    expect(last.endsAt(viewOf(`...${five}`), 3, 15)).toBe(false);
    expect(last.endsAt(viewOf(six), 0, 13)).toBe(false);
    last.learnEnd(viewOf(six), 0, 13, -1, 6);
    expect(last.endsAt(viewOf(five), 0, 13)).toBe(false);
    last.learnEnd(viewOf(six), 0, 13, 0, 6);
    expect([last.endsAt(viewOf(six), 0, 13), last.line, last.headers, last.size]).toEqual([true, 13, 0, 6]);
  });

  it.each([
    ["99999", 17, true],
    ["999999", 18, true],
    ["9999999", 19, false],
  ])("expects the line with size %s if at most eight bytes follow its start", (size, length, expected) => {
    const last = new LastLine();
    const line = viewOf(`MSG abc 1 ${size}\r\n`);
    last.learn(line, 0, 10);
    last.learnEnd(line, 0, length, -1, Number(size));
    last.learnEnd(line, 0, length, -1, Number(size));
    expect(last.endsAt(line, 0, length)).toBe(expected);
  });
});
