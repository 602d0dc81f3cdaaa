// SPDX-License-Identifier: Apache-2.0
import type { Event, Session } from "@natswire/session";
import { made, type StreamOptions } from "../parse.ts";
import { BATCH } from "../publish.ts";
import type { Work } from "../workloads.ts";
import type { Build } from "./build.ts";

const SUBJECT = "orders.europe.0000";
const encoder = new TextEncoder();
const info = encoder.encode('INFO {"server_id":"A","max_payload":1048576,"headers":true}\r\n');
const pong = encoder.encode("PONG\r\n");

/** Publishing in batches, each of which is transmitted and released; the checksum is the number of bytes. */
export function publishing(size: number, build: Build): Work {
  const session = connected(build);
  const message = { payload: new Uint8Array(size).fill(0x61) };
  const run = (): number => {
    for (let i = 0; i < BATCH; i++) session.publish(SUBJECT, message);
    return written(session);
  };
  return { contestants: [{ name: "publish", run }], messages: BATCH };
}

/** Receiving chunks and taking each message from `poll`; the checksum adds up subjects and payloads. */
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

/** A session whose handshake is completed. */
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

/** Takes all actions and events; none of them needs an answer. */
function polled(session: Session): void {
  while (session.poll() !== undefined);
}

/** Transmits and releases all that waits; returns the number of bytes. */
function written(session: Session): number {
  let sum = 0;
  for (let bytes = session.transmit(); bytes !== undefined; bytes = session.transmit()) sum += bytes.length;
  session.released(sum);
  return sum;
}
