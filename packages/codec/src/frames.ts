// SPDX-License-Identifier: Apache-2.0
import type { ConnectInfo, ServerInfo } from "./info.ts";

/**
 * Which names of a message hold bytes that a third party can make a healthy server relay: a byte <= 0x20 or 0x7F,
 * invalid UTF-8 (decoded with U+FFFD), or an empty token. Wildcards are no flaw. `undefined` means none.
 */
export type Flaw = "subject" | "reply" | "both" | undefined;

/** A message delivered to a subscription: MSG, or HMSG when it has headers. */
export interface Msg<S = number> {
  readonly op: "msg";
  readonly subject: string;
  /** The subscription it is for: a number if decoded, a number or an opaque token if a server encodes it. */
  readonly sid: S;
  readonly reply: string | undefined;
  /** The raw header block: `undefined` is MSG, present (even empty) is HMSG. See `decodeHeaders`. */
  readonly headers: Uint8Array | undefined;
  /** Borrowed: a view of what was pushed, or of the decoder's carry; `.slice()` to keep it beyond the chunk's life. */
  readonly payload: Uint8Array;
  readonly flaw: Flaw;
}

/** A message on its way to the server: PUB, or HPUB when it has headers. */
export interface Pub {
  readonly op: "pub";
  readonly subject: string;
  readonly reply: string | undefined;
  /** The raw header block: `undefined` is PUB, present (even empty) is HPUB. */
  readonly headers: Uint8Array | undefined;
  /** Borrowed, as in `Msg`. */
  readonly payload: Uint8Array;
  readonly flaw: Flaw;
}

/** Interest in a subject or wildcard pattern. */
export interface Sub {
  readonly op: "sub";
  readonly subject: string;
  readonly queue: string | undefined;
  readonly sid: string;
}

/** The end of a subscription: now, or after `max` deliveries counted since its SUB. */
export interface Unsub {
  readonly op: "unsub";
  readonly sid: string;
  readonly max: number | undefined;
}

/** Keep-alive, asked by either side. */
export interface Ping {
  readonly op: "ping";
}

/** The answer to a PING. */
export interface Pong {
  readonly op: "pong";
}

/** The server's greeting, and its later news about the cluster. */
export interface Info {
  readonly op: "info";
  readonly info: ServerInfo;
}

/** The server accepted an operation of a verbose client. */
export interface Ok {
  readonly op: "ok";
}

/** The server refused something; `text` is without the outer quotes. */
export interface Err {
  readonly op: "err";
  readonly text: string;
}

/** The client introduces itself. */
export interface Connect {
  readonly op: "connect";
  readonly options: ConnectInfo;
}

/** A frame that a server sends to a client. */
export type ServerFrame<S extends number | string = number> = Info | Msg<S> | Ok | Err | Ping | Pong;

/** A frame that a client sends to a server. */
export type ClientFrame = Connect | Pub | Sub | Unsub | Ping | Pong;

/** A frame of either side, as `encode` accepts it: a sid may be a number or an opaque token. */
export type AnyFrame = ServerFrame<number | string> | ClientFrame;
