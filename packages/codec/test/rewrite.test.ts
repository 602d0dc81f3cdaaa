// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latin1, fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { clientFrame, serverFrame } from "../src/arbitrary.ts";
import { compileGrammar } from "../src/grammar.ts";
import { type Changes, encodeInto, Rewriter, replyStartsWith, splice, spliceInto, subjectBytes, subjectHash, subjectStartsWith } from "../src/rewrite.ts";
import {
  clientFrames,
  Decoder,
  encode,
  type Grammar,
  Scanner,
  serverFrames,
  UsageError,
} from "../src/index.ts";
import { runs } from "./runs.ts";

/** Returns a scanner that stands on the first frame of a text. */
function at(bytes: string, grammar: Grammar<unknown> = clientFrames): Scanner {
  const scanner = new Scanner(grammar);
  scanner.push(latin1(bytes));
  scanner.next();
  return scanner;
}

const spliced = (frame: string, changes: Changes, grammar?: Grammar<unknown>): string => text(splice(at(frame, grammar), changes));

describe("splice", () => {
  const payload = latin1("pear");
  const headers = latin1("NATS/1.0\r\n\r\n");

  it.each<[frame: string, changes: Changes, result: string]>([
    ["PUB a.b 2\r\nhi\r\n", {}, "PUB a.b 2\r\nhi\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { subject: "c" }, "PUB c 2\r\nhi\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { subject: { add: "t." } }, "PUB t.a.b 2\r\nhi\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { subject: { cut: 2 } }, "PUB b 2\r\nhi\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { subject: { cut: 2, add: "x.y." } }, "PUB x.y.b 2\r\nhi\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { subject: "é.*" }, "PUB \xc3\xa9.* 2\r\nhi\r\n"],
    ["PUB a.b r 2\r\nhi\r\n", { reply: "s" }, "PUB a.b s 2\r\nhi\r\n"],
    ["PUB a.b r 2\r\nhi\r\n", { reply: { add: "t." }, subject: "c" }, "PUB c t.r 2\r\nhi\r\n"],
    ["PUB a.b r 2\r\nhi\r\n", { reply: null }, "PUB a.b 2\r\nhi\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { reply: null }, "PUB a.b 2\r\nhi\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { reply: "r" }, "PUB a.b r 2\r\nhi\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { reply: { add: "t." } }, "PUB a.b 2\r\nhi\r\n"],
    ["PUB a.b r 2\r\nhi\r\n", { payload }, "PUB a.b r 4\r\npear\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { headers }, "HPUB a.b 12 14\r\nNATS/1.0\r\n\r\nhi\r\n"],
    ["HPUB a.b 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", { headers: null }, "PUB a.b 2\r\nhi\r\n"],
    ["HPUB a.b 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", { payload }, "HPUB a.b 12 16\r\nNATS/1.0\r\n\r\npear\r\n"],
    ["HPUB a.b 2 4\r\nXXhi\r\n", { headers, reply: "r" }, "HPUB a.b r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n"],
    ["hpub\ta.b  r\t2  4 \nXXhi\r\n", { headers: null, reply: null, subject: "c" }, "pub\tc  2\r\nhi\r\n"],
    ["hpub\ta.b  r\t2  4 \nXXhi\r\n", { reply: null }, "hpub\ta.b  2  4 \nXXhi\r\n"],
    ["SUB a.* 1\r\n", { subject: { add: "t." } }, "SUB t.a.* 1\r\n"],
    ["SUB a.* q 1\r\n", { subject: "b" }, "SUB b q 1\r\n"],
    ["UNSUB 1\r\n", {}, "UNSUB 1\r\n"],
    // What was there stays as it was, a flaw included.
    ["PUB a..\x01 \xff 2\r\nhi\r\n", { subject: { add: "t." } }, "PUB t.a..\x01 \xff 2\r\nhi\r\n"],
  ])("replaces in %j what %j names", (frame, changes, result) => {
    expect(spliced(frame, changes)).toBe(result);
  });
});
