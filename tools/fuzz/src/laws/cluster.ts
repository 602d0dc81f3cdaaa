// SPDX-License-Identifier: Apache-2.0
import type { Grammar } from "@natswire/codec";
import type { Row } from "@natswire/codec/grammar";
import { concat } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { mutate } from "../../../../packages/fuzz/src/mutate.ts";
import { cut, formatReading, sameFrame, sameReading } from "../../../../packages/fuzz/src/reading.ts";
import { Choices } from "../choices.ts";
import type { UnderTest } from "../under-test.ts";
import { frameOf, hasOdd, read } from "./grammar.ts";
import { rowOracle } from "./row-oracle.ts";

type Frame = Record<string, unknown>;

/** A link, with rows that were written independently of the codec. */
interface Link {
  readonly grammar: Grammar<unknown>;
  /** The same for the other direction, if it has a grammar of its own. */
  readonly other: Grammar<unknown>;
  readonly encode: (frame: never) => Uint8Array;
  readonly rows: readonly Row[];
  /** What an HMSG is. */
  readonly message: string;
  /** The fields that are `undefined` if a line has no such argument. */
  readonly absent: (op: string) => readonly string[];
}

const common = "INFO json,CONNECT json,PING,PONG,+OK,-ERR text,A+ account,A- account";

/**
 * Returns the laws of links between servers. For any frame, the encoder throws a UsageError, or the oracle reads exactly that
 * frame. For any bytes and chunks, the decoder reads what the oracle reads, in both directions.
 */
export function clusterLaws(codec: UnderTest): (input: Uint8Array) => void {
  return (input) => {
    const random = new Choices(input);
    const link = linkOf(codec, random);
    const parts: Uint8Array[] = [];
    for (let count = 1 + random.below(4); count > 0; count--) {
      const row = frameOf(random.pick(link.rows), random);
      const frame = linked(row, link);
      let bytes: Uint8Array;
      try {
        bytes = link.encode(frame as never);
      } catch (error) {
        if (!(error instanceof codec.UsageError)) throw error;
        // Queue groups need no reply.
        const { reply = "a" } = row;
        if (!hasOdd({ ...row, reply }) && row["flaw"] === undefined)
          throw new LawBroken("a valid frame is encoded", `${error.message} ${JSON.stringify(frame)}`);
        continue;
      }
      parts.push(bytes);
      const { frames, rest } = rowOracle(bytes, link.rows);
      if (frames.length !== 1 || rest !== bytes.length || !isSame(linked(frames[0]!, link), frame))
        throw new LawBroken("what is encoded is read as the intended frame", JSON.stringify({ frame, frames }));
    }
    const valid = concat(parts);
    decodes(codec, link, valid, random);
    if (valid.length > 0) decodes(codec, link, mutate(valid, parts[0]!, random), random);
  };
}

function linkOf(codec: UnderTest, random: Choices): Link {
  const { cluster } = codec;
  const kind = random.pick(["route", "route", "negotiated", "leaf", "gateway"]);
  if (kind === "leaf") {
    const rows = rowsOf(`LS+ subject [queue #weight],LS- subject [queue],${messages("LMSG", "")}`);
    const { leafFrames, encodeLeaf } = cluster;
    const absent = (op: string): string[] => (op === "lmsg" ? ["headers"] : []);
    return { grammar: leafFrames, other: leafFrames, encode: encodeLeaf, rows, message: "lmsg", absent };
  }
  if (kind === "gateway") {
    const rows = rowsOf(
      `RS+ account subject [queue #weight],RS- account subject [queue],${messages("RMSG", "account ")}`,
    );
    const { gatewayFrames, encodeGateway } = cluster;
    const absent = (op: string): string[] => (op === "rmsg" ? ["headers"] : []);
    return { grammar: gatewayFrames, other: gatewayFrames, encode: encodeGateway, rows, message: "rmsg", absent };
  }
  const [pinned, lnocu] = [random.once(2), random.once(2)];
  const account = pinned ? "" : "account ";
  const rows = rowsOf(
    [
      `RS+ ${account}subject [queue #weight],RS- ${account}subject [queue]`,
      `LS+ origin ${account}subject [queue #weight],LS- ${lnocu ? "origin " : ""}${account}subject [queue]`,
      messages("RMSG", account),
      `LMSG origin ${account}subject [reply queues...] headers-size size`,
    ].join(","),
  );
  const absent = (op: string): string[] =>
    /^[a-z]+s[+-]|msg$/.test(op) ? ["account", "origin", "headers"].filter((name) => has(op, name)) : [];
  const route = { rows, message: "rmsg", absent };
  if (kind === "route") {
    const grammar = cluster.routeFrames({ pinned, lnocu });
    return { ...route, grammar, other: grammar, encode: (frame) => cluster.encodeRoute(frame, { pinned, lnocu }) };
  }
  const both = new cluster.RouteLink();
  const [first, second] = random.once(2) ? [true, lnocu] : [lnocu, true];
  const infos = [
    { lnocu: first, ...(pinned ? { route_account: "A" } : {}) },
    { lnocu: second, route_account: "B" },
  ];
  for (const [i, grammar] of [both.connecting, both.accepting].entries()) {
    const decoder = new codec.Decoder(grammar);
    // What later INFOs say is about other connections.
    decoder.push(bytesOf(`INFO ${JSON.stringify(infos[i])}\r\nINFO {"route_account":"${pinned ? "" : "C"}"}\r\n`));
    decoder.pull();
    decoder.pull();
  }
  return { ...route, grammar: both.connecting, other: both.accepting, encode: (frame) => both.encode(frame) };
}

function has(op: string, name: string): boolean {
  if (name === "account") return true;
  return name === "origin" ? op.startsWith("l") : op === "rmsg";
}

function messages(word: string, account: string): string {
  const middle = `${account}subject [reply queues...]`;
  return `${word} ${middle} size,HMSG ${middle} headers-size size`;
}

function rowsOf(text: string): Row[] {
  return `${text},${common}`
    .split(",")
    .map((row) => ({ word: row.split(" ", 1)[0]!, line: row.split(" ").slice(1).join(" ") }));
}

/** Returns the frame of a link for a frame of its rows. */
function linked({ op, ...fields }: Frame, { message, absent }: Link): Frame {
  const { json, text, ...others } = fields;
  if (op === "info") return { op, info: json };
  if (op === "connect") return { op, options: json };
  if (op === "-err") return { op: "err", text: typeof text === "string" ? text.replace(/^'(.*)'$/s, "$1") : text };
  if (op === "+ok" || op === "ping" || op === "pong") return { op: (op as string).replace("+", "") };
  const name = op === "hmsg" ? message : (op as string);
  const missing = absent(name).filter((field) => !Object.hasOwn(others, field));
  return { op: name, ...others, ...Object.fromEntries(missing.map((field) => [field, undefined])) };
}

/** Checks that the frames are those of the oracle, for any chunks. */
function decodes(codec: UnderTest, link: Link, stream: Uint8Array, random: Choices): void {
  const whole = read(codec, link.grammar, [stream]);
  const chunks = cut(stream, random);
  const pieces = read(
    codec,
    link.other,
    chunks.map((chunk) => chunk.slice()),
    (chunk) => chunk.fill(0xaa),
  );
  if (!sameReading(whole, pieces))
    throw new LawBroken("chunking never changes meaning", `${formatReading(whole)}\n${formatReading(pieces)}`, {
      chunks,
    });
  const oracle = rowOracle(stream, link.rows);
  const frames = oracle.frames.map((frame) => linked(frame, link));
  const isAlike =
    whole.frames.length === frames.length && whole.frames.every((frame, i) => isSame(frame as Frame, frames[i]!));
  // The end of a stream may be wrong before its line is complete.
  const isJudged = oracle.isBroken || oracle.rest === stream.length;
  if (!isAlike || (isJudged && (whole.fault !== undefined) !== oracle.isBroken))
    throw new LawBroken("it agrees with the oracle", `${formatReading(whole)}\n${JSON.stringify(oracle)}`);
}

/** Returns whether two frames have the same fields in any order, `flaw` excepted, of which the oracle has none. */
function isSame(one: Frame, other: Frame): boolean {
  return sameFrame(inOrder(one), inOrder(other));
}

function inOrder({ flaw: _, ...fields }: Frame): Frame {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
