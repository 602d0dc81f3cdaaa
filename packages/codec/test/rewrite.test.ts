// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { latin1, fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { compileGrammar } from "../src/grammar.ts";
import { clientFrames, type Grammar, Scanner, UsageError } from "../src/index.ts";
import {
  type Changes,
  encodeInto,
  PartScanner,
  Rewriter,
  replyStartsWith,
  splice,
  spliceInto,
} from "../src/rewrite.ts";

/** Returns a scanner that stands on the first frame of a text. */
function at(bytes: string, grammar: Grammar<unknown> = clientFrames): Scanner {
  const scanner = new Scanner(grammar);
  scanner.push(latin1(bytes));
  scanner.next();
  return scanner;
}

const spliced = (frame: string, changes: Changes, grammar?: Grammar<unknown>): string =>
  text(splice(at(frame, grammar), changes));

describe("splice", () => {
  const payload = latin1("pear");
  const headers = latin1("NATS/1.0\r\n\r\n");

  it.each<[frame: string, changes: Changes, result: string]>([
    ["PUB a.b 2\r\nhi\r\n", {}, "PUB a.b 2\r\nhi\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { subject: "c" }, "PUB c 2\r\nhi\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { subject: { add: "t." } }, "PUB t.a.b 2\r\nhi\r\n"],
    ["PUB a.b 2\r\nhi\r\n", { subject: { add: ">." } }, "PUB >.a.b 2\r\nhi\r\n"],
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

/** What a splice refuses, and how it says so. */
describe("splice of what a frame does not have", () => {
  const route = compileGrammar([
    { word: "RMSG", line: "account subject [reply] size" },
    { word: "TURN", line: "reply subject size" },
    { word: "HMSG", line: "account subject headers-size size" },
  ]);
  const pub = "PUB a.b r 2\r\nhi\r\n";

  it.each<[frame: string, changes: unknown, error: string, grammar?: Grammar<unknown>]>([
    ["", {}, "there is no frame to splice: call next() first"],
    [pub, null, "changes must be an object, not null"],
    [pub, { subjct: "a" }, 'unknown change "subjct": did you mean "subject"?'],
    [pub, { op: "a" }, 'unknown change "op"'],
    [pub, { subject: "a b" }, '"a b" is not a valid subject: it contains a space'],
    [pub, { subject: "a\r\nPING" }, '"a\\r\\nPING" is not a valid subject: it contains a CR'],
    [pub, { reply: "" }, '"" is not a valid reply: it is empty'],
    [pub, { subject: 1 }, "subject must be a string or an object, not a number"],
    [pub, { subject: [] }, "subject must be a string or an object, not an array"],
    [pub, { subject: { Add: "a." } }, 'unknown field "Add" of subject: use cut and add'],
    [pub, { reply: { prefix: "a." } }, 'unknown field "prefix" of reply: use cut and add'],
    ["SUB a 1\r\n", { subject: "a.>.b" }, '"a.>.b" is not a valid subject: a wildcard is not allowed there'],
    [
      "SUB a 1\r\n",
      { subject: { add: ">." } },
      'subject.add: ">.x" is not a valid subject: a wildcard is not allowed there',
    ],
    [pub, { subject: null }, "subject must be a string or an object, not null"],
    [
      pub,
      { subject: { cut: 3 } },
      "subject.cut must be a whole number from 0 to 2, less than the length of the subject, not 3",
    ],
    [
      pub,
      { reply: { cut: -1 } },
      "reply.cut must be a whole number from 0 to 0, less than the length of the reply, not -1",
    ],
    [
      pub,
      { subject: { cut: 0.5 } },
      "subject.cut must be a whole number from 0 to 2, less than the length of the subject, not 0.5",
    ],
    [pub, { subject: { add: "a " } }, 'subject.add: "a x" is not a valid subject: it contains a space'],
    [pub, { subject: { add: "a.." } }, 'subject.add: "a..x" is not a valid subject: it has an empty token'],
    [pub, { subject: { add: "." } }, 'subject.add: ".x" is not a valid subject: it has an empty token'],
    [pub, { subject: { add: 7 } }, "subject.add must be a string, not a number"],
    [pub, { payload: "hi" }, "payload must be a Uint8Array, not a string"],
    [pub, { headers: "hi" }, "headers must be a Uint8Array, not a string"],
    [pub, { subject: "a".repeat(65_536) }, "control line is 65544 bytes, limit 65536"],
    ["PING\r\n", { subject: "a" }, "PING has no subject"],
    ["UNSUB 1\r\n", { subject: "a" }, "UNSUB has no subject"],
    ["CONNECT {}\r\n", { subject: "a" }, "CONNECT has no subject"],
    ["SUB a q 1\r\n", { reply: "r" }, "SUB has no reply"],
    ["SUB a q 1\r\n", { payload: new Uint8Array() }, "SUB has no payload"],
    ["SUB a q 1\r\n", { headers: null }, "SUB has no headers"],
    ["RMSG A b 2\r\nhi\r\n", { reply: "r" }, "the reply of RMSG can be replaced, not added or removed", route],
    ["RMSG A b r 2\r\nhi\r\n", { reply: null }, "the reply of RMSG can be replaced, not added or removed", route],
    [
      "RMSG A b 2\r\nhi\r\n",
      { headers: new Uint8Array() },
      "the headers of RMSG can be replaced, not added or removed",
      route,
    ],
    ["HMSG A b 0 2\r\nhi\r\n", { headers: null }, "the headers of HMSG can be replaced, not added or removed", route],
  ])("fails for %j and %j: %s", (frame, changes, error, grammar) => {
    const code = /^control line/.test(error)
      ? "TOO_LARGE"
      : /\.cut must/.test(error)
        ? "BAD_NUMBER"
        : /valid (subject|reply)|add must/.test(error)
          ? "BAD_SUBJECT"
          : "BAD_FIELD";
    expect(() => spliced(frame, changes as Changes, grammar)).toThrow(new UsageError(code, error));
  });

  it("fails for a body that no size can declare", () => {
    const error = new UsageError("TOO_LARGE", "message is 1000000000 bytes, limit 999999999");
    expect(() => splice(at(pub), { payload: new Uint8Array(1_000_000_000) })).toThrow(error);
  });

  it("writes nothing if it fails", () => {
    const out = new Rewriter();
    expect(() => out.splice(at(pub), { subject: "a b" })).toThrow(UsageError);
    expect(() => out.splice(at(pub), { subject: "a".repeat(65_536) })).toThrow(UsageError);
    expect(() => out.pass(at(""))).toThrow("there is no frame to pass on: call next() first");
    expect([out.pending, out.pull()]).toEqual([0, undefined]);
  });

  it("replaces names in any order of a line", () => {
    expect(spliced("RMSG A b r 2\r\nhi\r\n", { subject: "c", reply: { add: "t." } }, route)).toBe(
      "RMSG A c t.r 2\r\nhi\r\n",
    );
    expect(spliced("TURN r b 2\r\nhi\r\n", { subject: "c", reply: "s" }, route)).toBe("TURN s c 2\r\nhi\r\n");
    expect(spliced("TURN r b 2\r\nhi\r\n", { payload: latin1("x") }, route)).toBe("TURN r b 1\r\nx\r\n");
    expect(spliced("HMSG A b 1 2\r\nhi\r\n", { headers: latin1("abc") }, route)).toBe("HMSG A b 3 4\r\nabci\r\n");
  });
});

describe("Rewriter", () => {
  it("copies a body of up to 8 KiB, however long the line is", () => {
    const body = ` ${"r".repeat(200)} 8192\r\n${"x".repeat(8192)}\r\n`;
    const chunk = latin1(`PUB a${body}`);
    const scanner = new Scanner(clientFrames);
    const out = new Rewriter();
    scanner.push(chunk);
    scanner.next();
    out.splice(scanner, { subject: "b" });
    out.pass(scanner);
    chunk.fill(0xaa);
    expect(text(out.pull()!)).toBe(`PUB b${body}PUB a${body}`);
  });

  it("takes nothing between the parts of a message", () => {
    const scanner = new PartScanner(clientFrames);
    const out = new Rewriter();
    scanner.push(latin1("PUB a 9000\r\nx"));
    scanner.next();
    out.splice(scanner, { subject: "b" });
    const other = at("PING\r\n");
    for (const call of [
      () => out.push({ op: "ping" }),
      () => out.pushCopy({ op: "ping" }),
      () => out.pass(other),
      () => out.splice(other, {}),
    ]) {
      expect(call).toThrow(new UsageError("BAD_FIELD", "a message is not complete: pass on its later parts first"));
    }
    scanner.push(latin1(`${"x".repeat(8999)}\r\n`));
    scanner.next();
    expect(() => new Rewriter().pass(scanner)).toThrow("pass on the first part of a message before the later ones");
    out.pass(scanner);
    out.push({ op: "ping" });
    expect(out.pending).toBe("PUB b 9000\r\n".length + 9000 + 2 + "PING\r\n".length);
  });
});

describe("encodeInto and spliceInto", () => {
  it.each([-1, 0.5, Number.NaN])("reject the position %d", (position) => {
    const error = new UsageError("BAD_NUMBER", `the position must be a whole number from 0, not ${position}`);
    expect(() => encodeInto({ op: "ping" }, new Uint8Array(99), position)).toThrow(error);
    expect(() => spliceInto(at("PING\r\n"), {}, new Uint8Array(99), position)).toThrow(error);
  });
});

describe("replyStartsWith", () => {
  it("is false for the queue group of a SUB", () => {
    expect(replyStartsWith(at("SUB a inbox.q 1\r\n"), "inbox.")).toBe(false);
    expect(replyStartsWith(at("PUB a inbox.q 0\r\n\r\n"), "inbox.")).toBe(true);
  });
});
