// SPDX-License-Identifier: Apache-2.0
/**
 * Generators for fast-check: frames, valid streams, broken streams, and ways to cut a stream into chunks. They need the package
 * fast-check: `npm install --save-dev fast-check`.
 *
 * @module
 */

import * as fc from "fast-check";
import { concat } from "./bytes.ts";
import { clientFrames } from "./decode/client-frames.ts";
import type { Grammar } from "./decode/grammar.ts";
import { serverFrames } from "./decode/server-frames.ts";
import { encode } from "./encode/encoder.ts";
import type { ClientFrame, Flaw, Msg, Pub, ServerFrame } from "./frames.ts";
import { encodeHeaders, MsgHeaders } from "./headers.ts";
import type { ConnectInfo, ServerInfo } from "./info.ts";
import { flawOf } from "./subject.ts";
import { decodeOpaque, utf8 } from "./text.ts";

export { gatewayFrame, leafFrame, routeFrame } from "./cluster/arbitrary.ts";
export { frameOf } from "./grammar/arbitrary.ts";
export {
  apiRequest,
  clientAck,
  deliveryInfo,
  fastBatchReply,
  pubAckAnswer,
  pull,
} from "./jetstream/arbitrary.ts";

// The letters of verbs on purpose: a parser that loses its place should find something that looks right.
const letter = fc.constantFrom(..."MSGPINGUBHOKERabz019-_$/:{}'\"*>+é€\u{1f600}");
// Frames as the decoder makes them: plain objects, with a prototype.
const plain = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;
const word = (max: number): fc.Arbitrary<string> => fc.string({ unit: letter, minLength: 1, maxLength: max });
const literal = (token: string): string => (token === "*" || token === ">" ? `${token}x` : token);

/** Generates a token: a queue group, or a sid that a client sends. */
export const token: fc.Arbitrary<string> = word(9);

/** Generates a subject without wildcards. It is short, so that two subjects are sometimes equal. */
export const subject: fc.Arbitrary<string> = fc
  .array(word(6).map(literal), { minLength: 1, maxLength: 5 })
  .map((tokens) => tokens.join("."));

/** Generates a subject to subscribe to, often with wildcards. */
export const pattern: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.oneof(word(6).map(literal), fc.constant("*")), { minLength: 1, maxLength: 4 }),
    fc.constantFrom("", ".>", ".*"),
  )
  .map(([tokens, end]) => tokens.join(".") + end);

/** Generates a sid as clients allocate them. */
export const sid: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 999 }),
  fc.integer({ min: 0, max: 999_999_999_999_999 }),
);

/**
 * Generates a payload: mostly a few bytes, often a control line, and rarely larger than a first buffer, because a long
 * stream takes long to cut.
 */
export const payload: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 28, arbitrary: fc.uint8Array({ maxLength: 24 }) },
  {
    weight: 14,
    arbitrary: fc.constantFrom("", "\r\n", "PING\r\n", "MSG a 1 1\r\n", "hello").map((text) => utf8.encode(text)),
  },
  { weight: 6, arbitrary: fc.constantFrom(17, 63, 64, 255).map(filled) },
  { weight: 1, arbitrary: fc.constantFrom(8192, 8193, 20_000).map(filled) },
);

/** Generates headers that `encodeHeaders` accepts. */
export const headers: fc.Arbitrary<MsgHeaders> = fc
  .record({
    entries: fc.array(
      fc.tuple(
        fc.stringMatching(/^[!-9;-~]{1,8}$/),
        fc.string({ maxLength: 12 }).map((value) => value.trim()),
      ),
      { maxLength: 5 },
    ),
    status: fc.option(fc.integer({ min: 0, max: 999 }), { nil: undefined }),
    description: fc.option(fc.stringMatching(/^[a-zA-Z][a-zA-Z ]{0,10}[a-z]$/), { nil: undefined }),
  })
  .map(({ entries, status, description }) => {
    const made = new MsgHeaders(entries);
    made.status = status;
    made.description = status === undefined ? undefined : description;
    return made;
  });

const block = fc.option(
  fc.oneof(headers.map(encodeHeaders), fc.uint8Array({ maxLength: 20 }), fc.constant(new Uint8Array(0))),
  { nil: undefined },
);

// Some bytes that a server relays in the names of any publisher. None of them ends an argument of a control line.
const oddBytes = fc.constantFrom(0, 0x01, 0x0b, 0x0d, 0x7f, 0x80, 0xc3, 0xa9, 0xed, 0xff, 0x2e, 0x2e, 0x61, 0x2a, 0x3e);
/** Generates the name of a message: mostly a subject, sometimes with wildcard tokens, rarely with a flaw. */
const name = fc.oneof(
  { weight: 12, arbitrary: subject },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.oneof(word(4), fc.constantFrom("*", ">")), { minLength: 1, maxLength: 4 })
      .map((tokens) => tokens.join(".")),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(oddBytes, { minLength: 1, maxLength: 6 })
      .map((bytes) => decodeOpaque(Uint8Array.from(bytes), 0, bytes.length)),
  },
);
const names: fc.Arbitrary<{ subject: string; reply: string | undefined; flaw: Flaw }> = fc
  .tuple(name, fc.option(name, { nil: undefined }))
  .map(([subject, reply]) => ({ subject, reply, flaw: flawOf(subject, reply) }));

const msg: fc.Arbitrary<Msg> = fc
  .tuple(names, sid, block, payload)
  .map(([{ subject, reply, flaw }, sid, headers, payload]) => ({
    op: "msg",
    subject,
    sid,
    reply,
    headers,
    payload,
    flaw,
  }));

const pub: fc.Arbitrary<Pub> = fc
  .tuple(names, block, payload)
  .map(([{ subject, reply, flaw }, headers, payload]) => ({ op: "pub", subject, reply, headers, payload, flaw }));

/** Generates the argument of INFO, with known and unknown fields. */
export const serverInfo: fc.Arbitrary<ServerInfo> = fc.record(
  {
    server_id: fc.string(),
    version: fc.string(),
    max_payload: fc.maxSafeInteger(),
    headers: fc.boolean(),
    nonce: fc.string(),
    connect_urls: fc.array(fc.string(), { maxLength: 3 }),
    // JSON has no minus zero.
    later: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** Generates the argument of CONNECT, with known fields. */
export const connectInfo: fc.Arbitrary<ConnectInfo> = fc.record(
  {
    verbose: fc.boolean(),
    pedantic: fc.boolean(),
    echo: fc.boolean(),
    user: fc.string(),
    pass: fc.string(),
    name: fc.string({ unit: "grapheme" }),
    protocol: fc.integer({ min: 0, max: 1 }),
    headers: fc.boolean(),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const ping = fc.constant({ op: "ping" as const });
const pong = fc.constant({ op: "pong" as const });

/** Generates a frame that a server sends. A few messages have wildcard tokens in their names, and very few a flaw. */
export const serverFrame: fc.Arbitrary<ServerFrame> = fc.oneof(
  { weight: 6, arbitrary: msg },
  ping,
  pong,
  fc.constant({ op: "ok" as const }),
  plain({ op: fc.constant("err" as const), text: fc.stringMatching(/^[ -~]{0,20}$/) }),
  plain({ op: fc.constant("info" as const), info: serverInfo }),
);

/** Generates a frame that a client sends. A few messages have wildcard tokens in their names, and very few a flaw. */
export const clientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  { weight: 6, arbitrary: pub },
  plain({
    op: fc.constant("sub" as const),
    subject: pattern,
    queue: fc.option(token, { nil: undefined }),
    sid: token,
  }),
  plain({
    op: fc.constant("unsub" as const),
    sid: token,
    max: fc.option(fc.integer({ min: 0, max: 999_999_999 }), { nil: undefined }),
  }),
  ping,
  pong,
  plain({ op: fc.constant("connect" as const), options: connectInfo }),
);

/** Generates a valid stream that a server sends. Frames are often repeated, as they are if one subject is busy. */
export const serverStream: fc.Arbitrary<Uint8Array> = streamOf(serverFrame);

/** Generates a valid stream that a client sends. Frames are often repeated. */
export const clientStream: fc.Arbitrary<Uint8Array> = streamOf(clientFrame);

function streamOf(frame: fc.Arbitrary<ServerFrame | ClientFrame>): fc.Arbitrary<Uint8Array> {
  const run = fc.tuple(frame, fc.constantFrom(1, 1, 1, 2, 4, 6));
  return fc
    .array(run, { maxLength: 8 })
    .map((runs) => concat(runs.flatMap(([one, times]) => new Array<Uint8Array>(times).fill(encode(one)))));
}

// What has a meaning for a parser: blanks, line ends, digits, dots, quotes, whole verbs.
const grammarBytes = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(..." \t\r\n\0.0159+-'x").map((text) => utf8.encode(text)) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("\r\n", "\n", "MSG ", "PUB ", "SUB a 1\r\n", "PING\r\n", "{}", "..", "é")
      .map((text) => utf8.encode(text)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 3 }) },
);

const mutation = fc.record({
  how: fc.constantFrom("insert", "delete", "overwrite"),
  where: fc.double({ min: 0, max: 1, noNaN: true }),
  what: grammarBytes,
});

/**
 * Generates a stream that was valid before up to three pieces were inserted, deleted or overwritten.
 *
 * Most such streams violate the protocol, some are still valid, and a few were not changed at all.
 *
 * @param grammar who sends the stream: `serverFrames` or `clientFrames`
 * @throws TypeError for any other grammar
 *
 * @example
 * ```ts
 * import { Decoder, ProtocolError, serverFrames } from "@natswire/codec";
 * import { brokenStream } from "@natswire/codec/arbitrary";
 * import { assert, property } from "fast-check";
 *
 * const neverCrashes = property(brokenStream(serverFrames), (stream) => {
 *   const decoder = new Decoder(serverFrames);
 *   decoder.push(stream);
 *   try {
 *     for (const _ of decoder);
 *   } catch (error) {
 *     return error instanceof ProtocolError;
 *   }
 *   return true;
 * });
 * assert(neverCrashes, { numRuns: 100 });
 * console.log("100 streams decoded"); // 100 streams decoded
 * ```
 */
export function brokenStream(grammar: Grammar<ServerFrame | ClientFrame>): fc.Arbitrary<Uint8Array> {
  if (grammar !== serverFrames && grammar !== clientFrames) {
    throw new TypeError("brokenStream() takes serverFrames or clientFrames");
  }
  const stream = grammar === serverFrames ? serverStream : clientStream;
  return fc.tuple(stream, fc.array(mutation, { maxLength: 3 })).map(([valid, mutations]) => {
    let broken = valid;
    for (const { how, where, what } of mutations) {
      const at = Math.floor(where * broken.length);
      const after = how === "insert" ? at : Math.min(broken.length, at + what.length);
      broken = concat([broken.subarray(0, at), how === "delete" ? new Uint8Array(0) : what, broken.subarray(after)]);
    }
    return broken;
  });
}

/** Generates ways to cut a stream into chunks: whole, byte by byte, or anywhere, with empty chunks among them. */
export function chunkings(stream: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  const cut = fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }).map((cuts) => {
    const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
    return places.slice(1).map((end, i) => stream.slice(places[i], end));
  });
  const bytewise = fc.constant(0).map(() => Array.from(stream, (_, i) => stream.slice(i, i + 1)));
  return fc.oneof(
    { weight: 6, arbitrary: cut },
    { weight: 1, arbitrary: bytewise },
    { weight: 1, arbitrary: fc.constant(0).map(() => [stream.slice()]) },
  );
}

function filled(length: number): Uint8Array {
  return new Uint8Array(length).fill(0x61);
}
