// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import {
  byteLength,
  clientFrames,
  Decoder,
  Encoder,
  encode,
  encodeHeaders,
  type Grammar,
  type Limits,
  MsgHeaders,
  ProtocolError,
  serverFrames,
  UsageError,
} from "../src/index.ts";

const none = new Uint8Array(0);
const pub = { op: "pub", subject: "a", payload: none } as const;
const any = (value: unknown): never => value as never;

describe("ProtocolError", () => {
  it.each<[bytes: string, from: "server" | "client", limits: Partial<Limits>, message: string]>([
    ["MSG a 1 0\r\n\r\nPINk", "server", {}, 'UNKNOWN_VERB at byte 13: unknown verb "PINk"'],
    ["MSG a 1 0\r\n\r\nping 1", "server", {}, 'UNKNOWN_VERB at byte 13: PING is not followed by a line end: "ping 1"'],
    ["+OKx", "server", {}, 'UNKNOWN_VERB at byte 0: +OK is not followed by a line end: "+OKx"'],
    ["-ERR\r\n", "server", {}, "UNKNOWN_VERB at byte 0: -ERR without a text"],
    ["SUB\n", "client", {}, "UNKNOWN_VERB at byte 0: SUB without arguments"],
    ["SUBx", "client", {}, 'UNKNOWN_VERB at byte 0: unknown verb "SUBx"'],
    ["PU\r\n", "client", {}, 'UNKNOWN_VERB at byte 0: unknown verb "PU\\x0d"'],
    ["PUB a\r\n", "client", {}, 'BAD_ARGUMENTS at byte 0: PUB takes 2 to 3 arguments, not 1: "PUB a"'],
    [
      "HMSG a 1 b 2 3 4\r\n",
      "server",
      {},
      'BAD_ARGUMENTS at byte 0: HMSG takes 4 to 5 arguments, not 6: "HMSG a 1 b 2 3 4"',
    ],
    ["INFO \t\r\n", "server", {}, 'BAD_ARGUMENTS at byte 0: INFO takes 1 argument, not 0: "INFO \\x09"'],
    ["MSG a b 1\r\n", "server", {}, 'BAD_SID at byte 0: the sid must be 1 to 15 digits: "MSG a b 1"'],
    ["MSG a 1 b\r\n", "server", {}, 'BAD_SIZE at byte 0: the size must be 1 to 9 digits: "MSG a 1 b"'],
    ["HPUB a x 1\r\n", "client", {}, 'BAD_SIZE at byte 0: the header size must be 1 to 9 digits: "HPUB a x 1"'],
    ["HPUB a 2 1\r\n", "client", {}, 'BAD_SIZE at byte 0: header size 2 exceeds the total size 1: "HPUB a 2 1"'],
    ["UNSUB a -1\r\n", "client", {}, 'BAD_SIZE at byte 0: the max must be 1 to 9 digits: "UNSUB a -1"'],
    [
      "PUB a 9\r\n",
      "client",
      { payload: 8 },
      'PAYLOAD_TOO_LARGE at byte 0: payload of 9 bytes exceeds the limit of 8: "PUB a 9"',
    ],
    ["SUB abc 1\r\n", "client", { line: 8 }, "LINE_TOO_LONG at byte 8: the control line exceeds the limit of 8 bytes"],
    [
      "PING\n",
      "server",
      { strictLineEnd: true },
      "BAD_LINE_END at byte 0: the control line ends in LF, not CRLF (strictLineEnd)",
    ],
    ["PUB a 1\r\nbc", "client", {}, "BAD_TRAILER at byte 10: the payload is not followed by CRLF: CR is missing"],
    ["PUB a 1\r\nb\rc", "client", {}, "BAD_TRAILER at byte 11: the payload is not followed by CRLF: LF is missing"],
    ["INFO {\r\n", "server", {}, "BAD_JSON at byte 0: the argument of INFO is not a JSON object"],
    ["INFO []\r\n", "server", {}, "BAD_JSON at byte 0: the argument of INFO is not a JSON object"],
    ["CONNECT null\r\n", "client", {}, "BAD_JSON at byte 0: the argument of CONNECT is not a JSON object"],
    ['CONNECT {"user":1}\r\n', "client", {}, "BAD_JSON at byte 0: CONNECT field user must be a string"],
    ['CONNECT {"echo":1}\r\n', "client", {}, "BAD_JSON at byte 0: CONNECT field echo must be a boolean"],
    ['INFO {"port":""}\r\n', "server", {}, "BAD_JSON at byte 0: INFO field port must be a whole number"],
    [
      'INFO {"connect_urls":1}\r\n',
      "server",
      {},
      "BAD_JSON at byte 0: INFO field connect_urls must be an array of strings",
    ],
  ])("explains what is wrong with %j", (bytes, from, limits, message) => {
    const error = refusal(bytes, (from === "server" ? serverFrames : clientFrames) as Grammar<unknown>, limits);
    expect([error.name, error.message]).toEqual(["ProtocolError", message]);
  });

  it("quotes at most 64 bytes of the line, escaped", () => {
    const error = refusal(`PUB a\\\x7f\xe9 ${"b".repeat(80)} c d 1\r\n`, clientFrames as Grammar<unknown>);
    const quoted = `"PUB a\\x5c\\x7f\\xe9 ${"b".repeat(55)}"…`;
    expect(error.message).toBe(`BAD_ARGUMENTS at byte 0: PUB takes 2 to 3 arguments, not 5: ${quoted}`);
  });
});

describe("UsageError", () => {
  const misuses: [what: () => unknown, code: string, message: string][] = [
    [() => encode(any({ op: "hello" })), "BAD_FIELD", 'unknown frame op "hello"'],
    [() => encode({ ...pub, subject: "a b" }), "BAD_SUBJECT", '"a b" is not a valid subject: it contains a space'],
    [() => encode({ ...pub, reply: any(7) }), "BAD_SUBJECT", "subject must be a string, not a number"],
    [() => encode({ ...pub, payload: any([1]) }), "BAD_FIELD", "payload must be a Uint8Array, not an array"],
    [
      () => encode({ ...pub, payload: any(Int8Array.of(-1)) }),
      "BAD_FIELD",
      "payload must be a Uint8Array, not an object",
    ],
    [
      () => encode({ ...pub, payload: any(Uint16Array.of(1)) }),
      "BAD_FIELD",
      "payload must be a Uint8Array, not an object",
    ],
    [
      () => encode({ ...pub, op: "msg", sid: any(undefined), reply: "7" }),
      "BAD_FIELD",
      "sid must be a string, not undefined",
    ],
    [
      () => encode({ ...pub, subject: any(Object.create(null)) }),
      "BAD_SUBJECT",
      "subject must be a string, not an object",
    ],
    [
      () => new MsgHeaders().append(any(5), "b", "canonical"),
      "BAD_HEADER",
      "header name must be a string, not a number",
    ],
    [() => encode({ ...pub, headers: any("A: b") }), "BAD_FIELD", "headers must be a Uint8Array, not a string"],
    [() => encode({ ...pub, subject: "a".repeat(65_536) }), "TOO_LARGE", "control line is 65542 bytes, limit 65536"],
    [
      () => encode({ ...pub, op: "msg", sid: -1 }),
      "BAD_NUMBER",
      "sid must be a whole number from 0 to 999999999999999, not -1",
    ],
    [() => encode({ ...pub, op: "msg", sid: "1 2" }), "BAD_FIELD", '"1 2" is not a valid sid: it contains a space'],
    [
      () => encode({ op: "sub", subject: "a.>.b", sid: "1" }),
      "BAD_SUBJECT",
      '"a.>.b" is not a valid subject: a wildcard is not allowed there',
    ],
    [
      () => encode({ op: "sub", subject: "a", queue: "b c", sid: "1" }),
      "BAD_QUEUE",
      '"b c" is not a valid queue group: it contains a space',
    ],
    [
      () => encode({ op: "sub", subject: "a..b", sid: "1" }),
      "BAD_SUBJECT",
      '"a..b" is not a valid subject: it has an empty token',
    ],
    [
      () => encode({ op: "sub", subject: ">.a", sid: "1" }),
      "BAD_SUBJECT",
      '">.a" is not a valid subject: a wildcard is not allowed there',
    ],
    [() => encode({ ...pub, subject: "a\x7f" }), "BAD_SUBJECT", '"a\x7f" is not a valid subject: it contains U+007F'],
    [
      () => encode({ ...pub, subject: "\ud800" }),
      "BAD_SUBJECT",
      '"\\ud800" is not a valid subject: it contains a lone surrogate',
    ],
    [
      () => encode({ ...pub, subject: `${"a".repeat(70)} ` }),
      "BAD_SUBJECT",
      `"${"a".repeat(63)}… is not a valid subject: it contains a space`,
    ],
    [
      () => encode({ op: "unsub", sid: "1", max: any({ toString: () => "1" }) }),
      "BAD_NUMBER",
      "max must be a whole number from 0 to 999999999, not an object",
    ],
    [() => encode({ ...pub, flaw: "reply" }), "BAD_FIELD", 'flaw must be undefined for these names, not "reply"'],
    [
      () => encode({ ...pub, subject: "a b", flaw: "subject" }),
      "BAD_SUBJECT",
      '"a b" is not a valid subject: it contains a space',
    ],
    [
      () => new Decoder(serverFrames, { line: Number.NaN }),
      "BAD_NUMBER",
      "limits.line must be a whole number, not NaN",
    ],
    [
      () => new Decoder(serverFrames, { payload: any("1024") }),
      "BAD_NUMBER",
      'limits.payload must be a whole number, not "1024"',
    ],
    [
      () => new Decoder(serverFrames, { strictLineEnd: any(1) }),
      "BAD_FIELD",
      "limits.strictLineEnd must be a boolean, not 1",
    ],
    [
      () => new Decoder(serverFrames).push(any("PING\r\n")),
      "BAD_FIELD",
      "chunk must be a Uint8Array or an ArrayBuffer, not a string",
    ],
    [() => byteLength(any("a")), "BAD_FIELD", "payload must be a Uint8Array, not a string"],
    [() => encode({ op: "err", text: any(1) }), "BAD_FIELD", "text must be a string, not a number"],
    [() => new MsgHeaders([["", "c"]]), "BAD_HEADER", "header name is empty"],
    [() => new MsgHeaders([["a:", "c"]]), "BAD_HEADER", 'header name "a:" contains a colon'],
    [() => new MsgHeaders([["é", "c"]]), "BAD_HEADER", 'header name "é" contains U+00E9'],
    [
      () => new MsgHeaders([["A", any(1)]]),
      "BAD_HEADER",
      'the value of header "A" must be a string, not a number; String() it?',
    ],
    [() => encode({ op: "unsub", sid: "", max: 1 }), "BAD_FIELD", '"" is not a valid sid: it is empty'],
    [
      () => encode({ op: "unsub", sid: "1", max: 1.5 }),
      "BAD_NUMBER",
      "max must be a whole number from 0 to 999999999, not 1.5",
    ],
    [() => encode({ op: "err", text: "a\nb" }), "BAD_FIELD", "the text of -ERR contains an LF"],
    [() => encode({ op: "err", text: "a".repeat(65_536) }), "TOO_LARGE", "control line is 65543 bytes, limit 65536"],
    [() => encode({ op: "info", info: any([]) }), "BAD_FIELD", "INFO needs an object, not an array"],
    [() => encode({ op: "info", info: any("ab") }), "BAD_FIELD", "INFO needs an object, not a string"],
    [() => encode({ op: "connect", options: any(undefined) }), "BAD_FIELD", "CONNECT needs an object, not undefined"],
    [
      () => encode({ op: "info", info: { a: 1n } }),
      "BAD_FIELD",
      "INFO cannot be written as JSON: Do not know how to serialize a BigInt",
    ],
    [() => encode({ op: "connect", options: any(null) }), "BAD_FIELD", "CONNECT needs an object, not null"],
    [() => encode({ op: "connect", options: { user: any(1) } }), "BAD_FIELD", "CONNECT field user must be a string"],
    [() => new Encoder().release(1), "BAD_NUMBER", "cannot release 1 bytes: 0 were pulled and not released"],
    [() => new MsgHeaders([["a b", "c"]]), "BAD_HEADER", 'header name "a b" contains a space'],
    [() => new MsgHeaders([["A", "b\r\n"]]), "BAD_HEADER", 'the value of header "A" contains a CR'],
    [() => new MsgHeaders().set("A", " b"), "BAD_HEADER", 'the value of header "A" starts or ends with a blank'],
    [
      () => encodeHeaders(Object.assign(new MsgHeaders(), { status: 1000 })),
      "BAD_HEADER",
      "status must be a whole number from 0 to 999, not 1000",
    ],
    [
      () => encodeHeaders(Object.assign(new MsgHeaders(), { description: "x" })),
      "BAD_HEADER",
      "the headers have a description but no status",
    ],
    [
      () => encodeHeaders(Object.assign(new MsgHeaders(), { status: 503, description: "" })),
      "BAD_HEADER",
      "the description is empty: use undefined",
    ],
    [
      () => encodeHeaders(Object.assign(new MsgHeaders(), { status: 503, description: "\0" })),
      "BAD_HEADER",
      "the description contains a NUL",
    ],
    [
      () => encodeHeaders(any(Object.assign([["A", "\n"]], { status: undefined }))),
      "BAD_HEADER",
      'the value of header "A" contains an LF',
    ],
  ];
  it.each(misuses.map(([what, code, message]) => ({ what, code, message })))(
    "explains: $message",
    ({ what, code, message }) => {
      expect(what).toThrow(UsageError);
      expect(what).toThrow(expect.objectContaining({ name: "UsageError", code, message }));
    },
  );

  it("explains that a borrowed payload was resized", () => {
    const encoder = new Encoder();
    const memory = new ArrayBuffer(9000, { maxByteLength: 9000 } as never);
    encoder.push({ ...pub, payload: new Uint8Array(memory) });
    (memory as unknown as { resize(length: number): void }).resize(8999);
    const pull = (): unknown => [encoder.pull(), encoder.pull()];
    expect(pull).toThrow(
      expect.objectContaining({
        code: "CLOSED",
        message: "a borrowed payload of 9000 bytes was detached or resized",
      }),
    );
  });
});

function refusal(bytes: string, grammar: Grammar<unknown>, limits: Partial<Limits> = {}): ProtocolError {
  const decoder = new Decoder(grammar, limits);
  decoder.push(latin1(bytes));
  try {
    while (decoder.pull() !== undefined);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}
