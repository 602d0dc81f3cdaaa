// SPDX-License-Identifier: Apache-2.0

import { isDeepStrictEqual as same } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { oracle } from "../../../tools/testkit/oracle.ts";
import { brokenStream, chunkings, clientFrame, serverFrame } from "../src/arbitrary.ts";
import {
  type ClientFrame,
  clientFrames,
  Decoder,
  Encoder,
  encode,
  type Grammar,
  ProtocolError,
  type ServerFrame,
  serverFrames,
} from "../src/index.ts";
import { read } from "./reading.ts";
import { runs } from "./runs.ts";

const senders = [
  {
    from: "server",
    grammar: serverFrames as Grammar<ServerFrame | ClientFrame>,
    frame: serverFrame as fc.Arbitrary<ServerFrame | ClientFrame>,
  },
  {
    from: "client",
    grammar: clientFrames as Grammar<ServerFrame | ClientFrame>,
    frame: clientFrame as fc.Arbitrary<ServerFrame | ClientFrame>,
  },
] as const;

describe.each(senders)("Decoder for frames of a $from", ({ from, grammar, frame }) => {
  const cut = (stream: Uint8Array) => chunkings(stream).map((chunks) => ({ stream, chunks }));

  it("returns what was encoded, with all frames held to the end", () => {
    const law = fc.property(
      fc
        .array(frame, { maxLength: 6 })
        .map(inRuns)
        .chain((sent) => cut(bytesOf(sent)).map((made) => ({ ...made, sent }))),
      ({ sent, stream, chunks }) => {
        expect(same(read(chunks, grammar), { frames: sent, fault: undefined, rest: stream.length })).toBe(true);
      },
    );
    fc.assert(law, runs(5_000));
  });

  it("returns the same frames, code and offset for every chunking", () => {
    const law = fc.property(brokenStream(grammar).chain(cut), ({ stream, chunks }) => {
      expect(same(read(chunks, grammar), read([stream], grammar))).toBe(true);
    });
    fc.assert(law, runs(15_000));
  });

  it("returns the same 500 frames when cut in two at any byte", () => {
    const [sent] = fc.sample(fc.array(frame, { minLength: 500, maxLength: 500, size: "max" }), {
      seed: 500,
      numRuns: 1,
    });
    const small = sent!.map((one) => ("payload" in one ? { ...one, payload: one.payload.subarray(0, 64) } : one));
    const stream = bytesOf(small);
    const whole = read([stream], grammar);
    expect(whole.frames.length).toBe(500);
    expect(
      same(
        read(
          Array.from(stream, (byte) => Uint8Array.of(byte)),
          grammar,
        ),
        whole,
      ),
    ).toBe(true);
    const ends = endsOf(stream, grammar);
    for (let cut = 0; cut <= stream.length; cut++) {
      // More than a frame before and after the cut, the result is the same for all cuts.
      const [from, to] = around(ends, cut);
      const reading = read([stream.subarray(from, cut), stream.subarray(cut, to)], grammar);
      expect(same(reading.frames, whole.frames.slice(ends.indexOf(from), ends.indexOf(to)))).toBe(true);
    }
  });

  it("returns the same for every chunking at the edges of small limits", () => {
    const limits = fc.record({
      line: fc.integer({ min: 1, max: 40 }),
      wider: fc.integer({ min: 0, max: 40 }),
      strictLineEnd: fc.boolean(),
    });
    const law = fc.property(
      brokenStream(grammar).chain(cut),
      limits,
      ({ stream, chunks }, { line, wider, strictLineEnd }) => {
        const limit = { line, info: line + wider, strictLineEnd };
        expect(same(read(chunks, grammar, limit), read([stream], grammar, limit))).toBe(true);
      },
    );
    fc.assert(law, runs(10_000));
  });

  it("agrees with an oracle that was written from the protocol text", () => {
    const law = fc.property(brokenStream(grammar), fc.boolean(), (stream, strictLineEnd) => {
      const { frames, fault, rest } = oracle(stream, from, { strictLineEnd });
      expect(same(read([stream], grammar, { strictLineEnd }), { frames, fault, rest })).toBe(true);
    });
    fc.assert(law, runs(20_000));
  });

  it("agrees with the oracle if a line resembles the one before", () => {
    const law = fc.property(busyStream(from), (stream) => {
      const { frames, fault, rest } = oracle(stream, from);
      expect(same(read([stream], grammar), { frames, fault, rest })).toBe(true);
    });
    fc.assert(law, runs(10_000));
  });

  it("never writes a chunk, nor reads it after pull returned undefined", () => {
    const law = fc.property(brokenStream(grammar).chain(cut), ({ stream, chunks }) => {
      const decoder = new Decoder(grammar);
      const whole = read([stream], grammar);
      const seen: unknown[] = [];
      let fault: unknown;
      let isWritten = false;
      for (const chunk of chunks) {
        const before = chunk.slice();
        decoder.push(chunk);
        try {
          for (const one of decoder) seen.push(structuredClone(one));
        } catch (error) {
          fault = error;
        }
        isWritten ||= Buffer.compare(chunk, before) !== 0;
        chunk.fill(0xaa);
      }
      expect(isWritten).toBe(false);
      expect(same(seen, whole.frames)).toBe(true);
      expect(fault instanceof ProtocolError ? { code: fault.code, offset: fault.offset } : fault).toEqual(whole.fault);
    });
    fc.assert(law, runs(2_000));
  });

  it("accepts any number of chunks before the first pull", () => {
    const law = fc.property(brokenStream(grammar).chain(cut), ({ stream, chunks }) => {
      const decoder = new Decoder(grammar);
      for (const chunk of chunks) decoder.push(chunk);
      expect(decoder.buffered).toBe(stream.length);
      const seen: unknown[] = [];
      let fault: unknown;
      try {
        for (const one of decoder) seen.push(one);
      } catch (error) {
        fault = error;
      }
      const whole = read([stream], grammar);
      expect(same(seen, whole.frames)).toBe(true);
      expect((fault as ProtocolError | undefined)?.offset).toBe(whole.fault?.offset);
      if (fault === undefined) expect(decoder.offset + decoder.buffered).toBe(stream.length);
    });
    fc.assert(law, runs(5_000));
  });

  it("throws the same error object on every call after a fault", () => {
    const law = fc.property(brokenStream(grammar), (stream) => {
      const decoder = new Decoder(grammar);
      decoder.push(stream);
      const first = faultOf(decoder);
      if (first === undefined) return;
      decoder.push(encode({ op: "ping" }));
      expect(faultOf(decoder)).toBe(first);
      expect(decoder.buffered).toBe(0);
    });
    fc.assert(law, runs(5_000));
  });
});

describe("brokenStream", () => {
  it("throws for anything but serverFrames and clientFrames", () => {
    expect(() => brokenStream({ ...serverFrames })).toThrow("brokenStream() takes serverFrames or clientFrames");
  });
});

/** Returns the frames, with the first one three times. */
function inRuns<T>(frames: readonly T[]): T[] {
  return [...frames.slice(0, 1), ...frames.slice(0, 1), ...frames];
}

function bytesOf(frames: readonly (ServerFrame | ClientFrame)[]): Uint8Array {
  const encoder = new Encoder<ServerFrame | ClientFrame>();
  for (const frame of frames) encoder.push(frame);
  const parts: number[] = [];
  for (let part = encoder.pull(); part !== undefined; part = encoder.pull()) for (const byte of part) parts.push(byte);
  return Uint8Array.from(parts);
}

/** Returns where each frame begins, and where the last one ends. */
function endsOf(stream: Uint8Array, grammar: Grammar<unknown>): number[] {
  const decoder = new Decoder(grammar);
  const ends = [0];
  decoder.push(stream);
  while (decoder.pull() !== undefined) ends.push(decoder.offset);
  return ends;
}

/** Returns the range of two frames before a cut and two after it. */
function around(ends: readonly number[], cut: number): [from: number, to: number] {
  const next = ends.findIndex((end) => end >= cut);
  return [ends[Math.max(0, next - 3)]!, ends[Math.min(ends.length - 1, next + 2)]!];
}

function faultOf(decoder: Decoder<unknown>): unknown {
  try {
    for (const _ of decoder);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Generates lines from a few values of each argument, so that a predicted line often almost comes. */
function busyStream(from: "server" | "client"): fc.Arbitrary<Uint8Array> {
  const sizes = fc.constantFrom("0", "7", "8", "07", "12", "99999999999");
  const line = fc
    .tuple(
      fc.constantFrom("", "", "H", "h"),
      fc.constantFrom("orders.europe", "orders.europa", "a"),
      fc.constantFrom("17", "18", "1", "000000017"),
      fc.constantFrom("", "", "", " r", " 7", "  "),
      fc.tuple(sizes, sizes),
      fc.constantFrom("\r\n", "\r\n", "\r\n", "\n", "\r"),
    )
    .map(([headed, subject, sid, reply, [head, size], end]) => {
      const sids = from === "server" ? ` ${sid}` : "";
      const heads = headed === "" ? "" : ` ${head}`;
      const payload = "x".repeat(Number(size) % 20);
      return `${headed}${from === "server" ? "MSG" : "PUB"} ${subject}${sids}${reply}${heads} ${size}${end}${payload}\r\n`;
    });
  return fc
    .array(fc.tuple(line, fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 5 })
    .map((lines) => latin1(lines.map(([one, times]) => one.repeat(times)).join("")));
}
