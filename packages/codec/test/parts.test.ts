// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latin1, fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { concat } from "../src/bytes.ts";
import {
  clientFrames,
  Decoder,
  encode,
  type Limits,
  ProtocolError,
  type Pub,
  Scanner,
  serverFrames,
} from "../src/index.ts";
import { PART, PartScanner, splice } from "../src/rewrite.ts";
import { runs } from "./runs.ts";

const WHOLE = 8192;
const pub = (size: number, headers?: number): Pub => ({
  op: "pub",
  subject: "orders.new",
  reply: "r",
  headers: headers === undefined ? undefined : new Uint8Array(headers).fill(0x68),
  payload: new Uint8Array(size).fill(0x70),
  flaw: undefined,
});

/** A frame as its parts told it. */
interface Told {
  readonly kind: number;
  readonly subject: string;
  readonly reply: string | undefined;
  readonly declared: number;
  readonly raw: Uint8Array;
  readonly headers: Uint8Array | undefined;
  readonly payload: Uint8Array;
  readonly parts: number;
}

/** Reads a stream in parts, and puts them together. */
function tell(
  chunks: Iterable<Uint8Array>,
  limits?: Partial<Limits>,
): { told: Told[]; fault: unknown; offset: number } {
  const scanner = new PartScanner(clientFrames, limits);
  const told: Told[] = [];
  let open: Omit<Told, "raw" | "headers" | "payload"> | undefined;
  let raw: Uint8Array[] = [];
  let headers: Uint8Array[] = [];
  let payload: Uint8Array[] = [];
  let isHeaded = false;
  try {
    for (const chunk of chunks) {
      scanner.push(chunk);
      while (scanner.next() !== 0) {
        if (scanner.kind === PART) open = { ...open!, parts: open!.parts + 1 };
        else {
          const declared = scanner.size + Math.max(0, scanner.remaining - 2);
          open = { kind: scanner.kind, subject: scanner.subject(), reply: scanner.reply(), declared, parts: 1 };
          raw = [];
          headers = [];
          payload = [];
          isHeaded = scanner.headers() !== undefined;
        }
        raw.push(scanner.frame()!.slice());
        headers.push(scanner.headers()?.slice() ?? new Uint8Array());
        payload.push(scanner.payload().slice());
        expect(scanner.headers() !== undefined).toBe(isHeaded);
        if (scanner.remaining > 0) continue;
        told.push({
          ...open,
          raw: concat(raw),
          headers: isHeaded ? concat(headers) : undefined,
          payload: concat(payload),
        });
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    expect(scanner.buffered).toBe(0);
    expect(() => scanner.next()).toThrow(error);
    return { told, fault: { code: error.code, offset: error.offset }, offset: scanner.offset };
  }
  return { told, fault: undefined, offset: scanner.offset };
}

/** Cuts a stream at some positions. */
function cut(stream: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...[...at].sort((a, b) => a - b), stream.length];
  return places.slice(1).map((end, i) => stream.slice(places[i], end));
}

const frame = fc.oneof(
  { weight: 3, arbitrary: fc.nat(40).map((size) => pub(size)) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(70_000), fc.nat(40)).map(([size, headers]) => pub(size, headers)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: WHOLE - 60, max: WHOLE + 60 }), fc.boolean())
      .map(([size, isHeaded]) => pub(isHeaded ? 5 : size, isHeaded ? size : undefined)),
  },
  { weight: 1, arbitrary: fc.nat(60_000).map((size) => pub(size)) },
);
const cuts = (length: number): fc.Arbitrary<number[]> => fc.array(fc.nat(length), { maxLength: 12 });
const stream = fc
  .array(frame, { minLength: 1, maxLength: 4 })
  .map((frames) => ({ frames, bytes: concat(frames.map(encode)) }));

describe("PartScanner", () => {
  it("tells the same frames as a scanner, for any chunks", () => {
    fc.assert(
      fc.property(
        stream.chain(({ frames, bytes }) => fc.tuple(fc.constant(frames), fc.constant(bytes), cuts(bytes.length))),
        ([frames, bytes, at]) => {
          const { told, fault, offset } = tell(cut(bytes, at));
          expect([fault, offset, told.length]).toEqual([undefined, bytes.length, frames.length]);
          for (const [i, { op: _, flaw, ...wanted }] of frames.entries()) {
            const { kind, declared, raw, parts, ...fields } = told[i]!;
            expect([kind, flaw]).toEqual([wanted.headers === undefined ? 1 : 2, undefined]);
            expect(Buffer.compare(raw, encode(frames[i]!))).toBe(0);
            expect(declared).toBe(wanted.payload.length + (wanted.headers?.length ?? 0));
            expect(Buffer.compare(fields.payload, wanted.payload)).toBe(0);
            expect([fields.subject, fields.reply]).toEqual([wanted.subject, wanted.reply]);
            expect(fields.headers?.length).toBe(wanted.headers?.length);
            if (raw.length <= WHOLE) expect(parts).toBe(1);
          }
        },
      ),
      runs(60),
    );
  });

  it("finds the same fault at the same byte as a decoder", () => {
    const broken = fc
      .tuple(stream, fc.nat(3), fc.constantFrom(0x0a, 0x0d, 0x78))
      .map(([{ frames, bytes }, back, byte]) => {
        const copy = bytes.slice();
        const end = encode(frames[0]!).length;
        copy[end - 1 - back] = byte;
        return copy;
      });
    fc.assert(
      fc.property(
        broken.chain((bytes) => fc.tuple(fc.constant(bytes), cuts(bytes.length))),
        ([bytes, at]) => {
          const { fault, offset } = tell(cut(bytes, at));
          const decoder = new Decoder(clientFrames);
          let wanted: unknown;
          try {
            for (const chunk of cut(bytes, at)) {
              decoder.push(chunk);
              for (const _ of decoder);
            }
          } catch (error) {
            if (!(error instanceof ProtocolError)) throw error;
            wanted = { code: error.code, offset: error.offset };
          }
          expect([fault, offset]).toEqual([wanted, decoder.offset]);
        },
      ),
      runs(60),
    );
  });

  it("returns parts byte by byte, and those of the line end", () => {
    const bytes = encode(pub(WHOLE));
    const tail = bytes.subarray(-4);
    const told = tell([
      bytes.slice(0, 60),
      bytes.slice(60, -4),
      ...Array.from(tail, (byte) => Uint8Array.of(byte)),
      latin1("PING\r\n"),
    ]).told;
    expect(told.map(({ parts, raw }) => [parts, raw.length])).toEqual([
      [6, bytes.length],
      [1, 6],
    ]);
  });

  it("shows how much is to come, and the names at the first part only", () => {
    const scanner = new PartScanner(serverFrames);
    const seen: unknown[] = [];
    const look = (chunk: string): void => {
      scanner.push(latin1(chunk));
      seen.push([scanner.next(), scanner.subject(), scanner.sid, scanner.size, scanner.remaining, scanner.buffered]);
    };
    look("MSG a 7 r 70000\r\nab");
    expect(text(splice(scanner, { subject: "b", reply: null }))).toBe("MSG b 7 70000\r\nab");
    expect(() => splice(scanner, { payload: latin1("x") })).toThrow(
      "headers and payload cannot be changed in a frame above",
    );
    look("c".repeat(69_998));
    expect(() => splice(scanner, { subject: "b" })).toThrow("a later part of a frame has no subject");
    expect(() => splice(scanner, { reply: "b" })).toThrow("a later part of a frame has no reply");
    expect(text(splice(scanner, {})).length).toBe(69_998);
    expect(scanner.next()).toBe(0);
    look("\r");
    look("\n");
    look("PING\r\n");
    expect(seen).toEqual([
      [1, "a", 7, 2, 70_000, 0],
      [PART, "", 0, 69_998, 2, 0],
      [PART, "", 0, 0, 1, 0],
      [PART, "", 0, 0, 0, 0],
      [3, "", 0, 0, 0, 0],
    ]);
  });

  it("has bytes to come after a fault in the middle of a message", () => {
    const scanner = new PartScanner(serverFrames);
    for (const chunk of ["MSG a 1 9000\r\n", "x".repeat(9000)]) {
      scanner.push(latin1(chunk));
      scanner.next();
      expect(scanner.flaw()).toBe(undefined);
    }
    scanner.push(latin1("XX"));
    for (let again = 0; again < 2; again++) expect(() => scanner.next()).toThrow("BAD_TRAILER at byte 9014");
    expect(scanner.remaining).toBe(2);
  });

  it("takes the rest of a frame again after a chunk was detached", () => {
    const scanner = new PartScanner(clientFrames);
    const bytes = encode(pub(70_000));
    scanner.push(bytes.slice(0, 100));
    scanner.next();
    const chunk = bytes.slice(100, 5000);
    scanner.push(chunk);
    structuredClone(chunk, { transfer: [chunk.buffer] });
    expect(() => scanner.next()).toThrow("push again from byte 100");
    scanner.push(bytes.slice(scanner.offset + scanner.buffered));
    expect([scanner.next(), scanner.remaining, scanner.offset]).toEqual([PART, 0, bytes.length]);
  });

  it("takes the rest again after the current chunk was detached", () => {
    const scanner = new PartScanner(clientFrames);
    const bytes = encode(pub(20_000));
    scanner.push(bytes.slice(0, 100));
    expect([scanner.mayBeParted, scanner.next(), scanner.mayBeParted, scanner.next()]).toEqual([false, 1, true, 0]);
    const chunk = bytes.slice(100, 5000);
    scanner.push(chunk);
    structuredClone(chunk, { transfer: [chunk.buffer] });
    expect(() => scanner.next()).toThrow("push again from byte 100");
    scanner.push(bytes.slice(100));
    expect([scanner.next(), scanner.remaining]).toEqual([PART, 0]);
  });

  it("holds no more than a chunk, a line and 8 KiB of a message of 64 MB", () => {
    const size = 64_000_000;
    const scanner = new PartScanner(serverFrames);
    const chunk = new Uint8Array(65_536);
    scanner.push(latin1(`MSG orders.new 7 ${size}\r\n`));
    scanner.next();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let sent = 0; sent < size; sent += chunk.length) {
      scanner.push(chunk.subarray(0, Math.min(chunk.length, size - sent)));
      expect(scanner.next()).toBe(PART);
      expect(scanner.payload().buffer).toBe(chunk.buffer);
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      expect(scanner.next()).toBe(0);
    }
    expect(scanner.remaining).toBe(2);
    expect(most).toBeLessThan(65_536);
  });
});

describe("setLimits", () => {
  const sizes = (reader: { next(): number; size: number }): number[] => {
    const found: number[] = [];
    while (reader.next() !== 0) found.push(reader.size);
    return found;
  };

  it("applies to the next line, also if that was expected", () => {
    const scanner = new Scanner(clientFrames, { payload: 4 });
    const line = "PUB orders.new 4\r\nabcd\r\n";
    scanner.push(latin1(line.repeat(4)));
    expect(sizes(scanner)).toEqual([4, 4, 4, 4]);
    scanner.setLimits({ payload: 5 });
    scanner.push(latin1(`PUB orders.new 5\r\nabcde\r\n${line.repeat(4)}`));
    expect(sizes(scanner)).toEqual([5, 4, 4, 4, 4]);
    scanner.setLimits({ payload: 3 });
    scanner.push(latin1(line));
    expect(() => scanner.next()).toThrow("payload of 4 bytes exceeds the limit of 3");
  });

  it.each<[start: string, limits: Partial<Limits>, rest: string, error: string]>([
    ["PUB orders.new ", { line: 8 }, "4\r\nabcd\r\n", "the control line exceeds the limit of 8 bytes"],
    ["PUB orders.new ", { payload: 3 }, "4\r\nabcd\r\n", "payload of 4 bytes exceeds the limit of 3"],
    ["PUB orders.new 4\r\nab", { payload: 3 }, "cd\r\n", "payload of 4 bytes exceeds the limit of 3"],
    ["PUB orders.new 4\nab", { strictLineEnd: true }, "cd\r\n", "the control line ends in LF"],
  ])("applies to the frame that begins with %j", (start, limits, rest, error) => {
    const scanner = new Scanner(clientFrames);
    scanner.push(latin1(start));
    expect(scanner.next()).toBe(0);
    scanner.setLimits(limits);
    scanner.push(latin1(rest));
    expect(() => scanner.next()).toThrow(error);
  });

  it("does not apply to a frame of which a part was returned", () => {
    const scanner = new PartScanner(clientFrames);
    scanner.push(latin1("PUB orders.new 70000\r\n"));
    scanner.next();
    scanner.setLimits({ payload: 3 });
    scanner.push(new Uint8Array(70_000));
    scanner.push(latin1("\r\nPUB a 4\r\n"));
    expect([scanner.next(), scanner.next(), scanner.remaining]).toEqual([PART, PART, 0]);
    expect(() => scanner.next()).toThrow("exceeds the limit of 3");
  });

  it("rejects what is not the name of a limit", () => {
    const error = 'unknown limit "payloads": the limits are line, info, payload, strictLineEnd';
    expect(() => new Decoder(clientFrames, { payloads: 5 } as object)).toThrow(error);
    expect(() => new PartScanner(clientFrames, { payloads: 5 } as object)).toThrow(error);
    expect(() => new Scanner(clientFrames).setLimits({ payloads: 5 } as object)).toThrow(error);
  });

  it("changes a decoder, keeps other limits, and rejects what is no limit", () => {
    const decoder = new Decoder(serverFrames, { line: 30 });
    decoder.setLimits({ payload: 3 });
    expect(() => decoder.setLimits({ payload: "4" as never })).toThrow(
      'limits.payload must be a whole number, not "4"',
    );
    decoder.push(latin1("MSG a 1 3\r\nabc\r\nMSG a 1 4\r\n"));
    expect(decoder.pull()?.op).toBe("msg");
    expect(() => decoder.pull()).toThrow("exceeds the limit of 3");
    const other = new Decoder(serverFrames, { line: 30 });
    other.setLimits({ payload: 3 });
    other.push(latin1(`MSG ${"a".repeat(30)}`));
    expect(() => other.pull()).toThrow("LINE_TOO_LONG");
  });
});
