// SPDX-License-Identifier: Apache-2.0
import type { AnyFrame } from "@natswire/codec";
import { concat } from "./escape.ts";
import { latin1 } from "./latin1.ts";
import { mutate } from "./mutate.ts";
import type { Random } from "./random.ts";
import type { Codec, Sender } from "./reading.ts";

const words = [
  "a",
  "b",
  "foo",
  "bar",
  "MSG",
  "PING",
  "_INBOX",
  "*x",
  ">>",
  "$JS",
  "é",
  "😀",
  "x".repeat(40),
  "9",
  "+OK",
];

/** Generates a short subject, so that two of them are often equal. */
export function subject(random: Random): string {
  let name = random.pick(words);
  for (let more = random.below(4); more > 0; more--) name += `.${random.pick(words)}`;
  return name;
}

// Names that a server relays from any publisher: with bytes, a length or tokens that no valid subject has.
const odd = [
  "a..b",
  ".",
  "a.",
  "\r",
  "a\rb",
  "\0",
  "\x7f.a",
  "\x0b",
  "\udcff",
  "caf\udcc3",
  "é..",
  "\udced\udca0\udc80",
  "*.\udcfe",
];

/** Generates the name of a message: a subject, rarely with wildcard tokens or with a flaw. */
function name(random: Random): { readonly text: string; readonly isOdd: boolean } {
  if (random.once(12)) return { text: random.pick(odd), isOdd: true };
  if (random.once(6)) return { text: random.pick(["*", ">", "a.*", "$JS.API.a.>", "*.>.b", ">.a"]), isOdd: false };
  return { text: subject(random), isOdd: false };
}

/** Generates a payload: a few bytes, often a control line, rarely more than a first buffer. */
export function payload(random: Random): Uint8Array {
  if (random.once(60)) return new Uint8Array(random.pick([255, 1023, 4097, 8193])).fill(0x61);
  if (random.once(4)) return latin1(random.pick(["\r\n", "PING\r\n", "MSG a 1 0\r\n\r\n", "NATS/1.0\r\n\r\n"]));
  const bytes = new Uint8Array(random.below(12));
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.once(4) ? random.below(256) : 0x61;
  return bytes;
}

function block(random: Random): Uint8Array | undefined {
  if (!random.once(3)) return undefined;
  const blocks = [
    "",
    "NATS/1.0\r\n\r\n",
    "NATS/1.0\r\nA: b\r\nA: c\r\n\r\n",
    "NATS/1.0 503\r\n\r\n",
    "NATS/1.0\r\nbroken",
  ];
  return latin1(random.pick(blocks));
}

/** Returns a frame that the sender could send or relay. */
export function frame(from: Sender, random: Random): AnyFrame {
  const kind = random.below(10);
  if (kind === 0) return { op: "ping" };
  if (kind === 1) return { op: "pong" };
  if (from === "server") {
    if (kind === 2) return { op: "ok" };
    if (kind === 3) return { op: "err", text: random.pick(["", "Stale Connection", "it's 'quoted'", "Unknown"]) };
    if (kind === 4) return { op: "info", info: { server_id: subject(random), max_payload: random.below(1 << 20) } };
  } else {
    const sid = random.pick(["1", "90", "abc", "é", "007"]);
    const queue = random.once(2) ? random.pick(["q", "workers"]) : undefined;
    if (kind === 2) return { op: "sub", subject: random.pick(["a.*", ">", subject(random), "*.b.>"]), queue, sid };
    if (kind === 3) return { op: "unsub", sid, max: random.once(2) ? random.below(1_000_000_000) : undefined };
    if (kind === 4) return { op: "connect", options: { verbose: random.once(2), name: subject(random), protocol: 1 } };
  }
  const to = name(random);
  const reply = random.once(3) ? name(random) : undefined;
  const inReply = reply?.isOdd === true;
  const message = {
    subject: to.text,
    reply: reply?.text,
    headers: block(random),
    payload: payload(random),
    flaw: to.isOdd ? (inReply ? ("both" as const) : ("subject" as const)) : inReply ? ("reply" as const) : undefined,
  };
  const sid = random.once(9) ? random.pick([0, 999_999_999, 1_000_000_000, 999_999_999_999_999]) : random.below(100);
  return from === "server" ? { op: "msg", ...message, sid } : { op: "pub", ...message };
}

/** Generates a stream that was valid before it was mutated. One in eight is not mutated. */
export function stream(codec: Codec, from: Sender, random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  let one = frame(from, random);
  for (let count = random.below(6) + 1; count > 0; count--) {
    // Frames are repeated: a line like the one before it takes a path of its own.
    if (random.once(3)) one = frame(from, random);
    else if ("payload" in one && random.once(2)) one = { ...one, payload: payload(random) };
    parts.push(codec.encode(one));
  }
  const valid = concat(parts);
  return random.once(8) ? valid : mutate(valid, parts[0]!, random);
}
