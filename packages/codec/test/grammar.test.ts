// SPDX-License-Identifier: Apache-2.0
import { describe, expect, expectTypeOf, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { compileGrammar, type FrameOf, type Row } from "../src/grammar.ts";
import {
  clientFrames,
  Decoder,
  type Grammar,
  Scanner,
  type ServerFrame,
  serverFrames,
  serverFramesWithAnySid,
  UsageError,
} from "../src/index.ts";
import { read } from "./reading.ts";

const route = compileGrammar([
  { word: "PING", line: "" },
  { word: "A-", line: "account" },
]);

/** Decodes a stream with any grammar, whole, and byte by byte, which must make no difference. */
function decode(bytes: string, grammar: Grammar<unknown>, limits = {}): unknown[] {
  const whole = read([latin1(bytes)], grammar, limits);
  const bytewise = Array.from(latin1(bytes), (byte) => Uint8Array.of(byte));
  expect(read(bytewise, grammar, limits)).toEqual(whole);
  return whole.fault === undefined ? whole.frames : [...whole.frames, `${whole.fault.code} @ ${whole.fault.offset}`];
}

/** Returns the message of the UsageError that a call throws. */
function usageError(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "no error";
}

describe("The built-in grammars", () => {
  const own = (rows: readonly Row[]): unknown => compileGrammar(rows).verbs;

  it("are what their rows compile to", () => {
    expect(
      own([
        { word: "MSG", line: "subject #sid [reply] size" },
        { word: "HMSG", line: "subject #sid [reply] headers-size size" },
        { word: "PING", line: "" },
        { word: "PONG", line: "" },
        { word: "+OK", line: "" },
        { word: "-ERR", line: "text" },
        { word: "INFO", line: "json", limit: "info" },
      ]),
    ).toStrictEqual(serverFrames.verbs);
    expect(
      own([
        { word: "PUB", line: "subject [reply] size" },
        { word: "HPUB", line: "subject [reply] headers-size size" },
        { word: "SUB", line: "subject [queue] sid" },
        { word: "UNSUB", line: "sid [#max]" },
        { word: "PING", line: "" },
        { word: "PONG", line: "" },
        { word: "CONNECT", line: "json" },
      ]),
    ).toStrictEqual(clientFrames.verbs);
    expect(own([{ word: "MSG", line: "subject sid [reply] size" }])).toStrictEqual([serverFramesWithAnySid.verbs[0]]);
  });

  it("decode any sid as text, in serverFramesWithAnySid", () => {
    expect(decode("MSG a x 1\r\nb\r\nHMSG a 07 0 0\r\n\r\nPING\r\n", serverFramesWithAnySid)).toEqual([
      expect.objectContaining({ op: "msg", subject: "a", sid: "x" }),
      expect.objectContaining({ op: "msg", subject: "a", sid: "07" }),
      { op: "ping" },
    ]);
  });
});

describe("A table of verbs", () => {
  it.each<[what: string, rows: unknown, message: string]>([
    ["no rows", [], "rows must be an array of rows"],
    ["an object", {}, "rows must be an array of rows"],
    ["a row that is no object", [null], "rows[0]: a row is an object, not null"],
    [
      "an unknown field",
      [{ word: "A", line: "", lines: "" }],
      'rows[0]: unknown field "lines": a row has word, line and limit',
    ],
    ["a kind", [{ word: "A", line: "", kind: 0 }], 'rows[0]: unknown field "kind": a row has word, line and limit'],
    ["a lower-case verb", [{ word: "a", line: "" }], 'rows[0]: word must be upper-case ASCII without blanks, not "a"'],
    [
      "a verb with a blank",
      [{ word: "A B", line: "" }],
      'rows[0]: word must be upper-case ASCII without blanks, not "A B"',
    ],
    ["an empty verb", [{ word: "", line: "" }], 'rows[0]: word must be upper-case ASCII without blanks, not ""'],
    ["a verb that is no text", [{ word: 1, line: "" }], "rows[0]: word must be upper-case ASCII without blanks, not 1"],
    [
      "a verb that is not ASCII",
      [{ word: "É", line: "" }],
      'rows[0]: word must be upper-case ASCII without blanks, not "É"',
    ],
    ["no line", [{ word: "A" }], "rows[0]: A: line must be a string, not undefined"],
    [
      "another limit",
      [{ word: "A", line: "", limit: "payload" }],
      'rows[0]: A: limit must be "line" or "info", not "payload"',
    ],
    [
      "the same verb twice",
      [
        { word: "A", line: "" },
        { word: "A", line: "x" },
      ],
      "verb A is there twice",
    ],
    [
      "a verb that begins with one without arguments",
      [
        { word: "OKAY", line: "x" },
        { word: "OK", line: "" },
      ],
      "verb OKAY begins with OK, which needs no arguments: rename one",
    ],
    [
      "a verb that begins with one that needs none",
      [
        { word: "OKAY", line: "x" },
        { word: "OK", line: "[x]" },
      ],
      "verb OKAY begins with OK, which needs no arguments: rename one",
    ],
  ])("must not have %s", (_, rows, message) => {
    expect(usageError(() => compileGrammar(rows as readonly Row[]))).toBe(message);
  });

  it("names the row that is wrong", () => {
    expect(
      usageError(() =>
        compileGrammar([
          { word: "A", line: "" },
          { word: "B", line: "x x" },
        ]),
      ),
    ).toBe('rows[1]: B: "x" is there twice');
  });

  it.each<[line: string, message: string]>([
    ["a  b", '"" is not the name of an argument: write "subject", "#weight" or "[queues...]"'],
    [" a", '"" is not the name of an argument: write "subject", "#weight" or "[queues...]"'],
    ["A", '"A" is not the name of an argument: write "subject", "#weight" or "[queues...]"'],
    ["__proto__", '"__proto__" is not the name of an argument: write "subject", "#weight" or "[queues...]"'],
    ["[middle…]", '"middle…" is not the name of an argument: write "subject", "#weight" or "[queues...]"'],
    ["a [b", '"a [b" must have at most one part in brackets, with a space around it'],
    ["a] b", '"a] b" must have at most one part in brackets, with a space around it'],
    ["a []", '"a []" must have at most one part in brackets, with a space around it'],
    ["a[b]", '"a[b]" must have at most one part in brackets, with a space around it'],
    ["[a]b", '"[a]b" must have at most one part in brackets, with a space around it'],
    ["[a] [b]", '"[a] [b]" must have at most one part in brackets, with a space around it'],
    ["[[a]]", '"[[a]]" must have at most one part in brackets, with a space around it'],
    ["size subject", '"size" must be the last argument'],
    ["[size]", '"size" must be the last argument'],
    ["a size [b]", '"size" must be the last argument'],
    ["#size", '"#size" must be the last argument'],
    ["json size", '"json" must be the last argument'],
    ["headers-size", '"headers-size" must be followed by "size" in last place'],
    ["headers-size a size", '"headers-size" must be followed by "size" in last place'],
    ["[a] text", '"text" and an optional argument cannot be told apart'],
    ["[a...] json", '"json" and an optional argument cannot be told apart'],
    ["op", '"op" cannot be an argument: frames have a field of that name'],
    ["[payload]", '"payload" cannot be an argument: frames have a field of that name'],
    ["#flaw", '"#flaw" cannot be an argument: frames have a field of that name'],
    ["headers size", '"headers" cannot be an argument: frames have a field of that name'],
    ["a...", '"a...": write a list as "[a...]"'],
    ["[#a...]", '"#a...": write a list as "[a...]"'],
    ["[#a b...]", 'a list is alone in its brackets, or follows one name: "[#a b...]"'],
    ["[a... b]", 'a list is alone in its brackets, or follows one name: "[a... b]"'],
    ["[a... b...]", 'a list is alone in its brackets, or follows one name: "[a... b...]"'],
    ["[a b c...]", 'a list is alone in its brackets, or follows one name: "[a b c...]"'],
    ["[a b #c...]", '"#c...": write a list as "[c...]"'],
    ["[a a...]", '"a" is there twice'],
    ["a #a", '"a" is there twice'],
    ["subject text", '"subject" and "text" cannot be in one line: rename one'],
    ["subject json", '"subject" and "json" cannot be in one line: rename one'],
    ["[reply queue]", '"reply" and "queue" cannot be in one line: rename one'],
  ])("must not have the line %j", (line, message) => {
    expect(usageError(() => compileGrammar([{ word: "A", line }]))).toBe(`rows[0]: A: ${message}`);
  });

  it("must be compiled", () => {
    const verbs = [{ word: "A", kind: 1, args: [1, 1], sid: "none", body: "size" }] as const;
    for (const by of [Scanner, Decoder]) {
      expect(usageError(() => new by({ verbs, frame: () => 0 }))).toBe("grammar.verbs: use compileGrammar()");
    }
    expect(usageError(() => new Scanner({ ...serverFrames, verbs: [...serverFrames.verbs] }))).toContain(
      "compileGrammar()",
    );
  });

  it("may be one whose copy has another frame function", () => {
    const copy: Grammar<string> = { ...route, frame: (at) => route.frame(at).op };
    expect(decode("PING\r\nA- b\r\n", copy)).toEqual(["ping", "a-"]);
  });

  it("must make a frame of each verb", () => {
    const decoder = new Decoder({ ...route, frame: () => undefined });
    decoder.push(latin1("PING\r\n"));
    expect(usageError(() => decoder.pull())).toBe("grammar.frame() returned nothing");
  });
});

describe("The options of a grammar", () => {
  const rows = [{ word: "NOTE", line: "subject size" }] as const;

  it("are known names", () => {
    expect(usageError(() => compileGrammar(rows, { limit: {} } as never))).toBe(
      'unknown option "limit": the options are base, limits',
    );
    expect(usageError(() => compileGrammar(rows, { limits: { lines: 1 } as never }))).toBe(
      'unknown limit "lines": the limits are line, info, payload, strictLineEnd',
    );
  });

  it("have valid limits", () => {
    expect(usageError(() => compileGrammar(rows, { limits: { line: -1 } }))).toContain(
      "limits.line must be a whole number",
    );
    const base = { ...serverFrames, limits: { ...serverFrames.limits, payload: Number.NaN } };
    expect(usageError(() => compileGrammar(rows, { base }))).toContain("limits.payload must be a whole number");
  });

  it("change the limits of the base", () => {
    expect(compileGrammar(rows).limits).toEqual(serverFrames.limits);
    expect(compileGrammar(rows, { base: clientFrames, limits: { payload: 3 } }).limits).toEqual({
      ...clientFrames.limits,
      payload: 3,
    });
    const small = compileGrammar(rows, { limits: { payload: 3, line: 8 } });
    expect(decode("NOTE a 3\r\nabc\r\nNOTE b 4\r\n", small)).toEqual([
      { op: "note", subject: "a", payload: latin1("abc"), flaw: undefined },
      "PAYLOAD_TOO_LARGE @ 15",
    ]);
    expect(decode("NOTE ab 3\r\n", small)).toEqual(["LINE_TOO_LONG @ 8"]);
  });

  it("add the verbs of the base, whose frames stay as they are", () => {
    const grammar = compileGrammar(rows, { base: serverFrames });
    expectTypeOf(grammar.frame).returns.toEqualTypeOf<FrameOf<(typeof rows)[number]> | ServerFrame>();
    expect(decode("NOTE a 1\r\nb\r\nMSG a 1 0\r\n\r\nPING\r\n", grammar)).toEqual([
      { op: "note", subject: "a", payload: latin1("b"), flaw: undefined },
      expect.objectContaining({ op: "msg", sid: 1 }),
      { op: "ping" },
    ]);
    expect(grammar.kinds).toEqual({ NOTE: 8 });
    const more = compileGrammar([{ word: "LIST", line: "[names...]" }], {
      base: compileGrammar([{ word: "ALL", line: "[x]" }]),
    });
    expect(decode("LIST\r\nALL\r\nALL b\r\n", more)).toEqual([
      { op: "list", names: [], flaw: undefined },
      { op: "all", x: undefined, flaw: undefined },
      { op: "all", x: "b", flaw: undefined },
    ]);
  });

  it("must not repeat a verb of the base", () => {
    expect(usageError(() => compileGrammar([{ word: "PING", line: "" }], { base: serverFrames }))).toBe(
      "verb PING is there twice",
    );
    expect(usageError(() => compileGrammar([{ word: "PINGS", line: "" }], { base: serverFrames }))).toContain(
      "begins with PING",
    );
  });
});
