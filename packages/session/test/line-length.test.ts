// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { checkLineLength } from "../src/line-length.ts";

it.each(["\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}", "aé€😀"])(
  "counts the bytes of %j in UTF-8",
  (text) => {
    const bytes = new TextEncoder().encode(text).length;
    checkLineLength([text], bytes);
    expect(() => checkLineLength([text], bytes - 1)).toThrow(`control line is ${bytes} bytes, limit ${bytes - 1}`);
  },
);

it("counts the blanks between arguments, and no missing argument", () => {
  checkLineLength(["a", undefined, 12], 4);
  expect(() => checkLineLength(["a", undefined, 12], 3)).toThrow("control line is 4 bytes, limit 3 (maxControlLine)");
});
