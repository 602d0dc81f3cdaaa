// SPDX-License-Identifier: Apache-2.0
import type { ServerFrame } from "@natswire/codec";

/** One frame that the server must send. */
export interface Expectation {
  /** The frame as it is shown. */
  readonly text: string;
  readonly matches: (frame: ServerFrame<string>) => boolean;
}

/** A part of the NATS session: what the client sends, and what the server must send, in order. */
export interface Scene {
  readonly title: string;
  /** Is sent first. */
  readonly send?: string;
  readonly expect: readonly Expectation[];
  /** Is sent after everything expected was received. */
  readonly reply?: string;
  /** The server's PINGs are part of the scene. In other scenes they are answered and omitted from the transcript. */
  readonly expectsPings?: boolean;
  /** The server must close the connection at the end. */
  readonly closes?: boolean;
}

const utf8 = new TextDecoder();
const ok: Expectation = { text: "+OK", matches: (frame) => frame.op === "ok" };
const pong: Expectation = { text: "PONG", matches: (frame) => frame.op === "pong" };
const ping: Expectation = { text: "PING", matches: (frame) => frame.op === "ping" };

/**
 * Returns the scenes of the session, in order.
 *
 * @param credentials the fields of CONNECT
 */
export const scenes = (credentials: object = {}): readonly Scene[] => [
  {
    title: "The server sends INFO",
    expect: [{ text: "INFO {…}", matches: (frame) => frame.op === "info" && (frame.info.max_payload ?? 0) > 0 }],
  },
  { title: "The client sends CONNECT", send: `CONNECT ${JSON.stringify(credentials)}\r\n`, expect: [ok] },
  { title: "The server sends PING", expect: [ping], reply: "PONG\r\n", expectsPings: true },
  { title: "The client sends PING", send: "PING\r\n", expect: [pong] },
  { title: "Subscribe to foo.*", send: "SUB foo.* 90\r\n", expect: [ok] },
  {
    title: "Publish to foo.bar and receive the message",
    send: "PUB foo.bar 5\r\nhello\r\n",
    expect: [
      ok,
      {
        text: "MSG foo.bar 90 5␍␊hello",
        matches: (frame) =>
          frame.op === "msg" &&
          frame.subject === "foo.bar" &&
          frame.sid === "90" &&
          utf8.decode(frame.payload) === "hello",
      },
    ],
  },
  { title: "Unsubscribe", send: "UNSUB 90\r\n", expect: [ok] },
  {
    // A MSG for the message would arrive before the PONG.
    title: "Publish again and receive nothing",
    send: "PUB foo.bar 7\r\ngoodbye\r\nPING\r\n",
    expect: [ok, pong],
  },
  {
    title: "Ignore PINGs until the server closes the connection",
    expect: [
      ping,
      ping,
      {
        text: "-ERR 'Stale Connection'",
        matches: (frame) => frame.op === "err" && frame.text === "Stale Connection",
      },
    ],
    expectsPings: true,
    closes: true,
  },
];
