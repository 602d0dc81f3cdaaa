// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latin1, fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { oracle } from "../../../tools/testkit/oracle.ts";
import { type ClientFrame, Encoder, encode, type FrameInput, UsageError } from "../src/index.ts";
import { runs } from "./runs.ts";

const hello = latin1("hello");

describe("encode", () => {
  it.each<[FrameInput, string]>([
    [{ op: "ping" }, "PING\r\n"],
    [{ op: "pong" }, "PONG\r\n"],
    [{ op: "ok" }, "+OK\r\n"],
    [{ op: "err", text: "Stale Connection" }, "-ERR 'Stale Connection'\r\n"],
    [{ op: "info", info: { port: 4222, later: [1] } }, 'INFO {"port":4222,"later":[1]}\r\n'],
    [{ op: "connect", options: { verbose: false } }, 'CONNECT {"verbose":false}\r\n'],
    [{ op: "sub", subject: "foo.*", sid: "90" }, "SUB foo.* 90\r\n"],
    [{ op: "sub", subject: "foo.>", queue: "q", sid: "a" }, "SUB foo.> q a\r\n"],
    [{ op: "unsub", sid: "90" }, "UNSUB 90\r\n"],
    [{ op: "unsub", sid: "90", max: 5 }, "UNSUB 90 5\r\n"],
    [{ op: "pub", subject: "foo.bar", payload: hello }, "PUB foo.bar 5\r\nhello\r\n"],
    [{ op: "pub", subject: "a", reply: "r.é", payload: hello }, "PUB a r.\xc3\xa9 5\r\nhello\r\n"],
    [{ op: "pub", subject: "a", headers: latin1("xy"), payload: hello }, "HPUB a 2 7\r\nxyhello\r\n"],
    [{ op: "pub", subject: "a", headers: latin1(""), payload: hello }, "HPUB a 0 5\r\nhello\r\n"],
    [{ op: "msg", subject: "foo.*", sid: 90, payload: hello }, "MSG foo.* 90 5\r\nhello\r\n"],
    [{ op: "msg", subject: "a", sid: "x-1", payload: latin1("") }, "MSG a x-1 0\r\n\r\n"],
    [
      { op: "msg", subject: "é", sid: 999_999_999_999_999, payload: latin1("") },
      "MSG \xc3\xa9 999999999999999 0\r\n\r\n",
    ],
    [
      { op: "msg", subject: "a", sid: 123, headers: latin1("h"), reply: "r", payload: hello },
      "HMSG a 123 r 1 6\r\nhhello\r\n",
    ],
  ])("writes %j", (frame, wire) => {
    expect(text(encode(frame))).toBe(wire);
  });

  it("writes sizes of any length", () => {
    for (const size of [0, 9, 10, 99, 100, 999, 1000, 8192, 8193, 70_000]) {
      const wire = encode({ op: "pub", subject: "a", payload: new Uint8Array(size) });
      expect(text(wire.slice(0, 12))).toContain(`PUB a ${size}\r\n`.slice(0, 12));
      expect(wire.length).toBe(`PUB a ${size}\r\n`.length + size + 2);
    }
  });

  it("leaves unknown fields out of CONNECT, so that no key leaks", () => {
    const options = { user: "u", key: "secret", cert: "secret", pass: undefined, toJSON: () => ({ key: "secret" }) };
    expect(text(encode({ op: "connect", options: options as object }))).toBe('CONNECT {"user":"u"}\r\n');
  });

  it.each<[string, FrameInput, string]>([
    ["an empty subject", { op: "pub", subject: "", payload: hello }, "BAD_SUBJECT"],
    ["an empty token to deliver", { op: "msg", subject: "a..b", sid: 1, payload: hello }, "BAD_SUBJECT"],
    ["a blank in a delivered reply", { op: "msg", subject: "a", sid: 1, reply: "a b", payload: hello }, "BAD_SUBJECT"],
    ["a subject that is not a string", { op: "pub", subject: Object("a") as string, payload: hello }, "BAD_SUBJECT"],
    ["a pattern with > inside", { op: "sub", subject: "a.>.b", sid: "1" }, "BAD_SUBJECT"],
    ["a queue group with a blank", { op: "sub", subject: "a", queue: "q 1", sid: "1" }, "BAD_QUEUE"],
    ["an empty queue group", { op: "sub", subject: "a", queue: "", sid: "1" }, "BAD_QUEUE"],
    ["a sid with CR LF", { op: "sub", subject: "a", sid: "1\r\nPING" }, "BAD_FIELD"],
    ["an empty sid", { op: "unsub", sid: "" }, "BAD_FIELD"],
    ["a delivered sid with a blank", { op: "msg", subject: "a", sid: "1 2", payload: hello }, "BAD_FIELD"],
    ["a negative sid", { op: "msg", subject: "a", sid: -1, payload: hello }, "BAD_NUMBER"],
    ["minus zero", { op: "msg", subject: "a", sid: -0, payload: hello }, "BAD_NUMBER"],
    ["a sid of 16 digits", { op: "msg", subject: "a", sid: 1e15, payload: hello }, "BAD_NUMBER"],
    ["half a sid", { op: "msg", subject: "a", sid: 0.5, payload: hello }, "BAD_NUMBER"],
    ["a negative max", { op: "unsub", sid: "1", max: -1 }, "BAD_NUMBER"],
    ["a max of ten digits", { op: "unsub", sid: "1", max: 1e9 }, "BAD_NUMBER"],
    ["a max that is not a number", { op: "unsub", sid: "1", max: "5" as never }, "BAD_NUMBER"],
    ["an error text with LF", { op: "err", text: "a\nb" }, "BAD_FIELD"],
    ["an error text with a lone surrogate", { op: "err", text: "\ud800" }, "BAD_FIELD"],
    ["an error text that is not a string", { op: "err", text: 1 as never }, "BAD_FIELD"],
    ["a payload that is a string", { op: "pub", subject: "a", payload: "hello" as never }, "BAD_FIELD"],
    ["a payload of wider elements", { op: "pub", subject: "a", payload: new Uint16Array(2) as never }, "BAD_FIELD"],
    ["headers that are not bytes", { op: "pub", subject: "a", headers: {} as never, payload: hello }, "BAD_FIELD"],
    ["INFO that is not an object", { op: "info", info: null as never }, "BAD_FIELD"],
    ["INFO that is an array", { op: "info", info: [] as never }, "BAD_FIELD"],
    ["INFO with a wrong type", { op: "info", info: { port: "1" as never } }, "BAD_FIELD"],
    ["INFO with a wrong element", { op: "info", info: { connect_urls: [1] as never } }, "BAD_FIELD"],
    ["INFO that cannot be JSON", { op: "info", info: { later: 1n } }, "BAD_FIELD"],
    ["CONNECT with a wrong type", { op: "connect", options: { protocol: 1.5 } }, "BAD_FIELD"],
    ["an unknown op", { op: "nope" } as never, "BAD_FIELD"],
    ["a line above 64 KiB", { op: "sub", subject: "x".repeat(70_000), sid: "1" }, "TOO_LARGE"],
    ["a message line above 64 KiB", { op: "pub", subject: "x".repeat(70_000), payload: hello }, "TOO_LARGE"],
    ["a size of ten digits", { op: "pub", subject: "a", payload: vast() }, "TOO_LARGE"],
  ])("rejects %s and queues nothing", (_, frame, code) => {
    const encoder = new Encoder();
    encoder.push({ op: "ping" });
    expect(() => encoder.push(frame)).toThrow(UsageError);
    expect(() => encoder.push(frame)).toThrow(expect.objectContaining({ code }));
    expect(encoder.pending).toBe(6);
    expect(text(encoder.pull()!)).toBe("PING\r\n");
    expect(encoder.pull()).toBeUndefined();
  });

  it("writes bytes that decode to the intended frame and nothing else", () => {
    const hostile = fc.string({
      unit: fc.constantFrom(..."ab.*> \t\r\n\0\x7fé'\"\ud800", "\r\nPING\r\n"),
      maxLength: 6,
    });
    const field = fc.oneof(hostile, fc.constant(undefined));
    const law = fc.property(fc.array(field, { minLength: 4, maxLength: 4 }), fc.nat(3), ([a, b, c, d], which) => {
      const subject = a as string;
      const payload = latin1("x");
      const frame = [
        { op: "pub", subject, reply: b, headers: undefined, payload, flaw: undefined },
        { op: "sub", subject, queue: b, sid: c as string },
        { op: "unsub", sid: a as string, max: undefined },
        { op: "connect", options: { name: a as string, user: b as string, pass: d as string } },
      ][which] as ClientFrame;
      let wire: Uint8Array;
      try {
        wire = encode(frame);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        return;
      }
      const { frames, fault, rest } = oracle(wire, "client");
      expect({ frames, fault, rest }).toEqual({ frames: [frame], fault: undefined, rest: wire.length });
    });
    fc.assert(law, runs(20_000));
  });
});

describe("encode", () => {
  it("returns bytes that no later frame changes", () => {
    const ping = encode({ op: "ping" });
    const large = encode({ op: "pub", subject: "a", payload: new Uint8Array(9000).fill(0x61) });
    encode({ op: "pong" });
    expect(text(ping)).toBe("PING\r\n");
    expect(text(large.subarray(0, 12))).toBe("PUB a 9000\r\n");
    expect(large.length).toBe(9014);
    expect(ping.buffer.byteLength).toBe(6);
  });

  it("works after a frame that was rejected, and inside of one", () => {
    expect(() => encode({ op: "pub", subject: "", payload: latin1("x") })).toThrow(UsageError);
    // A getter encodes another frame while this one is encoded.
    const nosy: FrameInput = {
      op: "pub",
      subject: "a",

      get payload() {
        expect(text(encode({ op: "ping" }))).toBe("PING\r\n");
        return hello;
      },
    };
    expect(text(encode(nosy))).toBe("PUB a 5\r\nhello\r\n");
  });
});

describe("Encoder", () => {
  it("joins small frames in a segment and does not copy a large payload", () => {
    const encoder = new Encoder<ClientFrame>();
    const large = new Uint8Array(8193).fill(0x61);
    encoder.push({ op: "ping" });
    encoder.push({ op: "pub", subject: "a", headers: large, payload: hello });
    encoder.push({ op: "pub", subject: "a", payload: large });
    encoder.push({ op: "pong" });
    const segments: (string | Uint8Array | undefined)[] = [];
    for (let one = encoder.pull(); one !== undefined; one = encoder.pull())
      segments.push(one.buffer === large.buffer ? large : text(one));
    expect(segments).toEqual(["PING\r\nHPUB a 8193 8198\r\n", large, "hello\r\nPUB a 8193\r\n", large, "\r\nPONG\r\n"]);
  });

  it("reuses a block once all of it is released, and never before", () => {
    const encoder = new Encoder<ClientFrame>();
    encoder.push({ op: "ping" });
    const first = encoder.pull()!;
    encoder.push({ op: "pong" });
    const second = encoder.pull()!;
    expect([text(first), text(second), second.byteOffset]).toEqual(["PING\r\n", "PONG\r\n", 6]);
    encoder.release(6);
    encoder.push({ op: "ping" });
    expect(encoder.pull()!.byteOffset).toBe(12);
    encoder.release(12);
    encoder.push({ op: "ping" });
    expect(encoder.pull()!.byteOffset).toBe(0);
  });

  it("does not change unreleased bytes, whatever is pushed next", () => {
    const encoder = new Encoder<ClientFrame>();
    const payload = new Uint8Array(3000);
    const out: { segment: Uint8Array; copy: Uint8Array }[] = [];
    for (let i = 0; i < 400; i++) {
      encoder.push({ op: "pub", subject: `s.${i % 100}`, payload: payload.fill(i) });
      for (let segment = encoder.pull(); segment !== undefined; segment = encoder.pull()) {
        out.push({ segment, copy: segment.slice() });
      }
      // The socket lags by thirty segments. Then it catches up, and blocks are reused.
      while (out.length > 30) encoder.release(check(out.shift()!));
      if (i === 200) while (out.length > 0) encoder.release(check(out.shift()!));
    }
    for (const one of out) check(one);
  });

  it("drops blocks that are never released", () => {
    const encoder = new Encoder<ClientFrame>();
    const blocks = new Set<ArrayBufferLike>();
    for (let i = 0; i < 600; i++) {
      encoder.push({ op: "pub", subject: "a", payload: new Uint8Array(8000) });
      blocks.add(encoder.pull()!.buffer);
    }
    expect(blocks.size).toBeGreaterThan(17);
    expect(encoder.pending).toBe(0);
  });

  it("throws if more is released than was pulled", () => {
    const encoder = new Encoder<ClientFrame>();
    encoder.push({ op: "ping" });
    for (const bytes of [1, -1, 0.5, Number.NaN]) {
      expect(() => encoder.release(bytes)).toThrow(expect.objectContaining({ code: "BAD_NUMBER" }));
    }
  });

  it("throws on every call after a borrowed payload was resized", () => {
    const buffer = new ArrayBuffer(9000, { maxByteLength: 9000 });
    const encoder = new Encoder<ClientFrame>();
    encoder.push({ op: "pub", subject: "a", payload: new Uint8Array(buffer) });
    encoder.pull();
    (buffer as unknown as { resize(length: number): void }).resize(8999);
    const broken = expect.objectContaining({ code: "CLOSED" });
    expect(() => encoder.pull()).toThrow(broken);
    expect(() => encoder.pull()).toThrow(broken);
    expect(() => encoder.push({ op: "ping" })).toThrow(broken);
  });

  it("keeps a bounded number of blocks for reuse", () => {
    const encoder = new Encoder<ClientFrame>();
    const round = (): Set<ArrayBufferLike> => {
      const blocks = new Set<ArrayBufferLike>();
      let out = 0;
      for (let i = 0; i < 240; i++) encoder.push({ op: "pub", subject: "a", payload: new Uint8Array(8000) });
      for (let one = encoder.pull(); one !== undefined; one = encoder.pull()) {
        blocks.add(one.buffer);
        out += one.length;
      }
      encoder.release(out);
      return blocks;
    };
    const first = round();
    const again = [...round()].filter((block) => first.has(block));
    expect(again.length).toBeGreaterThan(1);
    expect(again.length).toBeLessThan(18);
  });

  it.each(["pub", "msg"] as const)("writes a %s to new, repeated and alternating subjects alike", (op) => {
    const encoder = new Encoder();
    let expected = "";
    let written = "";
    for (let i = 0; i < 6000; i++) {
      const subject = i % 2 === 0 && i < 4000 ? `same.${i % 4}` : i % 7 === 0 ? `é.${i}` : `s.${i}`;
      const payload = new Uint8Array(0);
      encoder.push(op === "pub" ? { op, subject, payload } : { op, subject, sid: 1, payload });
      expected += `${op.toUpperCase()} ${subject.replace("é", "\xc3\xa9")} ${op === "pub" ? "" : "1 "}0\r\n\r\n`;
    }
    for (let segment = encoder.pull(); segment !== undefined; segment = encoder.pull()) {
      for (const byte of segment) written += String.fromCharCode(byte);
    }
    expect(written).toBe(expected);
  });
});

function check({ segment, copy }: { segment: Uint8Array; copy: Uint8Array }): number {
  expect(Buffer.compare(segment, copy)).toBe(0);
  return segment.length;
}

/** Returns a payload whose size has ten digits. Memory that is never touched costs nothing. */
function vast(): Uint8Array {
  return new Uint8Array(1_000_000_000);
}
