// SPDX-License-Identifier: Apache-2.0
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type ClientFrame, Encoder, encode, type Msg, type Pub } from "../src/index.ts";
import { runs } from "./runs.ts";

const none = { reply: undefined, headers: undefined, flaw: undefined } as const;
const empty = new Uint8Array(0);
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(length);
const utf8 = new TextEncoder();

/** Returns the bytes of a frame, made of strings. */
function wire(frame: Pub | Msg<string>): Uint8Array {
  const { subject, reply, headers, payload } = frame;
  const words = [subject, ...(frame.op === "msg" ? [frame.sid] : []), ...(reply === undefined ? [] : [reply])];
  if (headers !== undefined) words.push(String(headers.length));
  words.push(String((headers?.length ?? 0) + payload.length));
  const line = `${headers === undefined ? "" : "H"}${frame.op.toUpperCase()} ${words.join(" ")}\r\n`;
  return Buffer.concat([utf8.encode(line), headers ?? empty, payload, utf8.encode("\r\n")]);
}

function drain(encoder: Encoder): Uint8Array {
  const segments: Uint8Array[] = [];
  for (let one = encoder.pull(); one !== undefined; one = encoder.pull()) segments.push(one);
  const all = Buffer.concat(segments);
  encoder.release(all.length);
  return all;
}

describe("Encoder blocks", () => {
  const name = fc.oneof(
    fc.integer({ min: 1, max: 40 }).map((length) => "a".repeat(length)),
    fc.integer({ min: 1, max: 9000 }).map((length) => "b".repeat(length)),
    fc.integer({ min: 1, max: 4000 }).map((length) => "€".repeat(length)),
  );
  const size = fc.oneof(
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 0, max: 9000 }),
    fc.constantFrom(8192, 8193),
  );
  const message = fc.record({
    subject: name,
    reply: fc.option(name, { nil: undefined }),
    headers: fc.option(size.map(bytes), { nil: undefined }),
    payload: size.map(bytes),
    flaw: fc.constant(undefined),
  });
  const frame: fc.Arbitrary<Pub | Msg<string>> = fc.oneof(
    message.map((fields) => ({ op: "pub" as const, ...fields })),
    fc.tuple(message, name).map(([fields, sid]) => ({ op: "msg" as const, ...fields, sid })),
  );

  it("hold frames of any size in order, also when reused", () => {
    const law = fc.property(fc.array(frame, { minLength: 5, maxLength: 12, size: "max" }), (frames) => {
      const encoder = new Encoder();
      const expected = Buffer.concat(frames.map(wire));
      for (let times = 0; times < 2; times++) {
        for (const one of frames) encoder.push(one);
        expect(encoder.pending).toBe(expected.length);
        expect(Buffer.compare(drain(encoder), expected)).toBe(0);
      }
      for (const one of frames) expect(Buffer.compare(encode(one), wire(one))).toBe(0);
    });
    fc.assert(law, { numRuns: Math.max(15, runs(60).numRuns) });
  });

  it("hold a line longer than a block, also if a spare block is there", () => {
    const encoder = new Encoder();
    const small: Pub = { op: "pub", subject: "a", ...none, payload: bytes(8000) };
    for (let i = 0; i < 30; i++) encoder.push(small);
    drain(encoder);
    const long: Pub = { op: "pub", subject: "b".repeat(30_000), ...none, reply: "€".repeat(10_000), payload: bytes(5) };
    for (let i = 0; i < 3; i++) {
      encoder.push(long);
      encoder.push(small);
    }
    const both = Buffer.concat([wire(long), wire(small)]);
    expect(Buffer.compare(drain(encoder), Buffer.concat([both, both, both]))).toBe(0);
  });

  it("are reused once their last byte is released", () => {
    const encoder = new Encoder();
    const frame: Pub = { op: "pub", subject: "a", ...none, payload: bytes(8000) };
    let current: ArrayBufferLike | undefined;
    let out = 0;
    /** Fills the current block, and returns the next one. */
    const next = (): ArrayBufferLike => {
      for (;;) {
        encoder.push(frame);
        const { buffer, length } = encoder.pull()!;
        if (buffer !== current) {
          current = buffer;
          return buffer;
        }
        out += length;
      }
    };
    // The first block is smaller than the others.
    next();
    const blocks = [next(), next(), next()];
    // The first segment of each was not counted: four are not released, and the last is in the fourth block.
    const three = out + 3 * encode(frame).length;
    encoder.release(three - 1);
    expect(next()).toBe(blocks[0]);
    expect(blocks).not.toContain(next());
    encoder.release(1);
    expect(next()).toBe(blocks[1]);
  });
});

describe("Encoder.pushCopy", () => {
  const payloadSize = fc.oneof(fc.constantFrom(0, 8192, 8193, 65_536, 262_144, 262_145), fc.nat(300_000));

  it("keeps its copy until it is released, whatever the caller does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ size: payloadSize, on: fc.nat(1), releases: fc.nat(3) }), { maxLength: 30 }),
        (steps) => {
          // Two encoders use the same pool of blocks.
          const all = [0, 1].map(() => ({
            encoder: new Encoder(),
            out: [] as { sent: Uint8Array; parts: Uint8Array[] }[],
          }));
          let byte = 0;
          for (const { size, on, releases } of steps) {
            const { encoder, out } = all[on]!;
            byte = (byte + 1) & 255;
            const payload = new Uint8Array(size).fill(byte);
            const frame: Pub = { op: "pub", subject: "a", ...none, headers: payload.subarray(size / 2), payload };
            const sent = wire(frame);
            encoder.pushCopy(frame);
            payload.fill(0);
            const parts: Uint8Array[] = [];
            for (let part = encoder.pull(); part !== undefined; part = encoder.pull()) parts.push(part);
            out.push({ sent, parts });
            for (const one of all.flatMap(({ out }) => out)) {
              expect(Buffer.compare(Buffer.concat(one.parts), one.sent)).toBe(0);
            }
            for (let i = 0; i < releases && out.length > 0; i++) encoder.release(out.shift()!.sent.length);
          }
        },
      ),
      runs(60),
    );
  });

  it("copies no bytes of another payload, whatever length is reported", () => {
    const encoder = new Encoder();
    encoder.pushCopy({ op: "pub", subject: "a", ...none, payload: bytes(20_000) });
    drain(encoder);
    const liar = (size: number, length: number): Uint8Array =>
      Object.defineProperty(new Uint8Array(size), "length", { value: length });
    for (const [size, length, sent] of [
      [5, 40_000, 5],
      [9000, 40_000, 9000],
      [40_000, 9000, 9000],
    ] as const) {
      const frame: Pub = { op: "pub", subject: "a", ...none, payload: liar(size, length) };
      encoder.pushCopy(frame);
      expect(Buffer.compare(drain(encoder), wire({ ...frame, payload: new Uint8Array(sent) }))).toBe(0);
    }
  });

  it("fills one block after the other, and leaves push as it is", () => {
    const encoder = new Encoder();
    const frame: Pub = { op: "pub", subject: "a", ...none, payload: bytes(80_000) };
    for (let i = 0; i < 6; i++) encoder.pushCopy(frame);
    expect([encoder.pull(), encoder.pull(), encoder.pull()].map((part) => part?.length)).toEqual([
      240_045,
      240_045,
      undefined,
    ]);
    encoder.push(frame);
    expect([encoder.pull()!.length, encoder.pull() === frame.payload]).toEqual([13, true]);
    drain(encoder);
    expect(() => encoder.pushCopy({ ...frame, subject: "" })).toThrow("subject");
    encoder.push(frame);
    expect([encoder.pull()!.length, encoder.pull() === frame.payload]).toEqual([13, true]);
  });
});

describe("Encoder with all bytes released", () => {
  it("gives its block to the next encoder that needs one", () => {
    const frame: Pub = { op: "pub", subject: "a", ...none, payload: bytes(8000) };
    const busy = new Encoder();
    for (let i = 0; i < 20; i++) busy.push(frame);
    const idle = new Encoder();
    idle.push(frame);
    const segment = idle.pull()!;
    idle.release(segment.length - 1);
    const other = new Encoder();
    other.push(frame);
    expect(other.pull()!.buffer).not.toBe(segment.buffer);
    idle.release(1);
    const next = new Encoder();
    next.push(frame);
    expect(next.pull()!.buffer).toBe(segment.buffer);
    idle.push(frame);
    expect(idle.pull()!.buffer).not.toBe(segment.buffer);
  });

  it("keeps its block while the pool is full, until it writes less", () => {
    const large: Pub = { op: "pub", subject: "a", ...none, payload: bytes(8000) };
    const say = (encoder: Encoder, frame: ClientFrame): Uint8Array => {
      encoder.push(frame);
      return encoder.pull()!;
    };
    const others = Array.from({ length: 40 }, () => new Encoder());
    const busy = new Encoder();
    const out = others.map((one) => say(one, large).length);
    const { buffer, length } = say(busy, large);
    for (const [i, one] of others.entries()) one.release(out[i]!);
    busy.release(length);
    for (let times = 0; times < 3; times++) {
      const again = say(busy, large);
      expect(again.buffer).toBe(buffer);
      busy.release(again.length);
    }
    const last = say(busy, { op: "ping" });
    expect(last.buffer).toBe(buffer);
    busy.release(last.length);
    // The blocks of the pool are in use again.
    for (const one of others) say(one, large);
    expect(say(busy, { op: "ping" }).buffer.byteLength).toBe(4096);
    expect(say(busy, large).buffer.byteLength).toBe(65_536);
  });

  it("keeps no block that is larger than usual", () => {
    const held = Array.from({ length: 40 }, () => new Encoder());
    for (const one of held) one.push({ op: "pub", subject: "a", ...none, payload: bytes(8000) });
    const encoder = new Encoder();
    const long: Pub = { op: "pub", subject: "b".repeat(30_000), ...none, payload: empty };
    for (let times = 0; times < 2; times++) {
      encoder.push(long);
      const segment = encoder.pull()!;
      expect(segment.buffer.byteLength).toBeGreaterThan(65_536);
      encoder.release(segment.length);
    }
    encoder.push({ op: "ping" });
    expect(encoder.pull()!.buffer.byteLength).toBe(4096);
  });

  it("accepts a Uint8Array of another realm", () => {
    const payload = runInNewContext("Uint8Array.of(104, 105)") as Uint8Array;
    expect(payload instanceof Uint8Array).toBe(false);
    expect(Buffer.from(encode({ op: "pub", subject: "a", ...none, payload })).toString()).toBe("PUB a 2\r\nhi\r\n");
    const signed = runInNewContext("Int8Array.of(104, 105)") as Uint8Array;
    expect(() => encode({ op: "pub", subject: "a", ...none, payload: signed })).toThrow("payload must be a Uint8Array");
  });
});

describe("Encoder limits", () => {
  const lineOf = (subject: string): ClientFrame => ({ op: "pub", subject, ...none, payload: empty });
  it.each<[what: string, length: number, frame: (text: string) => unknown]>([
    ["a message line", 65_530, (text) => lineOf(text)],
    ["a control line", 65_529, (text) => ({ op: "err", text })],
    ["an INFO", 1_048_569, (text) => ({ op: "info", info: { a: text.slice(6) } })],
  ])("hold to the byte for %s", (_, length, frame) => {
    const encoder = new Encoder();
    encoder.push({ op: "ping" });
    encoder.push(frame("a".repeat(length)) as never);
    expect(() => encoder.push(frame("a".repeat(length + 1)) as never)).toThrow(
      expect.objectContaining({ code: "TOO_LARGE" }),
    );
    const { length: all } = drain(encoder);
    expect(all).toBe(6 + encode(frame("a".repeat(length)) as never).length);
  });

  it("hold to the byte for a payload", () => {
    // Memory that is never touched costs nothing.
    const payload = new Uint8Array(1_000_000_000);
    const encoder = new Encoder();
    encoder.push({ op: "pub", subject: "a", ...none, payload: payload.subarray(1) });
    expect(encoder.pending).toBe(999_999_999 + 19);
    expect(() => encoder.push({ op: "pub", subject: "a", ...none, payload })).toThrow(
      expect.objectContaining({
        code: "TOO_LARGE",
        message: "message is 1000000000 bytes, limit 999999999",
      }),
    );
    expect(encoder.pending).toBe(999_999_999 + 19);
  });

  it("hold to the byte for release", () => {
    const encoder = new Encoder();
    encoder.push({ op: "ping" });
    encoder.pull();
    encoder.release(0);
    encoder.release(4);
    expect(() => encoder.release(3)).toThrow("cannot release 3 bytes: 2 were pulled and not released");
    encoder.release(2);
  });
});

describe("Name checks of the encoder", () => {
  const calls = (frame: Pub): number => {
    const encoder = new Encoder();
    // All encoders share the cache of subjects. After many different ones, it adds only one in 64.
    for (let i = 0; i < 64; i++) encoder.push({ ...frame, reply: undefined });
    const letters = vi.spyOn(String.prototype, "charCodeAt");
    encoder.push(frame);
    const count = letters.mock.calls.length;
    letters.mockRestore();
    return count;
  };

  it("skip a subject that was written before, and the digits of a size", () => {
    expect(calls({ op: "pub", subject: "orders.europe", ...none, payload: bytes(999) })).toBe(0);
  });

  it("read a plain reply once, letter by letter", () => {
    for (const reply of ["a", "!.~", "_INBOX.abc.1", "a.b.c"]) {
      expect(calls({ op: "pub", subject: "a", ...none, reply, payload: empty })).toBe(reply.length);
    }
  });

  it("apply all rules to a reply that is not plain", () => {
    const write = (reply: string): string =>
      Buffer.from(encode({ op: "pub", subject: "a", ...none, reply, payload: empty })).toString("latin1");
    expect(write("a\x80b")).toBe("PUB a a\xc2\x80b 0\r\n\r\n");
    expect(write("a*b.>c")).toBe("PUB a a*b.>c 0\r\n\r\n");
    expect(write("*.>.é")).toBe("PUB a *.>.\xc3\xa9 0\r\n\r\n");
    for (const reply of ["", ".", "a.", ".a", "a..b", "a b", "a\x7f", "\x80 "]) {
      expect(() => write(reply), reply).toThrow(expect.objectContaining({ code: "BAD_SUBJECT" }));
    }
  });
});
