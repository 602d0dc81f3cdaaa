// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { chunkings, frameOf } from "../src/arbitrary.ts";
import { argumentsOf, compileGrammar, type FrameOf, frameEncoder } from "../src/grammar.ts";
import { Decoder, type Grammar, Scanner, serverFrames, type UsageError } from "../src/index.ts";
import { grammarRows } from "./grammar-rows.ts";
import { read } from "./reading.ts";
import { runs } from "./runs.ts";

const route = compileGrammar([
  { word: "INFO", line: "json", limit: "info" },
  { word: "PING", line: "" },
  { word: "RS+", line: "account subject [queue #weight]" },
  { word: "RS-", line: "account subject [queue]" },
  { word: "RMSG", line: "account subject [middle...] size" },
  { word: "HMSG", line: "account subject [middle...] headers-size size" },
  { word: "LIST", line: "[names...]" },
  { word: "FAIL", line: "#code #sid text" },
  { word: "KEEP", line: "[#seconds] key" },
]);
const encode = frameEncoder(route);
const hi = latin1("hi");

/** Decodes a stream whole, and byte by byte, which must make no difference. */
function decode(bytes: string, grammar: Grammar<unknown> = route): unknown[] {
  const whole = read([latin1(bytes)], grammar);
  const bytewise = Array.from(latin1(bytes), (byte) => Uint8Array.of(byte));
  expect(read(bytewise, grammar)).toEqual(whole);
  return whole.fault === undefined ? whole.frames : [...whole.frames, `${whole.fault.code} @ ${whole.fault.offset}`];
}

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return `${(error as UsageError).code} ${(error as Error).message}`;
  }
  return "no error";
}

describe("Frames of a compiled grammar", () => {
  it.each<[line: string, frame: object]>([
    ['INFO {"server_id":"N","port":1}\r\n', { op: "info", json: { server_id: "N", port: 1 } }],
    ["PING\r\n", { op: "ping" }],
    [
      "RS+ $G a.b\r\n",
      { op: "rs+", account: "$G", subject: "a.b", queue: undefined, weight: undefined, flaw: undefined },
    ],
    ["rs+ $G\ta.b  q 007 \n", { op: "rs+", account: "$G", subject: "a.b", queue: "q", weight: 7, flaw: undefined }],
    ["RS-  $G a q\r\n", { op: "rs-", account: "$G", subject: "a", queue: "q", flaw: undefined }],
    ["RMSG $G a 2\r\nhi\r\n", { op: "rmsg", account: "$G", subject: "a", middle: [], payload: hi, flaw: undefined }],
    [
      "RMSG $G work | q1 q2 2\r\nhi\r\n",
      { op: "rmsg", account: "$G", subject: "work", middle: ["|", "q1", "q2"], payload: hi, flaw: undefined },
    ],
    [
      "HMSG A b + r q 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
      {
        op: "hmsg",
        account: "A",
        subject: "b",
        middle: ["+", "r", "q"],
        headers: latin1("NATS/1.0\r\n\r\n"),
        payload: hi,
        flaw: undefined,
      },
    ],
    ["LIST\r\n", { op: "list", names: [], flaw: undefined }],
    ["LIST \t\n", { op: "list", names: [], flaw: undefined }],
    ["list a b\n", { op: "list", names: ["a", "b"], flaw: undefined }],
    ["FAIL 4 99999999999 it's  over \r\n", { op: "fail", code: 4, sid: 99_999_999_999, text: "it's  over" }],
    ["KEEP a\r\n", { op: "keep", seconds: undefined, key: "a", flaw: undefined }],
    ["KEEP 60 a\r\n", { op: "keep", seconds: 60, key: "a", flaw: undefined }],
    ["RS- $G caf\xc3\r\n", { op: "rs-", account: "$G", subject: "caf\udcc3", queue: undefined, flaw: true }],
    ["LIST a \x7f\r\n", { op: "list", names: ["a", "\x7f"], flaw: true }],
  ])("are decoded from %j", (line, frame) => {
    expect(decode(line)).toStrictEqual([frame]);
  });

  it.each([
    ["RS+ $G\r\n", "BAD_ARGUMENTS at byte 0: RS+ takes 2 or 4 arguments, not 1"],
    ["RS+ $G a q\r\n", "BAD_ARGUMENTS at byte 0: RS+ takes 2 or 4 arguments, not 3"],
    ["RS+ $G a q 1 2\r\n", "BAD_ARGUMENTS at byte 0: RS+ takes 2 or 4 arguments, not 5"],
    ["RS+ $G a q x\r\n", "BAD_SIZE at byte 0: the weight must be 1 to 9 digits"],
    ["RS+ $G a q 1234567890\r\n", "BAD_SIZE at byte 0: the weight must be 1 to 9 digits"],
    ["FAIL 1 1234567890123456 x\r\n", "BAD_SID at byte 0: the sid must be 1 to 15 digits"],
    ["FAIL 1 2\r\n", "BAD_ARGUMENTS at byte 0: FAIL takes 3 arguments, not 2"],
    ["KEEP\r\n", "UNKNOWN_VERB at byte 0: KEEP without arguments"],
    ["KEEP \r\n", "BAD_ARGUMENTS at byte 0: KEEP takes 1 or 2 arguments, not 0"],
    ["RMSG A 2\r\nhi\r\n", "BAD_ARGUMENTS at byte 0: RMSG takes 3 or more arguments, not 2"],
    ["RMSG A b x\r\n", "BAD_SIZE at byte 0: the size must be 1 to 9 digits"],
    ["HMSG A b 15 14\r\n", "BAD_SIZE at byte 0: header size 15 exceeds the total size 14"],
    [`HMSG A b ${"q ".repeat(90)} x 14\r\n`, "BAD_SIZE at byte 0: the header size must be 1 to 9 digits"],
    ["RMSG A b 67108865\r\n", "PAYLOAD_TOO_LARGE at byte 0: payload of 67108865 bytes exceeds the limit of 67108864"],
    ["RMSG A b 2\r\nhi\n", "BAD_TRAILER at byte 14"],
    ["INFO []\r\n", "BAD_JSON at byte 0: the argument of INFO is not a JSON object"],
    ["INFO {\r\n", "BAD_JSON at byte 0: the argument of INFO is not a JSON object"],
    ["LISTS a\r\n", 'UNKNOWN_VERB at byte 0: LIST is not followed by a line end: "LISTS"'],
    ["LIST\ra\r\n", 'UNKNOWN_VERB at byte 0: LIST is not followed by a line end: "LIST\\x0d"'],
    ["MSG A b 2\r\n", "UNKNOWN_VERB at byte 0"],
  ])("are rejected: %j", (line, message) => {
    expect(decode(line)[0]).toBe(message.replace(/ at byte (\d+).*/, " @ $1"));
    const scanner = new Scanner(route);
    scanner.push(latin1(line));
    // JSON is parsed by the frame function.
    const next = (): unknown => scanner.next() && route.frame(scanner);
    expect(next).toThrow(message);
  });

  it("have the types that their rows say", () => {
    type Frame = ReturnType<typeof route.frame>;
    expectTypeOf<Extract<Frame, { op: "rs+" }>>().toEqualTypeOf<{
      readonly op: "rs+";
      readonly account: string;
      readonly subject: string;
      readonly queue?: string | undefined;
      readonly weight?: number | undefined;
      readonly flaw?: true | undefined;
    }>();
    expectTypeOf<Extract<Frame, { op: "hmsg" }>>().toEqualTypeOf<{
      readonly op: "hmsg";
      readonly account: string;
      readonly subject: string;
      readonly middle: readonly string[];
      readonly headers: Uint8Array;
      readonly payload: Uint8Array;
      readonly flaw?: true | undefined;
    }>();
    expectTypeOf<FrameOf<{ word: "INFO"; line: "json" }>["json"]>().toEqualTypeOf<Readonly<Record<string, unknown>>>();
    expectTypeOf<keyof typeof route.kinds>().toEqualTypeOf<
      "INFO" | "PING" | "RS+" | "RS-" | "RMSG" | "HMSG" | "LIST" | "FAIL" | "KEEP"
    >();
  });
});

describe("A scanner with a compiled grammar", () => {
  const scanned = (bytes: string, grammar: Grammar<unknown> = route): Scanner => {
    const scanner = new Scanner(grammar);
    scanner.push(latin1(bytes));
    scanner.next();
    return scanner;
  };

  it("has the arguments of a line", () => {
    const scanner = scanned("RMSG $G work | q1 q2 2\r\nhi\r\n");
    expect(scanner.kind).toBe(route.kinds.RMSG);
    expect([scanner.subject(), scanner.size, scanner.flaw()]).toEqual(["work", 2, undefined]);
    expect(argumentsOf(scanner)).toEqual(["$G", "work", "|", "q1", "q2", "2"]);
    expect(argumentsOf(scanned("LIST\n"))).toEqual([]);
    expect(argumentsOf(scanned("MSG a  7 1\r\nb\r\n", serverFrames))).toEqual(["a", "7", "1"]);
    expect(argumentsOf(new Scanner(route))).toEqual([]);
  });

  it("reads arguments of well-known names at any place", () => {
    const odd = compileGrammar([
      { word: "A", line: "x subject sid [reply] size" },
      { word: "B", line: "x [queue] #sid" },
      { word: "C", line: "x [#max]" },
      { word: "D", line: "x text" },
      { word: "E", line: "max" },
      { word: "F", line: "a b c d e f g subject #h" },
    ]);
    const first = scanned("A 1 a.b s r 1\r\nc\r\n", odd);
    expect([first.subject(), first.sidText(), first.sid, first.reply()]).toEqual(["a.b", "s", 0, "r"]);
    const second = scanned("B 1 q 77\r\n", odd);
    expect([second.queue(), second.sid, second.sidText()]).toEqual(["q", 77, "77"]);
    expect([scanned("B 1 77\r\n", odd).queue(), scanned("C 1 5\r\n", odd).max, scanned("C 1\r\n", odd).max]).toEqual([
      undefined,
      5,
      undefined,
    ]);
    expect(scanned("D 1 the  rest \r\n", odd).text()).toBe("the  rest");
    expect(() => scanned("E 1 2\r\n", odd)).toThrow("E takes 1 argument, not 2");
    expect(scanned("F 1 2 3 4 5 6 7 eighth 9\r\n", odd).subject()).toBe("eighth");
    expect([scanned("E 5\r\n", odd).max, scanned("E 5\r\n", odd).subject()]).toEqual([undefined, ""]);
  });

  it("never takes the fast path for a line of another form", () => {
    const grammar = compileGrammar([{ word: "PUB", line: "account [reply] size" }]);
    const scanner = scanned("PUB a b 1\r\nc\r\n", grammar);
    expect([scanner.subject(), scanner.reply(), scanner.size]).toEqual(["", "b", 1]);
  });

  it("forgets a long list after its line", () => {
    const names = Array.from({ length: 2000 }, (_, i) => `n${i}`);
    const list = `LIST ${names.join(" ")}\r\n`;
    expect(decode(`${list}RMSG A b ${names.join(" ")} 2\r\nhi\r\n${list}`)).toEqual([
      { op: "list", names },
      { op: "rmsg", account: "A", subject: "b", middle: names, payload: hi },
      { op: "list", names },
    ]);
  });
});

describe("The encoder of a compiled grammar", () => {
  const rmsg = { op: "rmsg", account: "$G", subject: "a", middle: [], payload: hi } as const;

  it.each<[frame: object, code: string]>([
    [{ op: "pong" }, 'BAD_FIELD unknown frame op "pong": use info, ping, rs+, rs-, rmsg, hmsg, list, fail, keep'],
    [{ op: "ping", text: "" }, 'BAD_FIELD PING: unknown field "text": use '],
    [{ ...rmsg, repply: "a" }, 'BAD_FIELD RMSG: unknown field "repply": use account, subject, middle, payload, flaw'],
    [{ ...rmsg, account: undefined }, "BAD_FIELD RMSG: account must be a string, not undefined"],
    [{ ...rmsg, account: "" }, 'BAD_FIELD RMSG: "" is not a valid account: it is empty'],
    [{ ...rmsg, subject: "a b" }, 'BAD_FIELD RMSG: "a b" is not a valid subject: it contains a space'],
    [{ ...rmsg, subject: "a\r\nPING" }, 'BAD_FIELD RMSG: "a\\r\\nPING" is not a valid subject: it contains a CR'],
    [{ ...rmsg, middle: ["|", "q\n"] }, 'BAD_FIELD RMSG: "q\\n" is not a valid middle[1]: it contains an LF'],
    [{ ...rmsg, middle: [1] }, "BAD_FIELD RMSG: middle[0] must be a string, not a number"],
    [{ ...rmsg, middle: new Array(1) }, "BAD_FIELD RMSG: middle[0] must be a string, not undefined"],
    [{ ...rmsg, middle: "q" }, "BAD_FIELD RMSG: middle must be an array, not a string"],
    [{ ...rmsg, payload: "hi" }, "BAD_FIELD RMSG: payload must be a Uint8Array, not a string"],
    [{ ...rmsg, op: "hmsg" }, "BAD_FIELD HMSG: headers must be a Uint8Array, not undefined"],
    [
      { op: "rs+", account: "a", subject: "b", queue: "c" },
      "BAD_FIELD RS+: weight missing: queue and weight are given together or not at all",
    ],
    [
      { op: "rs+", account: "a", subject: "b", queue: "c", weight: -1 },
      "BAD_NUMBER RS+: weight must be a whole number from 0 to 999999999, not -1",
    ],
    [
      { op: "rs+", account: "a", subject: "b", queue: "c", weight: 1e9 },
      "BAD_NUMBER RS+: weight must be a whole number from 0 to 999999999, not 1000000000",
    ],
    [
      { op: "rs+", account: "a", subject: "b", queue: "c", weight: "1" },
      'BAD_NUMBER RS+: weight must be a whole number from 0 to 999999999, not "1"',
    ],
    [
      { op: "fail", code: 1, sid: 1e15, text: "a" },
      "BAD_NUMBER FAIL: sid must be a whole number from 0 to 999999999999999, not 1000000000000000",
    ],
    [{ op: "fail", code: 1, sid: 1 }, "BAD_FIELD FAIL: text must be a string, not undefined"],
    [
      { op: "fail", code: 1, sid: 1, text: "" },
      "BAD_FIELD FAIL: text must not be empty, nor begin or end with a blank",
    ],
    [
      { op: "fail", code: 1, sid: 1, text: " a" },
      "BAD_FIELD FAIL: text must not be empty, nor begin or end with a blank",
    ],
    [
      { op: "fail", code: 1, sid: 1, text: "a\t" },
      "BAD_FIELD FAIL: text must not be empty, nor begin or end with a blank",
    ],
    [{ op: "fail", code: 1, sid: 1, text: "a\nPING" }, "BAD_FIELD FAIL: text contains an LF"],
    [{ op: "fail", code: 1, sid: 1, text: "\ud800" }, "BAD_FIELD FAIL: text contains a lone surrogate"],
    [{ op: "info", json: [] }, "BAD_FIELD INFO needs an object, not an array"],
    [{ ...rmsg, subject: "\x7f" }, 'BAD_FIELD RMSG: "\x7f" is not a valid subject: it contains U+007F'],
    [{ ...rmsg, subject: "\udcff" }, "BAD_FIELD RMSG: "],
    [{ ...rmsg, subject: "\x7f\r", flaw: true }, 'BAD_FIELD RMSG: "\x7f\\r" is not a valid subject: it contains a CR'],
    [
      { ...rmsg, subject: "\ud800", flaw: true },
      'BAD_FIELD RMSG: "\\ud800" is not a valid subject: it contains a lone surrogate',
    ],
    [{ ...rmsg, subject: "", flaw: true }, 'BAD_FIELD RMSG: "" is not a valid subject: it is empty'],
    [{ ...rmsg, flaw: true }, "BAD_FIELD RMSG: flaw must be undefined for these arguments, not true"],
    [{ ...rmsg, subject: "\x7f", flaw: "subject" }, 'BAD_FIELD RMSG: "\x7f" is not a valid subject'],
    [{ ...rmsg, flaw: "subject" }, 'BAD_FIELD RMSG: flaw must be undefined for these arguments, not "subject"'],
  ])("rejects %j", (frame, message) => {
    expect(messageOf(() => encode(frame as never)).startsWith(message)).toBe(true);
    expect(messageOf(() => encode(frame as never))).toContain(message);
  });

  it("rejects what is no frame, or no JSON", () => {
    expect(messageOf(() => encode({ op: "info", json: { a: 1n } }))).toContain(
      "BAD_FIELD INFO cannot be written as JSON",
    );
    expect(messageOf(() => encode(null as never))).toBe("BAD_FIELD a frame is an object, not null");
    expect(messageOf(() => encode("ping" as never))).toBe('BAD_FIELD a frame is an object, not "ping"');
  });

  it("rejects what exceeds the limits of the grammar", () => {
    const rows = [
      { word: "PUT", line: "key size" },
      { word: "INFO", line: "json", limit: "info" },
    ] as const;
    const small = frameEncoder(compileGrammar(rows, { limits: { line: 9, info: 12, payload: 3 } }));
    const put = { op: "put", key: "abc", payload: new Uint8Array(3) } as const;
    expect(small(put).length).toBe(9 + 2 + 3 + 2);
    expect(messageOf(() => small({ ...put, key: "abcd" }))).toBe("TOO_LARGE PUT: control line is 10 bytes, limit 9");
    expect(messageOf(() => small({ ...put, payload: new Uint8Array(4) }))).toBe(
      "TOO_LARGE PUT: payload is 4 bytes, limit 3",
    );
    expect(small({ op: "info", json: { a: 1 } }).length).toBe(14);
    expect(messageOf(() => small({ op: "info", json: { a: 10 } }))).toBe(
      "TOO_LARGE INFO: control line is 13 bytes, limit 12",
    );
  });

  it("writes the bytes of a payload, whatever it reports", () => {
    const payload = latin1("hi");
    Object.defineProperty(payload, "length", { value: 1 });
    expect(new TextDecoder().decode(encode({ ...rmsg, payload }))).toBe("RMSG $G a 2\r\nhi\r\n");
    expect(messageOf(() => encode({ ...rmsg, payload: new Proxy(hi, {}) }))).toContain("payload must be a Uint8Array");
  });

  it("reads each field once", () => {
    let reads = 0;
    const frame = {
      ...rmsg,
      get subject() {
        return reads++ === 0 ? "a" : "a\r\nPING";
      },
    };
    expect(new TextDecoder().decode(encode(frame))).toBe("RMSG $G a 2\r\nhi\r\n");
  });

  it("writes what decodes to the same frames, for any grammar and any chunks", () => {
    const streams = grammarRows.chain((rows) => {
      const grammar = compileGrammar(rows);
      const encodeFrame = frameEncoder(grammar);
      const frames = fc.array(frameOf(grammar), { minLength: 1, maxLength: 6 });
      return frames.chain((sent) => {
        const parts = sent.map((frame) => encodeFrame(frame));
        const stream = latin1(parts.map((part) => String.fromCharCode(...part)).join(""));
        return chunkings(stream).map((chunks) => ({ grammar, sent, chunks }));
      });
    });
    fc.assert(
      fc.property(streams, ({ grammar, sent, chunks }) => {
        const decoder = new Decoder<unknown>(grammar);
        const back: unknown[] = [];
        for (const chunk of chunks) {
          decoder.push(chunk);
          for (const frame of decoder) back.push(structuredClone(frame));
          chunk.fill(0xaa);
        }
        expect(back).toEqual(sent);
        expect(decoder.buffered).toBe(0);
      }),
      runs(500),
    );
  });
});
