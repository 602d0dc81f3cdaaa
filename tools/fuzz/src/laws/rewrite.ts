// SPDX-License-Identifier: Apache-2.0
import type { AnyFrame, Msg, Pub } from "@natswire/codec";
import type { Changes } from "@natswire/codec/rewrite";
import { concat } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import {
  cut,
  formatReading,
  type Reading,
  read,
  type Sender,
  sameBytes,
  sameFrame,
} from "../../../../packages/fuzz/src/reading.ts";
import { payload } from "../../../../packages/fuzz/src/stream.ts";
import { hash, Random } from "../../../testkit/random.ts";
import type { UnderTest } from "../under-test.ts";

const PREFIX = "t.";
const SUBJECT = "new.subject";
const REPLY = "new.reply";
const LARGEST = 30;

type Message = Pub | Msg<number | string>;

/**
 * Returns the laws of a proxy. For any bytes and chunks: what is passed on is the input, parts add up to the frames that the
 * decoder makes, a spliced frame is read with exactly the changes, and a prefix that is added can be cut.
 */
export function rewriteLaws(codec: UnderTest): (input: Uint8Array) => void {
  return (input) => {
    const random = new Random(hash(input));
    const from: Sender = random.once(2) ? "server" : "client";
    const whole = read(codec, [input], from);
    inParts(codec, input, from, whole, random);
    passes(codec, input, from, whole, random);
  };
}

/** Reads the input in parts, and compares what they add up to. */
function inParts(codec: UnderTest, input: Uint8Array, from: Sender, whole: Reading, random: Random): void {
  const grammar = from === "server" ? codec.serverFrames : codec.clientFrames;
  const { PART, PartScanner } = codec.rewrite;
  const limit = random.pick([0, 20, LARGEST, 8192]);
  const scanner = new PartScanner(grammar, { whole: limit });
  const raw: Uint8Array[] = [];
  const frames: unknown[] = [];
  let parts: Message[] = [];
  let fault: Reading["fault"];
  try {
    for (const chunk of cut(input, random)) {
      scanner.push(chunk);
      while (scanner.next() !== 0) {
        raw.push(scanner.frame()!.slice());
        const frame =
          scanner.kind === PART
            ? { ...parts[0]!, headers: scanner.headers(), payload: scanner.payload() }
            : structuredClone(grammar.frame(scanner));
        parts.push(structuredClone(frame) as Message);
        if (scanner.remaining > 0) continue;
        frames.push(parts.length === 1 ? parts[0] : joined(parts));
        if (parts.length > 1 && raw.slice(-parts.length).reduce((sum, { length }) => sum + length, 0) <= limit) {
          throw new LawBroken("a frame of up to `whole` bytes is whole", formatReading(whole));
        }
        parts = [];
      }
      chunk.fill(0xaa);
    }
  } catch (error) {
    if (!(error instanceof codec.ProtocolError)) throw error;
    fault = { code: error.code, offset: error.offset };
  }
  const told = { frames, fault, rest: scanner.offset };
  const isSame = frames.length === whole.frames.length && frames.every((frame, i) => sameFrame(frame, whole.frames[i]));
  if (!isSame || fault?.code !== whole.fault?.code || fault?.offset !== whole.fault?.offset) {
    throw new LawBroken("parts add up to what the decoder reads", `${formatReading(told)}\n${formatReading(whole)}`);
  }
  const bytes = concat(raw);
  if (!sameBytes(bytes, input.subarray(0, bytes.length))) throw new LawBroken("the raw parts are the input");
}

function joined(parts: readonly Message[]): Message {
  const headers = parts.map((part) => part.headers).filter((part) => part !== undefined);
  return {
    ...parts[0]!,
    headers: headers.length === 0 ? undefined : concat(headers),
    payload: concat(parts.map((part) => part.payload)),
  };
}

/** Passes frames on, some with changes, and compares what is written. */
function passes(codec: UnderTest, input: Uint8Array, from: Sender, whole: Reading, random: Random): void {
  const { Rewriter, splice, spliceInto } = codec.rewrite;
  const scanner = new codec.Scanner(from === "server" ? codec.serverFrames : codec.clientFrames);
  const out = new Rewriter();
  const wanted: Uint8Array[] = [];
  const written: Uint8Array[] = [];
  for (const chunk of cut(input, random)) {
    scanner.push(chunk);
    while (wanted.length < whole.frames.length && scanner.next() !== 0) {
      const frame = whole.frames[wanted.length] as AnyFrame;
      if ((frame.op === "pub" || frame.op === "msg") && random.once(2)) {
        const changes = changesFor(random);
        const bytes = splice(scanner, changes);
        checkSplice(codec, frame, changes, bytes, from);
        const into = new Uint8Array(bytes.length + 3);
        const end = spliceInto(scanner, changes, into, 3);
        if (end !== into.length || !sameBytes(into.subarray(3), bytes)) throw new LawBroken("spliceInto is splice");
        out.splice(scanner, changes);
        wanted.push(bytes);
      } else {
        out.pass(scanner);
        wanted.push(scanner.frame()!.slice());
      }
    }
    for (let segment = out.pull(); segment !== undefined; segment = out.pull()) {
      written.push(segment.slice());
      out.release(segment.length);
    }
    chunk.fill(0xaa);
  }
  if (!sameBytes(concat(written), concat(wanted)))
    throw new LawBroken("frames are written in order, each as it should be");
}

function changesFor(random: Random): Changes {
  const name = (text: string): Changes["subject"] => random.pick([undefined, text, { add: PREFIX }]);
  return {
    subject: name(SUBJECT),
    reply: random.once(4) ? null : name(REPLY),
    headers: random.pick([undefined, undefined, null, payload(random)]),
    payload: random.once(3) ? payload(random) : undefined,
  };
}

function checkSplice(codec: UnderTest, frame: Message, changes: Changes, bytes: Uint8Array, from: Sender): void {
  const { subject, reply, headers, payload } = changes;
  const nameOf = (old: string, change: Changes["subject"]): string =>
    typeof change === "object" ? PREFIX + old : (change ?? old);
  const wanted = {
    ...frame,
    subject: nameOf(frame.subject, subject),
    reply:
      reply === null
        ? undefined
        : frame.reply === undefined
          ? typeof reply === "string"
            ? reply
            : undefined
          : nameOf(frame.reply, reply),
    headers: headers === undefined ? frame.headers : (headers ?? undefined),
    payload: payload ?? frame.payload,
  };
  const again = read(codec, [bytes], from);
  const [{ flaw: _, ...found } = { flaw: undefined }] = again.frames as Message[];
  const { flaw: __, ...expected } = wanted;
  if (again.frames.length !== 1 || again.rest !== bytes.length || !sameFrame(found, expected)) {
    throw new LawBroken(
      "a spliced frame is read with exactly the changes",
      `${formatReading(again)}\n${JSON.stringify(changes)}`,
    );
  }
  if (typeof subject !== "object") return;
  const scanner = new codec.Scanner(from === "server" ? codec.serverFrames : codec.clientFrames);
  scanner.push(bytes);
  scanner.next();
  if (!codec.rewrite.subjectStartsWith(scanner, PREFIX)) throw new LawBroken("a subject begins with the prefix added");
  const restored = read(codec, [codec.rewrite.splice(scanner, { subject: { cut: PREFIX.length } })], from);
  if ((restored.frames[0] as Message).subject !== frame.subject) throw new LawBroken("a prefix can be cut");
}
