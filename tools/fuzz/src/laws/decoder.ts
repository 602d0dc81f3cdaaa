// SPDX-License-Identifier: Apache-2.0
import type { AnyFrame, Limits } from "@natswire/codec";
import { oracle } from "../../../testkit/oracle.ts";
import { hash, Random } from "../../../testkit/random.ts";
import { concat } from "../escape.ts";
import { Broken } from "../finding.ts";
import { type Codec, cut, type Reading, read, type Sender, same, shown } from "../reading.ts";

/** The laws of the decoder for any input. */
export function decoderLaws(codec: Codec, from: Sender): (input: Uint8Array) => void {
  return (input) => {
    const random = new Random(hash(input));
    const limits = random.once(4) ? smallLimits(random) : undefined;
    const whole = read(codec, [input.slice()], from, limits);
    agrees(whole, input, from, limits);
    const chunks = cut(input, random);
    const pieces = read(codec, chunks, from, limits);
    if (!same(whole, pieces)) {
      throw new Broken(
        "chunking never changes meaning: same frames, same code, same offset",
        `limits ${JSON.stringify(limits ?? {})}\nwhole  ${shown(whole)}\npieces ${shown(pieces)}`,
      );
    }
    if (concat(chunks).some((byte, i) => byte !== input[i])) throw new Broken("the caller's memory is never written");
    if (random.once(8)) {
      overwritten(codec, cut(input, random), from, limits, whole);
      poisoned(codec, input, from, limits, whole);
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
  if (same(whole, expected)) return;
  throw new Broken(
    "it agrees with the oracle",
    `limits ${JSON.stringify(limits ?? {})}\ndecoder ${shown(whole)}\noracle  ${shown(expected)}`,
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
  if (!same({ ...whole, frames }, whole)) {
    throw new Broken("overwriting a chunk after pull returned undefined changes nothing later");
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
    throw new Broken("after a fault it stays poisoned: the same error object, and nothing is kept");
  }
  const { message } = faults[0] as Error;
  if (message.length > 512) throw new Broken("an error shows at most 256 bytes of input", message);
}

/** What was read can be written, where the encoder does not refuse it, and is then read as the same. */
function canonical(codec: Codec, from: Sender, { frames }: Reading): void {
  const written: Uint8Array[] = [];
  const kept: unknown[] = [];
  for (const frame of frames as AnyFrame[]) {
    if ("flaw" in frame && frame.flaw !== undefined) continue;
    try {
      written.push(codec.encode(frame));
      kept.push(frame);
    } catch (error) {
      if (!(error instanceof codec.UsageError)) throw error;
      if (frame.op === "msg") throw new Broken("what a server relays without flaw can be written", error.message);
    }
  }
  const again = read(codec, [concat(written)], from);
  if (again.fault !== undefined || again.frames.length !== kept.length) {
    throw new Broken("what is written is read back as as many frames", shown(again));
  }
  again.frames.forEach((frame, i) => {
    const [left, right] = [inJson(frame as AnyFrame), inJson(kept[i] as AnyFrame)];
    const alike =
      left === undefined ? same({ ...again, frames: [frame] }, { ...again, frames: [kept[i]] }) : left === right;
    if (!alike) throw new Broken("what is written is read back as the same frame", shown(again));
    const bytes = codec.encode(frame as AnyFrame);
    if (bytes.length !== written[i]!.length || bytes.some((byte, at) => byte !== written[i]![at])) {
      throw new Broken("what is written twice is written the same way");
    }
  });
}

/** INFO and CONNECT are the same where their JSON is: numbers that JSON has no word for are lost by it. */
function inJson(frame: AnyFrame): string | undefined {
  if (frame.op === "info") return JSON.stringify(frame.info);
  return frame.op === "connect" ? JSON.stringify(known(frame.options)) : undefined;
}

const CONNECT_FIELDS =
  "verbose pedantic tls_required echo auth_token user pass nkey jwt sig name lang version protocol headers no_responders";

/** CONNECT is written from a list of fields; what else a peer sent is not passed on. */
function known(options: object): object {
  const fields = CONNECT_FIELDS.split(" ");
  return Object.fromEntries(Object.entries(options).filter(([name]) => fields.includes(name)));
}
