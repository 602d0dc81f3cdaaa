// SPDX-License-Identifier: Apache-2.0
import type { AnyFrame, Flaw } from "@natswire/codec";
import { concat, escaped } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { type Codec, formatReading, type Sender, sameBytes, sameFrame } from "../../../../packages/fuzz/src/reading.ts";
import { latin1 } from "../../../testkit/latin1.ts";
import { oracle } from "../../../testkit/oracle.ts";

const ops = ["pub", "msg", "sub", "unsub", "err", "info", "connect", "headers"] as const;
const flaws = ["subject", "reply", "both"] as const;

/**
 * Returns the laws of the encoder. No injection: for any values in the fields of a frame, also of other types, the encoder throws a UsageError and queues
 * nothing, or the oracle decodes exactly the intended frame.
 */
export function encoderLaws(codec: Codec): (input: Uint8Array) => void {
  const encoder = new codec.Encoder<AnyFrame>();
  return (input) => {
    const op = ops[(input[0] ?? 0) % ops.length]!;
    // 0 to 3: a message has no flaw; 4 to 6: one of the flaws; 7: its bytes report another length.
    const kind = (input[0] ?? 0) >> 5;
    const odd = (input[1] ?? 0) >> 4;
    const [one = "", two, three, four] = fieldsOf(input.subarray(2));
    if (op === "headers") return headers(codec, one, two ?? "", three);
    const frame = made(op, input[1] ?? 0, wrapped(one, odd), two, three, four, flaws[kind - 4]);
    if (frame === undefined) return;
    const given = kind === 7 ? lying(frame) : frame;
    // Twice, because a valid subject is cached.
    for (let times = 0; times < 2; times++) {
      try {
        if (times === 0) encoder.push(given);
        else encoder.pushCopy(given);
      } catch (error) {
        if (!(error instanceof codec.UsageError)) throw error;
        if (encoder.pending !== 0) throw new LawBroken("a rejected frame leaves nothing in the queue");
        continue;
      }
      const bytes = pulled(encoder);
      intended(bytes, frame);
      if (!sameBytes(bytes, codec.encode(given))) throw new LawBroken("encode returns what an Encoder writes");
    }
  };
}

/** Splits an input into fields at 0x1F. 0x90 to 0x9F stand for characters of more than one byte. */
export function fieldsOf(bytes: Uint8Array): string[] {
  const special = ["\ud800", "\udc80", "é", "\u{1f600}", "\u2028", "\ufeff", "\u0130", "\uffff"];
  special.push("\udcc3", "\udca9", "\udcff", "\udc0a", "\udc20", "\udc00", "\udcc3\udca9", "\udd80");
  let text = "";
  for (const byte of bytes) text += byte >= 0x90 && byte < 0xa0 ? special[byte & 15]! : String.fromCharCode(byte);
  return text.split("\x1f");
}

/** Values that an untyped caller may pass for a string: objects whose text changes, and other types. */
export function wrapped(text: string, how: number): string {
  let asked = 0;
  const twoFaced = { toString: () => (asked++ === 0 ? "a" : text), valueOf: () => text, length: 1 };
  const things: unknown[] = [twoFaced, new String(text), [text], 7, null, { toString: () => text }];
  return (how < 10 ? text : things[how - 10]) as string;
}

function made(
  op: Exclude<(typeof ops)[number], "headers">,
  how: number,
  one: string,
  two: string | undefined,
  three: string | undefined,
  four: string | undefined,
  flaw: Flaw,
): AnyFrame | undefined {
  const payload = latin1(three ?? "");
  const block = four === undefined ? undefined : latin1(four);
  switch (op) {
    case "pub":
      return { op, subject: one, reply: two, headers: block, payload, flaw };
    case "msg":
      return {
        op,
        subject: one,
        sid: how & 1 ? number(two) : (two ?? "1"),
        reply: three,
        headers: block,
        payload: new Uint8Array(how & 3),
        flaw,
      };
    case "sub":
      return { op, subject: one, queue: two, sid: three ?? "1" };
    case "unsub":
      return { op, sid: one, max: two === undefined ? undefined : number(two) };
    case "err":
      return { op, text: one };
    case "info":
      return { op, info: { server_id: one, [two ?? "x"]: three, version: four as string } };
    case "connect":
      return { op, options: { user: one, pass: two as string, name: three as string, [four ?? "key"]: one } };
  }
}

/** Returns the frame with bytes that report more than they have. */
function lying(frame: AnyFrame): AnyFrame {
  if (!("payload" in frame)) return frame;
  const liar = (bytes: Uint8Array): Uint8Array => Object.defineProperty(bytes.slice(), "length", { value: 5000 });
  return { ...frame, headers: frame.headers && liar(frame.headers), payload: liar(frame.payload) };
}

export function number(text: string | undefined): number {
  return text === undefined ? 1 : text === "-0" ? -0 : Number(text.trim() === "" ? Number.NaN : text);
}

function pulled(encoder: { pull(): Uint8Array | undefined; release(bytes: number): void }): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let part = encoder.pull(); part !== undefined; part = encoder.pull()) parts.push(part.slice());
  const bytes = concat(parts);
  encoder.release(bytes.length);
  return bytes;
}

function intended(bytes: Uint8Array, frame: AnyFrame): void {
  const from: Sender = frame.op === "msg" || frame.op === "err" || frame.op === "info" ? "server" : "client";
  // A server may echo a sid that is not digits. It is compared as text.
  const opaque = frame.op === "msg" && typeof frame.sid === "string";
  const plain = opaque ? spelt(bytes, frame.sid as string) : bytes;
  if (plain === undefined) throw new LawBroken("a sid is written as it was given", escaped(bytes));
  const reading = oracle(plain, from, { line: 100_000 });
  const wanted = expectedOf(frame, opaque);
  const [first] = reading.frames;
  const alike = reading.fault === undefined && reading.frames.length === 1 && reading.rest === plain.length;
  const same =
    frame.op === "info" || frame.op === "connect"
      ? JSON.stringify(first) === JSON.stringify(wanted)
      : first !== undefined && sameFrame(first, wanted);
  if (!alike || !same) {
    const detail = `intended ${formatReading({ ...reading, frames: [wanted] })}\nread     ${formatReading(reading)}\nbytes    ${escaped(bytes)}`;
    throw new LawBroken("what the encoder writes decodes to the intended frame only", detail);
  }
}

function expectedOf(frame: AnyFrame, opaque: boolean): AnyFrame {
  if (frame.op === "msg") return { ...frame, sid: opaque ? 1 : Number(frame.sid) };
  if (frame.op === "connect") {
    const { user, pass, name } = frame.options;
    const fields = { user, pass, name };
    const listed = Object.entries(frame.options).filter(([key]) => key in fields || /^(verbose|lang|jwt)$/.test(key));
    return { op: "connect", options: Object.fromEntries(listed.filter(([, value]) => typeof value === "string")) };
  }
  return frame;
}

/** Returns the line with its sid replaced by 1, or `undefined` if the sid is not at its place. */
function spelt(bytes: Uint8Array, sid: string): Uint8Array | undefined {
  const line = Buffer.from(bytes).toString("latin1");
  const written = Buffer.from(sid).toString("latin1");
  const at = line.indexOf(" ", 5) + 1;
  if (line[0] === "H") {
    const from = line.indexOf(" ", 6) + 1;
    return line.startsWith(`${written} `, from) ? put(line, from, written.length) : undefined;
  }
  return line.startsWith(`${written} `, at) ? put(line, at, written.length) : undefined;
}

function put(line: string, at: number, length: number): Uint8Array {
  return new Uint8Array(Buffer.from(`${line.slice(0, at)}1${line.slice(at + length)}`, "latin1"));
}

function headers(codec: Codec, name: string, value: string, description: string | undefined): void {
  let block: Uint8Array;
  const given = new codec.MsgHeaders();
  try {
    given.append(name, value);
    given.append("next", "1");
    if (description !== undefined) {
      given.status = 503;
      given.description = description;
    }
    block = codec.encodeHeaders(given);
  } catch (error) {
    if (error instanceof codec.UsageError) return;
    throw error;
  }
  const read = codec.decodeHeaders(block);
  const entries = [
    [name, value],
    ["next", "1"],
  ];
  if (JSON.stringify([...(read ?? [])]) !== JSON.stringify(entries) || read?.description !== description) {
    throw new LawBroken("encoded headers decode to the same headers", escaped(block));
  }
}
