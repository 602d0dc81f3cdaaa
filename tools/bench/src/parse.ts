// SPDX-License-Identifier: Apache-2.0
import { type Dispatcher, MsgImpl, Parser, type ParserEvent } from "@nats-io/nats-core/internal";
import { Decoder, encode, Scanner, serverFrames } from "@natswire/codec";
import type { Contestant } from "./race.ts";

/** A stream a client receives, and how it is cut. */
export interface Stream {
  readonly size: number;
  readonly chunk: number;
  readonly subjects?: number;
  readonly reply?: boolean;
  readonly headers?: boolean;
}

const headers = new TextEncoder().encode("NATS/1.0\r\nNats-Msg-Id: 0123456789\r\n\r\n");

/** The chunks of a stream and the number of its messages. */
export function made({ size, chunk, subjects = 1, reply = false, headers: headed = false }: Stream) {
  const messages = Math.max(8, Math.min(2000, Math.floor(2_000_000 / (size + 40))));
  const count = chunk === 1 ? 200 : messages;
  const parts = Array.from({ length: count }, (_, i) =>
    encode({
      op: "msg",
      subject: `orders.europe.${String(i % subjects).padStart(4, "0")}`,
      sid: 17,
      reply: reply ? `_INBOX.Q7VbY1x0.${i % 1000}` : undefined,
      headers: headed ? headers : undefined,
      payload: new Uint8Array(size).fill(0x61),
      flaw: undefined,
    }),
  );
  const stream = Buffer.concat(parts);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += chunk) {
    // Each in memory of its own, as a socket delivers them.
    chunks.push(new Uint8Array(stream.subarray(at, at + chunk)));
  }
  return { chunks, messages: count };
}

/** Finding the messages: sizes are added up, nothing is made. */
export function scan(chunks: readonly Uint8Array[]): Contestant[] {
  return [
    {
      name: "nats-core Parser",
      run: () => {
        let sum = 0;
        const parser = new Parser(
          events(({ msg }) => {
            sum += msg!.size;
          }),
        );
        for (const chunk of chunks) parser.parse(chunk);
        return sum;
      },
    },
    {
      name: "Scanner",
      run: () => {
        let sum = 0;
        const scanner = new Scanner(serverFrames);
        for (const chunk of chunks) {
          scanner.push(chunk);
          while (scanner.next() !== 0) sum += scanner.size;
        }
        return sum;
      },
    },
  ];
}

/** Plain data for each message: subject, sid, reply, payload. */
export function frames(chunks: readonly Uint8Array[]): Contestant[] {
  return [
    {
      name: "nats-core Parser, MsgImpl",
      run: () => {
        let sum = 0;
        const parser = new Parser(
          events(({ msg, data }) => {
            const message = new MsgImpl(msg!, data!, null as never);
            sum += message.subject.length + message.sid + (message.reply?.length ?? 0) + message.data.length;
          }),
        );
        for (const chunk of chunks) parser.parse(chunk);
        return sum;
      },
    },
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
}

/** The client's parser calls what the client gives it for each event. */
function events(take: (event: ParserEvent) => void): Dispatcher<ParserEvent> {
  return { push: (event) => take(event as ParserEvent) };
}
