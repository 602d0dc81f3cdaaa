// SPDX-License-Identifier: Apache-2.0
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import type { Codec } from "../../../../packages/fuzz/src/reading.ts";

/** Returns the laws of subjects, patterns and tokens: they agree with regular expressions. An input is two names. */
export function subjectLaws(codec: Codec): (input: Uint8Array) => void {
  return (input) => {
    const text = Buffer.from(input).toString(input.length % 2 === 0 ? "latin1" : "utf8");
    const [one = "", two = ""] = text.replaceAll("\x90", "\ud800").split("\x1f");
    for (const name of [one, two]) {
      says(
        "isSubject",
        codec.isSubject(name),
        isName(name) && !name.split(".").some((t) => t === "*" || t === ">"),
        name,
      );
      says("isPattern", codec.isPattern(name), isPattern(name), name);
      says("isQueue", codec.isQueue(name), isToken(name), name);
    }
    const expected = isPattern(one) && isName(two) && expression(one).test(two);
    says("matches", codec.matches(one, two), expected, `${one} ${two}`);
  };
}

function says(what: string, found: boolean, expected: boolean, text: string): void {
  if (found !== expected)
    throw new LawBroken(`${what} agrees with its regular expression`, `${JSON.stringify(text)}: ${found}`);
}

function isToken(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are forbidden
  return /^[^\x00-\x20\x7f\p{Surrogate}]+$/u.test(text);
}

function isName(text: string): boolean {
  return isToken(text) && !/^\.|\.\.|\.$/.test(text);
}

function isPattern(text: string): boolean {
  return isName(text) && !/(^|\.)>\./.test(text);
}

function expression(pattern: string): RegExp {
  const tokens = pattern.split(".").map((token, i, all) => {
    if (token === "*") return "[^.]+";
    return token === ">" && i === all.length - 1 ? ".+" : token.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  });
  return new RegExp(`^${tokens.join("\\.")}$`, "su");
}
