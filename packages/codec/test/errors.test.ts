// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import {
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
const pub = { op: "pub", subject: "a", reply: undefined, headers: undefined, payload: none, flaw: undefined } as const;
const any = (value: unknown): never => value as never;

describe("an error says what was wrong, where, and what would be right", () => {
  it.each<[bytes: string, from: "server" | "client", limits: Partial<Limits>, message: string]>([
    ["MSG a 1 0\r\n\r\nPINk", "server", {}, 'UNKNOWN_VERB at byte 13: no verb of this protocol: "PINk"'],
    ["PUB a\r\n", "client", {}, 'BAD_ARGUMENTS at byte 0: PUB takes 2 to 3 arguments, not 1: "PUB a"'],
    [
      "HMSG a 1 b 2 3 4\r\n",
      "server",
      {},
      'BAD_ARGUMENTS at byte 0: HMSG takes 4 to 5 arguments, not 6: "HMSG a 1 b 2 3 4"',
    ],
    ["INFO \t\r\n", "server", {}, 'BAD_ARGUMENTS at byte 0: INFO takes 1 to 1 arguments, not 0: "INFO \\x09"'],
    ["MSG a b 1\r\n", "server", {}, 'BAD_SID at byte 0: a sid must be 1 to 15 digits: "MSG a b 1"'],
    ["MSG a 1 b\r\n", "server", {}, 'BAD_SIZE at byte 0: the size must be 1 to 9 digits: "MSG a 1 b"'],
    ["HPUB a x 1\r\n", "client", {}, 'BAD_SIZE at byte 0: the header size must be 1 to 9 digits: "HPUB a x 1"'],
    ["HPUB a 2 1\r\n", "client", {}, 'BAD_SIZE at byte 0: the header size is above the total size: "HPUB a 2 1"'],
    ["UNSUB a -1\r\n", "client", {}, 'BAD_SIZE at byte 0: the max must be 1 to 9 digits: "UNSUB a -1"'],
    ["PUB a 9\r\n", "client", { payload: 8 }, 'PAYLOAD_TOO_LARGE at byte 0: the size is above 8 bytes: "PUB a 9"'],
    ["SUB abc 1\r\n", "client", { line: 8 }, "LINE_TOO_LONG at byte 8: the control line is longer than 8 bytes"],
    ["PING\n", "server", { strictLineEnd: true }, "BAD_LINE_END at byte 0: a line must end in CRLF"],
    ["PUB a 1\r\nbc", "client", {}, "BAD_TRAILER at byte 10: a payload must end in CRLF: CR is missing"],
    ["PUB a 1\r\nb\rc", "client", {}, "BAD_TRAILER at byte 11: a payload must end in CRLF: LF is missing"],
    ["INFO {\r\n", "server", {}, "BAD_JSON at byte 0: INFO needs a JSON object"],
    ["INFO []\r\n", "server", {}, "BAD_JSON at byte 0: INFO needs a JSON object"],
    ["CONNECT null\r\n", "client", {}, "BAD_JSON at byte 0: CONNECT needs a JSON object"],
    ['CONNECT {"user":1}\r\n', "client", {}, "BAD_JSON at byte 0: CONNECT field user must be a string"],
    ['CONNECT {"echo":1}\r\n', "client", {}, "BAD_JSON at byte 0: CONNECT field echo must be a boolean"],
    ['INFO {"port":""}\r\n', "server", {}, "BAD_JSON at byte 0: INFO field port must be a whole number"],
    [
      'INFO {"connect_urls":1}\r\n',
      "server",
      {},
      "BAD_JSON at byte 0: INFO field connect_urls must be an array of strings",
    ],
  ])("%j", (bytes, from, limits, message) => {
    const error = refusal(bytes, (from === "server" ? serverFrames : clientFrames) as Grammar<unknown>, limits);
    expect([error.name, error.message]).toEqual(["ProtocolError", message]);
  });

  it("at most 64 bytes of the line are shown, escaped", () => {
    const error = refusal(`PUB a\\\x7f\xe9 ${"b".repeat(80)} c d 1\r\n`, clientFrames as Grammar<unknown>);
    const shown = `"PUB a\\x5c\\x7f\\xe9 ${"b".repeat(55)}"…`;
    expect(error.message).toBe(`BAD_ARGUMENTS at byte 0: PUB takes 2 to 3 arguments, not 5: ${shown}`);
  });

  const misuses: [what: () => unknown, code: string, message: string][] = [
    [() => encode(any({ op: "hello" })), "BAD_FIELD", "no such frame: op hello"],
    [
      () => encode({ ...pub, subject: "a b" }),
      "BAD_SUBJECT",
      '"a b" is no subject to publish to: empty token, wildcard or blank',
    ],
    [
      () => encode({ ...pub, reply: any(7) }),
      "BAD_SUBJECT",
      '"7" is no subject to publish to: empty token, wildcard or blank',
    ],
    [() => encode({ ...pub, payload: any([1]) }), "BAD_FIELD", "payload must be a Uint8Array"],
    [() => encode({ ...pub, payload: any(Int8Array.of(-1)) }), "BAD_FIELD", "payload must be a Uint8Array"],
    [() => encode({ ...pub, payload: any(Uint16Array.of(1)) }), "BAD_FIELD", "payload must be a Uint8Array"],
    [
      () => encode({ ...pub, op: "msg", sid: any(undefined), reply: "7" }),
      "BAD_FIELD",
      'sid "undefined" must be one token without blanks',
    ],
    [
      () => encode({ ...pub, subject: any(Object.create(null)) }),
      "BAD_SUBJECT",
      '"an object" is no subject to publish to: empty token, wildcard or blank',
    ],
    [
      () => new MsgHeaders().append(any(5), "b", "canonical"),
      "BAD_HEADER",
      'header name "5" must be printable ASCII without blank and colon',
    ],
    [() => encode({ ...pub, headers: any("A: b") }), "BAD_FIELD", "headers must be a Uint8Array"],
    [() => encode({ ...pub, subject: "a".repeat(65_536) }), "TOO_LARGE", "a line of 65542 bytes"],
    [() => encode({ ...pub, op: "msg", sid: -1 }), "BAD_NUMBER", "sid -1 must be a whole number of at most 15 digits"],
    [() => encode({ ...pub, op: "msg", sid: "1 2" }), "BAD_FIELD", 'sid "1 2" must be one token without blanks'],
    [
      () => encode({ op: "sub", subject: "a.>.b", queue: undefined, sid: "1" }),
      "BAD_SUBJECT",
      '"a.>.b" is no subject or wildcard pattern to subscribe to',
    ],
    [
      () => encode({ op: "sub", subject: "a", queue: "b c", sid: "1" }),
      "BAD_QUEUE",
      'queue group "b c" must be one token without blanks',
    ],
    [() => encode({ op: "unsub", sid: "", max: 1 }), "BAD_FIELD", 'sid "" must be one token without blanks'],
    [
      () => encode({ op: "unsub", sid: "1", max: 1.5 }),
      "BAD_NUMBER",
      'max must be a whole number of at most nine digits, not "1.5"',
    ],
    [
      () => encode({ op: "err", text: "a\nb" }),
      "BAD_FIELD",
      "an error text must be a string without CR, LF, NUL and lone surrogates",
    ],
    [() => encode({ op: "err", text: "a".repeat(65_536) }), "TOO_LARGE", "a line of 65543 bytes"],
    [() => encode({ op: "info", info: any([]) }), "BAD_FIELD", "INFO needs an object"],
    [() => encode({ op: "info", info: any("ab") }), "BAD_FIELD", "INFO needs an object"],
    [() => encode({ op: "connect", options: any(undefined) }), "BAD_FIELD", "CONNECT needs an object"],
    [
      () => encode({ op: "info", info: { a: 1n } }),
      "BAD_FIELD",
      "INFO cannot be written as JSON: Do not know how to serialize a BigInt",
    ],
    [() => encode({ op: "connect", options: any(null) }), "BAD_FIELD", "CONNECT needs an object"],
    [() => encode({ op: "connect", options: { user: any(1) } }), "BAD_FIELD", "CONNECT field user must be a string"],
    [() => new Encoder().release(1), "BAD_NUMBER", "only 0 bytes are out, not 1"],
    [
      () => new MsgHeaders([["a b", "c"]]),
      "BAD_HEADER",
      'header name "a b" must be printable ASCII without blank and colon',
    ],
    [
      () => new MsgHeaders([["A", "b\r\n"]]),
      "BAD_HEADER",
      "the value of header A must be a string without CR, LF, NUL, lone surrogates and blanks at its ends",
    ],
    [
      () => new MsgHeaders().set("A", " b"),
      "BAD_HEADER",
      "the value of header A must be a string without CR, LF, NUL, lone surrogates and blanks at its ends",
    ],
    [
      () => encodeHeaders(Object.assign(new MsgHeaders(), { status: 1000 })),
      "BAD_HEADER",
      "a status must be a whole number of at most three digits",
    ],
    [
      () => encodeHeaders(Object.assign(new MsgHeaders(), { description: "x" })),
      "BAD_HEADER",
      "a description needs a status",
    ],
    [
      () => encodeHeaders(Object.assign(new MsgHeaders(), { status: 503, description: "" })),
      "BAD_HEADER",
      "an empty description would be read back as none",
    ],
    [
      () => encodeHeaders(Object.assign(new MsgHeaders(), { status: 503, description: "\0" })),
      "BAD_HEADER",
      "the description must be a string without CR, LF, NUL, lone surrogates and blanks at its ends",
    ],
    [
      () => encodeHeaders(any(Object.assign([["A", "\n"]], { status: undefined }))),
      "BAD_HEADER",
      "the value of header A must be a string without CR, LF, NUL, lone surrogates and blanks at its ends",
    ],
  ];
  it.each(misuses.map(([what, code, message]) => ({ what, code, message })))("$message", ({ what, code, message }) => {
    expect(what).toThrow(UsageError);
    expect(what).toThrow(expect.objectContaining({ name: "UsageError", code, message }));
  });

  it("a payload that shrinks while it is borrowed", () => {
    const encoder = new Encoder();
    const memory = new ArrayBuffer(9000, { maxByteLength: 9000 } as never);
    encoder.push({ ...pub, payload: new Uint8Array(memory) });
    (memory as unknown as { resize(length: number): void }).resize(8999);
    const pull = (): unknown => [encoder.pull(), encoder.pull()];
    expect(pull).toThrow(expect.objectContaining({ code: "CLOSED", message: "a borrowed payload changed its length" }));
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
