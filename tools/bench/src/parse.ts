// SPDX-License-Identifier: Apache-2.0
import { type Dispatcher, MsgImpl, Parser, type ParserEvent } from "@nats-io/nats-core/internal";
import type { Grammar, Scanner } from "@natswire/codec";
import type { Contestant } from "./race.ts";

/** A build of the codec: which one is measured is up to the caller. */
export type Codec = typeof import("@natswire/codec");

/** What a peer sends, and how it is cut. */
export interface Stream {
  /** Bytes of a payload, or of each in turn. */
  readonly size: number | readonly number[];
  readonly chunk: number;
  /** How many different ones, in turns; 1 where it is left out. */
  readonly subjects?: number;
  readonly name?: string;
  readonly reply?: boolean;
  readonly headers?: boolean;
  /** The client subscribes to each subject where it is not to publish. */
  readonly subscribes?: boolean;
  /** Of the subscription that receives it; 17 if left out. */
  readonly sid?: number;
  readonly chunks: readonly Uint8Array[];
  /** The same as a client sends it. */
  readonly published: readonly Uint8Array[];
  readonly messages: number;
}

/** What `made` makes a stream of. */
export type StreamOptions = Omit<Stream, "chunks" | "published" | "messages">;

const FEW = 1000;
/** A block of one header. */
export const headers: Uint8Array = new TextEncoder().encode("NATS/1.0\r\nNats-Msg-Id: 0123456789\r\n\r\n");

/** A stream with its chunks; about two megabytes, and at most 2,000 messages. */
export function made(stream: StreamOptions, { encode }: Codec): Stream {
  const {
    size,
    chunk,
    subjects = 1,
    name = "orders.europe",
    reply = false,
    headers: headed = false,
    sid = 17,
  } = stream;
  const sizes = typeof size === "number" ? [size] : size;
  const longest = Math.max(...sizes);
  const messages = chunk === 1 ? 200 : Math.max(3, Math.min(2000, Math.floor(2_000_000 / (longest + 40))));
  const parts = Array.from({ length: messages }, (_, i) => ({
    // All different means that no later round sees an earlier one's either: the table of subjects is smaller.
    subject: `${name}.${String(i % subjects).padStart(4, "0")}`,
    reply: reply ? `_INBOX.Q7VbY1x0.${i % 1000}` : undefined,
    headers: headed ? headers : undefined,
    payload: new Uint8Array(sizes[i % sizes.length]!).fill(0x61),
    flaw: undefined,
  }));
  const received = parts.map((part) => encode({ op: "msg", sid, ...part }));
  const published = parts.map((part, i) => {
    const { subject } = part;
    return encode(stream.subscribes ? { op: "sub", subject, queue: undefined, sid: `${i}` } : { op: "pub", ...part });
  });
  // A few large messages are read again and again: making the parser is not what is measured.
  if (messages < FEW && chunk > 2_000_000) {
    const again = Math.ceil(FEW / messages);
    const chunks = new Array<Uint8Array>(again).fill(cut(received, chunk)[0]!);
    return { ...stream, chunks, published: [], messages: messages * again };
  }
  return { ...stream, chunks: cut(received, chunk), published: cut(published, chunk), messages };
}

/** Chunks in memory of their own, as a socket delivers them. */
function cut(parts: readonly Uint8Array[], size: number): Uint8Array[] {
  const stream = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    stream.set(part, end);
    end += part.length;
  }
  return Array.from({ length: Math.ceil(end / size) }, (_, i) => stream.slice(i * size, (i + 1) * size));
}

type Take = (event: Required<Pick<ParserEvent, "msg" | "data">>) => number;
type Look = (scanner: Scanner) => number;

/** Finding the messages: sizes are added up, nothing is made. */
export const scan = ({ chunks }: Stream, codec: Codec): Contestant[] => [
  official(chunks, ({ msg }) => msg.size),
  ours("Scanner", chunks, codec, codec.serverFrames, (scanner) => scanner.size),
];

/** The subject of each message as a string. */
export const subjects = ({ chunks }: Stream, codec: Codec): Contestant[] => [
  official(chunks, ({ msg, data }) => new MsgImpl(msg, data, null as never).subject.length),
  ours("Scanner, subject", chunks, codec, codec.serverFrames, (scanner) => scanner.subject().length),
];

/** The subject and a view of the payload, without an object for the message. */
export const cursor = ({ chunks }: Stream, codec: Codec): Contestant[] => [
  official(chunks, ({ msg, data }) => {
    const message = new MsgImpl(msg, data, null as never);
    return message.subject.length + message.data.length;
  }),
  ours("Scanner, subject, payload", chunks, codec, codec.serverFrames, (scanner) => {
    return scanner.subject().length + scanner.payload().length;
  }),
];

/** Plain data for each message: subject, sid, reply, payload. */
export const frames = ({ chunks }: Stream, { Decoder, serverFrames }: Codec): Contestant[] => [
  official(chunks, ({ msg, data }) => {
    const message = new MsgImpl(msg, data, null as never);
    return message.subject.length + message.sid + (message.reply?.length ?? 0) + message.data.length;
  }),
  {
    name: "Decoder",
    run: () => {
      let sum = 0;
      const decoder = new Decoder(serverFrames);
      for (const chunk of chunks) {
        decoder.push(chunk);
        for (let frame = decoder.pull(); frame !== undefined; frame = decoder.pull()) {
          if (frame.op !== "msg") continue;
          sum += frame.subject.length + frame.sid + (frame.reply?.length ?? 0) + frame.payload.length;
        }
      }
      return sum;
    },
  },
];

/** What a server reads, against what a client reads: one engine, so PUB should be about as fast as MSG. */
export const serverRole = ({ chunks, published }: Stream, codec: Codec): Contestant[] => [
  ours("Scanner, server frames", chunks, codec, codec.serverFrames, (scanner) => scanner.size + 1),
  ours("Scanner, client frames", published, codec, codec.clientFrames, (scanner) => scanner.size + 1),
];

/** The official client's parser calls what the client gives it for each event. */
function official(chunks: readonly Uint8Array[], take: Take): Contestant {
  let sum = 0;
  const dispatcher = {
    push: (event: ParserEvent) => {
      sum += take(event as Parameters<Take>[0]);
    },
  } as Dispatcher<ParserEvent>;
  return {
    name: "nats-core",
    run: () => {
      sum = 0;
      const parser = new Parser(dispatcher);
      for (const chunk of chunks) parser.parse(chunk);
      return sum;
    },
  };
}

function ours(
  name: string,
  chunks: readonly Uint8Array[],
  { Scanner }: Codec,
  grammar: Grammar<unknown>,
  look: Look,
): Contestant {
  return {
    name,
    run: () => {
      let sum = 0;
      const scanner = new Scanner(grammar);
      for (const chunk of chunks) {
        scanner.push(chunk);
        while (scanner.next() !== 0) sum += look(scanner);
      }
      return sum;
    },
  };
}
