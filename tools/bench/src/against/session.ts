// SPDX-License-Identifier: Apache-2.0
import type { Event, Session } from "@natswire/session";
import { made, type StreamOptions } from "../parse.ts";
import { BATCH } from "../publish.ts";
import type { Work } from "../workloads.ts";
import type { Build } from "./build.ts";

const SUBJECT = "orders.europe.0000";
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const info = encoder.encode('INFO {"server_id":"A","max_payload":1048576,"headers":true}\r\n');
const pong = encoder.encode("PONG\r\n");

/** Returns the work of publishing, transmitting and releasing a batch. The checksum is the number of bytes. */
export function publishing(size: number, build: Build): Work {
  const session = connected(build);
  const message = { payload: new Uint8Array(size).fill(0x61) };
  const run = (): number => {
    for (let i = 0; i < BATCH; i++) session.publish(SUBJECT, message);
    return written(session);
  };
  return { contestants: [{ name: "publish", run }], messages: BATCH };
}

/** Returns the work of receiving chunks and polling each message. The checksum adds up subjects and payloads. */
export function receiving(options: StreamOptions, build: Build): Work {
  const session = connected(build);
  const sid = session.subscribe(SUBJECT, {
    maxMessages: Number.POSITIVE_INFINITY,
    maxBytes: Number.POSITIVE_INFINITY,
  });
  written(session);
  const { chunks, messages } = made({ ...options, sid }, build.codec);
  const run = (): number => {
    let sum = 0;
    for (const chunk of chunks) {
      session.received(chunk, 0);
      for (let next = session.poll(); next !== undefined; next = session.poll()) {
        const { event, message } = next as Partial<Event & { event: "message" }>;
        if (event === "message") sum += message!.subject.length + message!.payload.length;
      }
    }
    return sum;
  };
  return { contestants: [{ name: "subscribe", run }], messages };
}

/** Returns the work of sending 500 requests and of receiving their replies. The checksum adds up subjects and payloads. */
export function requesting(size: number, build: Build): Work {
  const session = connected(build);
  const message = { payload: new Uint8Array(size).fill(0x61) };
  const request = (): void => {
    for (let i = 0; i < BATCH; i++) session.request(SUBJECT, message, {}, 0);
  };
  request();
  // A session has the same reply subjects again, because its random bits are always the same.
  let sent = "";
  for (let bytes = session.transmit(); bytes !== undefined; bytes = session.transmit()) sent += decoder.decode(bytes);
  session.released(sent.length);
  const replies = encoder.encode(
    Array.from(
      sent.matchAll(/PUB \S+ (\S+) \d+/g),
      ([, reply]) => `MSG ${reply} 1 ${size}\r\n${"a".repeat(size)}\r\n`,
    ).join(""),
  );
  const receive = (): number => {
    session.received(replies, 0);
    let sum = 0;
    for (let next = session.poll(); next !== undefined; next = session.poll()) {
      const { event, message } = next as Partial<Event & { event: "reply" }>;
      if (event === "reply") sum += message!.subject.length + message!.payload.length;
    }
    return sum;
  };
  receive();
  const run = (): number => {
    request();
    written(session);
    return receive();
  };
  return { contestants: [{ name: "request", run }], messages: BATCH };
}

/** Returns a session after the handshake. */
function connected({ session: { Session } }: Build): Session {
  const session = new Session({ random: (into) => into.fill(7), servers: ["127.0.0.1"] }, 0);
  polled(session);
  session.opened(0);
  session.received(info, 0);
  polled(session);
  written(session);
  session.received(pong, 0);
  polled(session);
  return session;
}

/** Discards all actions and events. */
function polled(session: Session): void {
  while (session.poll() !== undefined);
}

/** Transmits and releases all output; returns the number of bytes. */
function written(session: Session): number {
  let sum = 0;
  for (let bytes = session.transmit(); bytes !== undefined; bytes = session.transmit()) sum += bytes.length;
  session.released(sum);
  return sum;
}
