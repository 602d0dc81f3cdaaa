// SPDX-License-Identifier: Apache-2.0
import type { AnyFrame, Limits } from "@natswire/codec";
import { concat } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import {
  type Codec,
  cut,
  formatReading,
  type Reading,
  read,
  type Sender,
  sameReading,
} from "../../../../packages/fuzz/src/reading.ts";
import { oracle } from "../../../testkit/oracle.ts";
import { hash, Random } from "../../../testkit/random.ts";

/** Returns the laws of the decoder, for any input. */
export function decoderLaws(codec: Codec, from: Sender): (input: Uint8Array) => void {
  return (input) => {
    const random = new Random(hash(input));
    const limits = random.once(4) ? smallLimits(random) : undefined;
    const whole = read(codec, [input.slice()], from, limits);
    agrees(whole, input, from, limits);
    const chunks = cut(input, random);
    const pieces = read(codec, chunks, from, limits);
    if (!sameReading(whole, pieces)) {
      throw new LawBroken(
        "every chunking gives the same frames, code and offset",
        `limits ${JSON.stringify(limits ?? {})}\nwhole  ${formatReading(whole)}\npieces ${formatReading(pieces)}`,
      );
    }
    if (concat(chunks).some((byte, i) => byte !== input[i]))
      throw new LawBroken("the caller's memory is never written");
    if (random.once(8)) {
      overwritten(codec, cut(input, random), from, limits, whole);
      poisoned(codec, input, from, limits, whole);
      detached(codec, cut(input, random), from, limits, whole, random);
    }
    if (limits === undefined) canonical(codec, from, whole);
  };
}

function smallLimits(random: Random): Partial<Limits> {
  const line = 1 + random.below(40);
  return { line, info: line + random.below(40), payload: random.below(20), strictLineEnd: random.once(2) };
}

function agrees(whole: Reading, input: Uint8Array, from: Sender, limits: Partial<Limits> | undefined): void {
  const expected = oracle(input, from, limits);
  if (sameReading(whole, expected)) return;
  throw new LawBroken(
    "it agrees with the oracle",
    `limits ${JSON.stringify(limits ?? {})}\ndecoder ${formatReading(whole)}\noracle  ${formatReading(expected)}`,
  );
}

function overwritten(
  codec: Codec,
  chunks: readonly Uint8Array[],
  from: Sender,
  limits: Partial<Limits> | undefined,
  whole: Reading,
): void {
  const decoder = new codec.Decoder<unknown>(from === "server" ? codec.serverFrames : codec.clientFrames, limits);
  const frames: unknown[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame = decoder.pull(); frame !== undefined; frame = decoder.pull()) frames.push(structuredClone(frame));
      chunk.fill(0xaa);
    }
  } catch (error) {
    if (!(error instanceof codec.ProtocolError)) throw error;
  }
  if (!sameReading({ ...whole, frames }, whole)) {
    throw new LawBroken("a chunk is not read after pull returned undefined");
  }
}

/** Detaches a chunk before it is read: only its bytes are lost, and the stream continues after they are pushed again. */
function detached(
  codec: Codec,
  chunks: readonly Uint8Array[],
  from: Sender,
  limits: Partial<Limits> | undefined,
  whole: Reading,
  random: Random,
): void {
  const stream = concat(chunks);
  const decoder = new codec.Decoder<unknown>(from === "server" ? codec.serverFrames : codec.clientFrames, limits);
  const frames: unknown[] = [];
  const victim = chunks[random.below(chunks.length + 1)];
  try {
    for (const chunk of chunks) decoder.push(chunk);
    for (let early = random.below(3); early > 0; early--) {
      const frame = decoder.pull();
      if (frame !== undefined) frames.push(structuredClone(frame));
    }
    if (victim !== undefined) structuredClone(victim.buffer, { transfer: [victim.buffer as ArrayBuffer] });
    for (;;) {
      try {
        for (let frame = decoder.pull(); frame !== undefined; frame = decoder.pull())
          frames.push(structuredClone(frame));
        break;
      } catch (error) {
        if (!(error instanceof codec.UsageError)) throw error;
        decoder.push(stream.slice(decoder.offset + decoder.buffered));
      }
    }
  } catch (error) {
    if (!(error instanceof codec.ProtocolError)) throw error;
  }
  if (!sameReading({ ...whole, frames, rest: decoder.offset }, whole)) {
    throw new LawBroken(
      "the stream continues after a detached chunk is pushed again",
      formatReading({ ...whole, frames }),
    );
  }
}

function poisoned(
  codec: Codec,
  input: Uint8Array,
  from: Sender,
  limits: Partial<Limits> | undefined,
  { fault, frames }: Reading,
): void {
  if (fault === undefined) return;
  const decoder = new codec.Decoder<unknown>(from === "server" ? codec.serverFrames : codec.clientFrames, limits);
  decoder.push(input);
  for (const _ of frames) decoder.pull();
  const faults = [0, 1].map(() => {
    try {
      decoder.pull();
    } catch (error) {
      decoder.push(codec.encode({ op: "ping" }));
      return error;
    }
    return undefined;
  });
  if (faults[0] === undefined || faults[0] !== faults[1] || decoder.buffered !== 0) {
    throw new LawBroken("after a fault it throws the same error object and holds nothing");
  }
  const { message } = faults[0] as Error;
  if (message.length > 512) throw new LawBroken("an error quotes at most 256 bytes of input", message);
}

/** Encodes what was decoded: it decodes to the same frames. Only what no server relays may be rejected by the encoder. */
function canonical(codec: Codec, from: Sender, { frames }: Reading): void {
  const written: Uint8Array[] = [];
  const kept: unknown[] = [];
  for (const frame of frames as AnyFrame[]) {
    try {
      written.push(codec.encode(frame));
      kept.push(frame);
    } catch (error) {
      if (!(error instanceof codec.UsageError)) throw error;
      if ("flaw" in frame) throw new LawBroken("every decoded message can be encoded", error.message);
    }
  }
  const again = read(codec, [concat(written)], from);
  if (again.fault !== undefined || again.frames.length !== kept.length) {
    throw new LawBroken("what is encoded decodes to the same number of frames", formatReading(again));
  }
  again.frames.forEach((frame, i) => {
    const [left, right] = [inJson(frame as AnyFrame), inJson(kept[i] as AnyFrame)];
    const alike =
      left === undefined ? sameReading({ ...again, frames: [frame] }, { ...again, frames: [kept[i]] }) : left === right;
    if (!alike) throw new LawBroken("what is encoded decodes to the same frame", formatReading(again));
    const bytes = codec.encode(frame as AnyFrame);
    if (bytes.length !== written[i]!.length || bytes.some((byte, at) => byte !== written[i]![at])) {
      throw new LawBroken("encoding is deterministic");
    }
  });
}

/** Returns the JSON of INFO or CONNECT, to compare frames by: JSON loses numbers that it cannot express. */
function inJson(frame: AnyFrame): string | undefined {
  if (frame.op === "info") return JSON.stringify(frame.info);
  return frame.op === "connect" ? JSON.stringify(known(frame.options)) : undefined;
}

const CONNECT_FIELDS =
  "verbose pedantic tls_required echo auth_token user pass nkey jwt sig name lang version protocol headers no_responders proxy_sig";

/** Returns the fields of CONNECT that the encoder writes: it leaves out unknown ones. */
function known(options: object): object {
  const fields = CONNECT_FIELDS.split(" ");
  return Object.fromEntries(Object.entries(options).filter(([name]) => fields.includes(name)));
}
