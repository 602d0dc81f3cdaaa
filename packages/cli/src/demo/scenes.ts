// SPDX-License-Identifier: Apache-2.0
import type { ClientFrame, ServerFrame } from "@natswire/codec";

/** One frame that the server must send. */
export interface Expectation {
  /** The frame as it is shown if something else arrives. */
  readonly text: string;
  readonly matches: (frame: ServerFrame<string>) => boolean;
}

/** A part of the NATS session: what the client sends, and what the server must send, in order. */
export interface Scene {
  readonly title: string;
  /** Is sent first. */
  readonly send?: readonly ClientFrame[];
  readonly expect: readonly Expectation[];
  /** Is sent after everything expected was received. */
  readonly reply?: ClientFrame;
  /** The server's PINGs are part of the scene. In other scenes they are answered and omitted from the transcript. */
  readonly expectsPings?: boolean;
  /** The server must close the connection at the end. */
  readonly closes?: boolean;
}

const ok: Expectation = { text: "+OK", matches: (frame) => frame.op === "ok" };
const pong: Expectation = { text: "PONG", matches: (frame) => frame.op === "pong" };
const ping: Expectation = { text: "PING", matches: (frame) => frame.op === "ping" };

function publish(subject: string, text: string): ClientFrame {
  const payload = new TextEncoder().encode(text);
  return { op: "pub", subject, reply: undefined, headers: undefined, payload, flaw: undefined };
}

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
  { title: "The client sends CONNECT", send: [{ op: "connect", options: credentials }], expect: [ok] },
  { title: "The server sends PING", expect: [ping], reply: { op: "pong" }, expectsPings: true },
  { title: "The client sends PING", send: [{ op: "ping" }], expect: [pong] },
  { title: "Subscribe to foo.*", send: [{ op: "sub", subject: "foo.*", queue: undefined, sid: "90" }], expect: [ok] },
  {
    title: "Publish to foo.bar and receive the message",
    send: [publish("foo.bar", "hello")],
    expect: [
      ok,
      {
        text: "MSG foo.bar 90 5\\r\\nhello",
        matches: (frame) =>
          frame.op === "msg" &&
          frame.subject === "foo.bar" &&
          frame.sid === "90" &&
          new TextDecoder().decode(frame.payload) === "hello",
      },
    ],
  },
  { title: "Unsubscribe", send: [{ op: "unsub", sid: "90", max: undefined }], expect: [ok] },
  {
    // A MSG for the message would arrive before the PONG.
    title: "Publish again and receive nothing",
    send: [publish("foo.bar", "goodbye"), { op: "ping" }],
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
