// SPDX-License-Identifier: Apache-2.0
import type { ClientFrame, Pub } from "../frames.ts";
import { parseConnect } from "../info.ts";
import { clientFrameLimits } from "../limits.ts";
import { validTable } from "./compiled-verb.ts";
import type { FrameCursor } from "./grammar.ts";
import type { NamedGrammar } from "./named-grammar.ts";

const PUB = 1;
const HPUB = 2;
const SUB = 3;
const UNSUB = 4;
const PING = 5;
const PONG = 6;
const CONNECT = 7;

/** The verbs that a client sends. */
type ClientWord = "PUB" | "HPUB" | "SUB" | "UNSUB" | "PING" | "PONG" | "CONNECT";

/**
 * The grammar of the frames that a client sends to a server, with the default limits for them.
 *
 * `clientFrames.kinds.PUB` is what `Scanner.next()` returns for PUB.
 *
 * @see https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
export const clientFrames: NamedGrammar<ClientFrame, ClientWord> = {
  limits: clientFrameLimits,
  kinds: { PUB, HPUB, SUB, UNSUB, PING, PONG, CONNECT },
  verbs: /* @__PURE__ */ validTable([
    { word: "PUB", kind: PUB, args: [2, 3], sid: "none", body: "size" },
    { word: "HPUB", kind: HPUB, args: [3, 4], sid: "none", body: "headers+size" },
    { word: "SUB", kind: SUB, args: [2, 3], sid: "token", body: "none" },
    { word: "UNSUB", kind: UNSUB, args: [1, 2], sid: "token", body: "none" },
    { word: "PING", kind: PING, args: [0, 0], sid: "none", body: "none" },
    { word: "PONG", kind: PONG, args: [0, 0], sid: "none", body: "none" },
    { word: "CONNECT", kind: CONNECT, args: [1, 1], sid: "none", body: "json" },
  ]),
  frame(at: FrameCursor): ClientFrame {
    switch (at.kind) {
      case PUB:
      case HPUB:
        return message(at);
      case SUB:
        return { op: "sub", subject: at.subject(), queue: at.queue(), sid: at.sidText() };
      case UNSUB:
        return { op: "unsub", sid: at.sidText(), max: at.max };
      case PING:
        return { op: "ping" };
      case PONG:
        return { op: "pong" };
      default:
        return { op: "connect", options: parseConnect(at) };
    }
  },
};

function message(at: FrameCursor): Pub {
  return {
    op: "pub",
    subject: at.subject(),
    reply: at.reply(),
    headers: at.headers(),
    payload: at.payload(),
    flaw: at.flaw(),
  };
}
