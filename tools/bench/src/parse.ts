// SPDX-License-Identifier: Apache-2.0
import { type Dispatcher, MsgImpl, Parser, type ParserEvent } from "@nats-io/nats-core/internal";
import type { Grammar, Scanner } from "@natswire/codec";
import type { Contestant } from "./race.ts";

/** A build of the codec, passed in so that two builds can be compared. */
export type Codec = typeof import("@natswire/codec");

/** A stream that a peer sends, and its chunks. */
export interface Stream {
  /** The size of every payload in bytes, or the sizes to use in turn. */
  readonly size: number | readonly number[];
  readonly chunk: number;
  /** The number of different subjects, used in turn; default 1. */
  readonly subjects?: number;
  readonly name?: string;
  readonly reply?: boolean;
  readonly headers?: boolean;
  /** Whether the client's stream is SUB instead of PUB. */
  readonly subscribes?: boolean;
  /** The sid of each MSG; default 17. */
  readonly sid?: number;
  readonly chunks: readonly Uint8Array[];
  /** The same messages as a client publishes them. */
  readonly published: readonly Uint8Array[];
  readonly messages: number;
}

/** The options of `made`. */
export type StreamOptions = Omit<Stream, "chunks" | "published" | "messages">;

const FEW = 1000;
/** A block with one header. */
export const headers: Uint8Array = new TextEncoder().encode("NATS/1.0\r\nNats-Msg-Id: 0123456789\r\n\r\n");

/** Creates a stream of about two megabytes, at most 2,000 messages, and cuts it into chunks. */
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
    // With different subjects, a later round misses the subjects of an earlier one too: the cache is smaller.
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
  // A few large messages are repeated, so that the time to create the parser does not count.
  if (messages < FEW && chunk > 2_000_000) {
    const again = Math.ceil(FEW / messages);
    const chunks = new Array<Uint8Array>(again).fill(cut(received, chunk)[0]!);
    return { ...stream, chunks, published: [], messages: messages * again };
  }
  return { ...stream, chunks: cut(received, chunk), published: cut(published, chunk), messages };
}

/** Returns chunks in separate memory, as a socket delivers them. */
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
type Read = (scanner: Scanner) => number;

/** Finds the messages and adds up their sizes, without creating objects. */
export const scan = ({ chunks }: Stream, codec: Codec): Contestant[] => [
  official(chunks, ({ msg }) => msg.size),
  ours("Scanner", chunks, codec, codec.serverFrames, (scanner) => scanner.size),
];

/** Reads the subject of each message as a string. */
export const subjects = ({ chunks }: Stream, codec: Codec): Contestant[] => [
  official(chunks, ({ msg, data }) => new MsgImpl(msg, data, null as never).subject.length),
  ours("Scanner, subject", chunks, codec, codec.serverFrames, (scanner) => scanner.subject().length),
];

/** Reads the subject and a view of the payload, without an object per message. */
export const cursor = ({ chunks }: Stream, codec: Codec): Contestant[] => [
  official(chunks, ({ msg, data }) => {
    const message = new MsgImpl(msg, data, null as never);
    return message.subject.length + message.data.length;
  }),
  ours("Scanner, subject, payload", chunks, codec, codec.serverFrames, (scanner) => {
    return scanner.subject().length + scanner.payload().length;
  }),
];

/** Reads an object per message: subject, sid, reply, payload. */
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

/** Compares client frames with server frames: one engine, so PUB should be about as fast as MSG. */
export const serverRole = ({ chunks, published }: Stream, codec: Codec): Contestant[] => [
  ours("Scanner, server frames", chunks, codec, codec.serverFrames, (scanner) => scanner.size + 1),
  ours("Scanner, client frames", published, codec, codec.clientFrames, (scanner) => scanner.size + 1),
];

/** Runs the official client's parser, with a callback per event as the client does. */
function official(chunks: readonly Uint8Array[], onMessage: Take): Contestant {
  let sum = 0;
  const dispatcher = {
    push: (event: ParserEvent) => {
      sum += onMessage(event as Parameters<Take>[0]);
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
  read: Read,
): Contestant {
  return {
    name,
    run: () => {
      let sum = 0;
      const scanner = new Scanner(grammar);
      for (const chunk of chunks) {
        scanner.push(chunk);
        while (scanner.next() !== 0) sum += read(scanner);
      }
      return sum;
    },
  };
}
