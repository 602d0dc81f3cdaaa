// SPDX-License-Identifier: Apache-2.0
import type { Msg, ServerFrame } from "../frames.ts";
import { parseInfo } from "../info.ts";
import { serverFrameLimits } from "../limits.ts";
import { unquoted } from "../text.ts";
import { validTable } from "./compiled-verb.ts";
import type { FrameCursor } from "./grammar.ts";
import type { NamedGrammar } from "./named-grammar.ts";

const MSG = 1;
const HMSG = 2;
const PING = 3;
const PONG = 4;
const OK = 5;
const ERR = 6;
const INFO = 7;

/** The verbs that a server sends. */
type ServerWord = "MSG" | "HMSG" | "PING" | "PONG" | "+OK" | "-ERR" | "INFO";

/**
 * The grammar of the frames that a server sends to a client, with the default limits for them.
 *
 * `serverFrames.kinds.MSG` is what `Scanner.next()` returns for MSG.
 *
 * @see https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
export const serverFrames: NamedGrammar<ServerFrame, ServerWord> = {
  limits: serverFrameLimits,
  kinds: { MSG, HMSG, PING, PONG, "+OK": OK, "-ERR": ERR, INFO },
  verbs: /* @__PURE__ */ validTable([
    { word: "MSG", kind: MSG, args: [3, 4], sid: "digits", body: "size" },
    { word: "HMSG", kind: HMSG, args: [4, 5], sid: "digits", body: "headers+size" },
    { word: "PING", kind: PING, args: [0, 0], sid: "none", body: "none" },
    { word: "PONG", kind: PONG, args: [0, 0], sid: "none", body: "none" },
    { word: "+OK", kind: OK, args: [0, 0], sid: "none", body: "none" },
    { word: "-ERR", kind: ERR, args: [1, 1], sid: "none", body: "text" },
    { word: "INFO", kind: INFO, args: [1, 1], sid: "none", body: "json", limit: "info" },
  ]),
  frame(at: FrameCursor): ServerFrame {
    switch (at.kind) {
      case MSG:
      case HMSG:
        return message(at);
      case PING:
        return { op: "ping" };
      case PONG:
        return { op: "pong" };
      case OK:
        return { op: "ok" };
      case ERR:
        return { op: "err", text: unquoted(at.text()) };
      default:
        return { op: "info", info: parseInfo(at) };
    }
  },
};

/**
 * The same grammar for clients that choose other sids than numbers: any token, as text.
 *
 * A NATS server accepts any token as sid, and sends it back in MSG. `serverFrames` is faster, but rejects what is not a number.
 */
export const serverFramesWithAnySid: NamedGrammar<ServerFrame<string>, ServerWord> = /* @__PURE__ */ withAnySid();

function withAnySid(): NamedGrammar<ServerFrame<string>, ServerWord> {
  return {
    ...serverFrames,
    verbs: validTable(serverFrames.verbs.map((verb) => (verb.sid === "digits" ? { ...verb, sid: "token" } : verb))),
    frame(at) {
      const frame = serverFrames.frame(at);
      return frame.op === "msg" ? { ...frame, sid: at.sidText() } : frame;
    },
  };
}

function message(at: FrameCursor): Msg {
  return {
    op: "msg",
    subject: at.subject(),
    sid: at.sid,
    reply: at.reply(),
    headers: at.headers(),
    payload: at.payload(),
    flaw: at.flaw(),
  };
}
