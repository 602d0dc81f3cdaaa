// SPDX-License-Identifier: Apache-2.0
import type { ServerFrame } from "@natswire/codec";

/** One thing the server must say, in order. */
export interface Expectation {
  readonly says: string;
  readonly is: (frame: ServerFrame) => boolean;
}

/** A part of the NATS Protocol Demo: what the client writes, and what must come back. */
export interface Scene {
  readonly title: string;
  /** Written first. */
  readonly send?: string;
  readonly expect: readonly Expectation[];
  /** Written when everything expected has come. */
  readonly answer?: string;
  /** The server's PINGs belong to the scene; elsewhere they are answered and left out of the account. */
  readonly pings?: "expected" | "ignored";
  /** The connection must be closed after it. */
  readonly closes?: boolean;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const ok: Expectation = { says: "+OK", is: (frame) => frame.op === "ok" };
const pong: Expectation = { says: "PONG", is: (frame) => frame.op === "pong" };
const ping: Expectation = { says: "PING", is: (frame) => frame.op === "ping" };

/** The scenes of the session, in order; the client introduces itself with a login where the server wants one. */
export const scenes = (login: object = {}): readonly Scene[] => [
  {
    title: "The server greets",
    expect: [{ says: "INFO {…}", is: (frame) => frame.op === "info" && (frame.info.max_payload ?? 0) > 0 }],
  },
  { title: "We introduce ourselves", send: `CONNECT ${JSON.stringify(login)}\r\n`, expect: [ok] },
  { title: "The server asks whether we are there", expect: [ping], answer: "PONG\r\n", pings: "expected" },
  { title: "We ask whether the server is there", send: "PING\r\n", expect: [pong] },
  { title: "We subscribe to foo.*", send: "SUB foo.* 90\r\n", expect: [ok] },
  {
    title: "We publish to foo.bar, and hear it",
    send: "PUB foo.bar 5\r\nhello\r\n",
    expect: [
      ok,
      {
        says: "MSG foo.bar 90 5␍␊hello",
        is: (frame) =>
          frame.op === "msg" && frame.subject === "foo.bar" && frame.sid === 90 && text(frame.payload) === "hello",
      },
    ],
  },
  { title: "We end the subscription", send: "UNSUB 90\r\n", expect: [ok] },
  {
    // PONG is a barrier: a MSG for the message before it would have come first.
    title: "We publish again, and hear nothing",
    send: "PUB foo.bar 7\r\ngoodbye\r\nPING\r\n",
    expect: [ok, pong],
  },
  {
    title: "We fall silent, and are cut off",
    expect: [
      ping,
      ping,
      { says: "-ERR 'Stale Connection'", is: (frame) => frame.op === "err" && frame.text === "Stale Connection" },
    ],
    pings: "expected",
    closes: true,
  },
];
