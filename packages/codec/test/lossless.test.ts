// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latin1, fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { oracle } from "../../../tools/testkit/oracle.ts";
import { type AnyFrame, clientFrames, Decoder, encode, type Grammar, serverFrames, UsageError } from "../src/index.ts";
import { runs } from "./runs.ts";

const empty = new Uint8Array(0);
const none = { reply: undefined, headers: undefined, payload: empty, flaw: undefined } as const;

/** Returns the only frame of a line. */
function decode(line: string, grammar: Grammar<unknown> = clientFrames): AnyFrame {
  const decoder = new Decoder(grammar);
  decoder.push(latin1(line));
  const frame = decoder.pull();
  expect([decoder.pull(), decoder.buffered]).toEqual([undefined, 0]);
  return frame as AnyFrame;
}

describe("A subject with wildcard tokens", () => {
  it.each(["$JS.API.CONSUMER.CREATE.S.c.orders.>", "*", ">", "a.*.b", "a.>.b", ">.*"])(
    "is published, relayed and replied to as it is: %s",
    (name) => {
      expect(text(encode({ op: "pub", subject: name, ...none, reply: name }))).toBe(`PUB ${name} ${name} 0\r\n\r\n`);
      expect(text(encode({ op: "pub", subject: name, ...none, headers: empty }))).toBe(`HPUB ${name} 0 0\r\n\r\n`);
      expect(text(encode({ op: "msg", subject: name, sid: 1, ...none, reply: name }))).toBe(
        `MSG ${name} 1 ${name} 0\r\n\r\n`,
      );
      expect(decode(`PUB ${name} ${name} 0\r\n\r\n`)).toEqual({ op: "pub", subject: name, ...none, reply: name });
    },
  );
});

describe("A frame with a flaw", () => {
  it.each([
    "PUB a..b 0\r\n\r\n",
    "PUB . 0\r\n\r\n",
    "PUB a\rb 0\r\n\r\n",
    "PUB \r \r 0\r\n\r\n",
    "PUB a\0b r\x01\x7f 2\r\nhi\r\n",
    "PUB \x0b\x0c 0\r\n\r\n",
    "PUB caf\xc3 0\r\n\r\n",
    "PUB \xff\xfe.\x80 \xc3\xa9.\xff 0\r\n\r\n",
    "PUB \xed\xa0\x80 0\r\n\r\n",
    "PUB \xef\xbb\xbf..a 0\r\n\r\n",
    "HPUB a..b \xff 2 4\r\nhead\r\n",
    `PUB ${"a".repeat(200)}\xff. ${"\xe9".repeat(200)} 0\r\n\r\n`,
  ])("is encoded to the bytes that it was decoded from: %j", (line) => {
    const pub = decode(line);
    expect(pub).toHaveProperty("flaw", expect.any(String));
    expect(text(encode(pub))).toBe(line);
    const msg = decode(line.replace(/^(H?)PUB ([^ ]+) /, "$1MSG $2 7 "), serverFrames);
    expect(decode(text(encode(msg)), serverFrames)).toEqual(msg);
  });

  it("decodes two different names to two different strings", () => {
    const names = ["\xff", "\xfe", "\xef\xbf\xbd", "\xff\xff", "\xc3\xbf", "a\xff"];
    const subjects = names.map((name) => (decode(`PUB ${name} 0\r\n\r\n`) as { subject: string }).subject);
    expect(new Set(subjects).size).toBe(names.length);
    expect(subjects.slice(0, 3)).toEqual(["\udcff", "\udcfe", "\ufffd"]);
  });

  it.each<[what: string, subject: string]>([
    ["a space", "a..b c"],
    ["a tab", "a\tb"],
    ["an LF", "a\nb"],
    ["a CR LF", "a\r\nPING"],
    ["nothing", ""],
    ["a surrogate that stands for no byte", "a\ud800"],
    ["a surrogate that stands for an ASCII byte", "a\udc20"],
    ["bytes that are UTF-8 together", "\udcc3\udca9"],
    ["letters beyond ASCII beside bytes that are not UTF-8", "é\udcff"],
  ])("is rejected if its name holds %s", (_, subject) => {
    for (const flaw of ["subject", "both"] as const) {
      const reply = flaw === "both" ? subject : undefined;
      expect(() => encode({ op: "pub", subject, ...none, reply, flaw })).toThrow(UsageError);
      expect(() => encode({ op: "msg", subject, sid: 1, ...none, reply, flaw })).toThrow(UsageError);
    }
    expect(() => encode({ op: "pub", subject: "a", ...none, reply: subject, flaw: "reply" })).toThrow(UsageError);
  });

  it("is rejected if its flaw is not that of its names", () => {
    const flaws = [undefined, "subject", "reply", "both"] as const;
    const names = [
      ["a", "b"],
      ["a.", "b"],
      ["a", "b."],
      ["a.", "b."],
    ] as const;
    for (const [i, [subject, reply]] of names.entries()) {
      const accepted = flaws.filter((flaw) => {
        try {
          return encode({ op: "pub", subject, ...none, reply, flaw }).length > 0;
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
          return false;
        }
      });
      expect(accepted).toEqual([flaws[i]]);
    }
    expect(() => encode({ op: "pub", subject: "a.", ...none, flaw: "yes" as never })).toThrow(UsageError);
  });

  it("is encoded to that frame and nothing else, or rejected", () => {
    const hostile = fc.string({
      unit: fc.constantFrom(..."ab.*> \t\r\n\0\x7fé\ud800\udc0a\udc20\udcff\udcc3\udca9", "\r\nPING\r\n"),
      maxLength: 6,
    });
    const flaw = fc.constantFrom(undefined, "subject" as const, "reply" as const, "both" as const);
    const law = fc.property(hostile, fc.option(hostile, { nil: undefined }), flaw, (subject, reply, flaw) => {
      const frame: AnyFrame = { op: "pub", subject, ...none, reply, flaw };
      let wire: Uint8Array;
      try {
        wire = encode(frame);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        return;
      }
      expect(oracle(wire, "client")).toEqual({ frames: [frame], fault: undefined, rest: wire.length });
    });
    fc.assert(law, runs(20_000));
  });
});
