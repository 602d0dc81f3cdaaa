// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { latin1, fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import * as arbitrary from "../src/arbitrary.ts";
import {
  type AnyFrame,
  type ClientFrame,
  type Connect,
  type ConnectInfo,
  clientFrames,
  Decoder,
  Encoder,
  encode,
  type FrameInput,
  type ServerFrame,
  UsageError,
} from "../src/index.ts";
import { encodeInto } from "../src/rewrite.ts";
import { runs } from "./runs.ts";

const hello = latin1("hello");

/** Returns whether the encoder knows a field: it then rejects one of these types. */
function isKnown(field: string): boolean {
  try {
    return encode({ op: "connect", options: { [field]: true } }).length > "CONNECT {}\r\n".length;
  } catch {
    return true;
  }
}

describe("Frames to encode", () => {
  it.each<[FrameInput, string]>([
    [{ op: "pub", subject: "a", payload: hello }, "PUB a 5\r\nhello\r\n"],
    [{ op: "pub", subject: "a" }, "PUB a 0\r\n\r\n"],
    [{ op: "pub", subject: "a", reply: "b", payload: undefined }, "PUB a b 0\r\n\r\n"],
    [{ op: "pub", subject: "a", headers: hello }, "HPUB a 5 5\r\nhello\r\n"],
    [{ op: "pub", subject: "a.", flaw: "subject" }, "PUB a. 0\r\n\r\n"],
    [{ op: "msg", subject: "a", sid: 1 }, "MSG a 1 0\r\n\r\n"],
    [{ op: "msg", subject: "a", sid: "x", payload: hello }, "MSG a x 5\r\nhello\r\n"],
    [{ op: "sub", subject: "a", sid: "1" }, "SUB a 1\r\n"],
    [{ op: "unsub", sid: "1" }, "UNSUB 1\r\n"],
  ])("may leave out what is undefined: %j", (frame, wire) => {
    expect(text(encode(frame))).toBe(wire);
  });

  it("may have large headers without a payload", () => {
    const headers = new Uint8Array(9000).fill(0x61);
    expect(text(encode({ op: "pub", subject: "a", headers }))).toBe(`HPUB a 9000 9000\r\n${text(headers)}\r\n`);
  });

  it("may be encoded into memory of the caller", () => {
    const memory = new Uint8Array(20);
    const end = encodeInto({ op: "sub", subject: "a", sid: "1" }, memory);
    expect(text(memory.subarray(0, end))).toBe("SUB a 1\r\n");
  });

  it("are those of one side in a typed encoder", () => {
    const encoder = new Encoder<ClientFrame>();
    encoder.push({ op: "pub", subject: "a" });
    encoder.pushCopy({ op: "sub", subject: "a", sid: "1" });
    expect(encoder.pending).toBe("PUB a 0\r\n\r\nSUB a 1\r\n".length);
    expectTypeOf<ClientFrame>().toExtend<FrameInput<ClientFrame>>();
    expectTypeOf<ServerFrame>().toExtend<FrameInput<ServerFrame>>();
    expectTypeOf<AnyFrame>().toExtend<FrameInput>();
    expectTypeOf<{ op: "pub" }>().not.toExtend<FrameInput>();
    expectTypeOf<{ op: "ok" }>().not.toExtend<FrameInput<ClientFrame>>();
  });
});

describe("The extra fields of CONNECT", () => {
  const connect = (options: ConnectInfo, extra?: object): string =>
    text(encode({ op: "connect", options, extra })).slice("CONNECT ".length, -2);

  it("are written as they are, and those of options win", () => {
    expect(connect({ user: "u", proxy_sig: "s" }, { account: "A", user: "x", nested: { a: [1] } })).toBe(
      '{"account":"A","user":"u","nested":{"a":[1]},"proxy_sig":"s"}',
    );
  });

  it("are not written if options has them", () => {
    expect(connect({ user: "u", key: "secret" } as object)).toBe('{"user":"u"}');
    expect(connect({ user: "u", key: "secret" } as object, { other: 1 })).toBe('{"other":1,"user":"u"}');
  });

  it.each([
    ["a known field has another type", { user: 1 }, "CONNECT field user must be a string"],
    ["they are null", null, "CONNECT needs an object, not null"],
    ["they are a string", "user", "CONNECT needs an object, not a string"],
    ["they are an array", [], "CONNECT needs an object, not an array"],
    ["one is a bigint", { a: 1n }, "CONNECT cannot be written as JSON"],
  ])("are rejected if %s", (_, extra, message) => {
    expect(() => connect({}, extra as object)).toThrow(message);
    expect(() => connect({}, extra as object)).toThrow(UsageError);
  });

  const name = fc
    .oneof(fc.constantFrom("account", "cluster", "key", "__proto__", "toJSON"), fc.string())
    .filter((name) => !isKnown(name));
  const unknown = fc
    .dictionary(name, fc.jsonValue({ maxDepth: 2 }))
    // JSON has no minus zero.
    .map((fields) => JSON.parse(JSON.stringify(fields)) as object);

  it("are the only unknown fields that are written", () => {
    const law = fc.property(arbitrary.connectInfo, unknown, unknown, (known, leaks, extra) => {
      const written = JSON.parse(connect({ ...leaks, ...known }, extra)) as object;
      expect(new Set(Object.keys(written))).toEqual(new Set([...Object.keys(known), ...Object.keys(extra)]));
    });
    fc.assert(law, runs(500));
  });

  it("carry every field that a decoder read", () => {
    const law = fc.property(arbitrary.connectInfo, unknown, (known, others) => {
      const decoder = new Decoder(clientFrames);
      decoder.push(new TextEncoder().encode(`CONNECT ${JSON.stringify({ ...others, ...known })}\r\n`));
      const frame = decoder.pull() as Connect;
      decoder.push(encode({ ...frame, extra: frame.options }));
      expect(decoder.pull()).toEqual(frame);
    });
    fc.assert(law, runs(500));
  });
});
