// SPDX-License-Identifier: Apache-2.0
import type { ConnectInfo, ServerInfo } from "./info.ts";

/**
 * Which names of a message hold bytes that no valid subject has: a byte <= 0x20, 0x7F, invalid UTF-8 or an empty token.
 * `undefined` means that both names are valid. Wildcards are not a flaw.
 *
 * A server relays such bytes from any publisher, so they are not an error of the peer. No byte is lost: in a name that is
 * not UTF-8, each byte >= 0x80 becomes the lone surrogate U+DC00 + byte. The encoder writes such names as they were, and
 * rejects them if `flaw` is not set.
 */
export type Flaw = "subject" | "reply" | "both" | undefined;

/**
 * A message that a server delivers to a subscription: MSG, or HMSG if it has headers.
 *
 * @see https://docs.nats.io/reference/reference-protocols/nats-protocol#msg
 */
export interface Msg<S = number> {
  readonly op: "msg";
  readonly subject: string;
  /**
   * The subscription that receives the message, as its SUB named it.
   *
   * `serverFrames` decodes it to a number: clients count their subscriptions, and use it as the key for each message. A
   * server encodes a number, or the text of the SUB: `sub.sid` of a decoded `Sub` can be used as it is.
   */
  readonly sid: S;
  readonly reply: string | undefined;
  /** The raw header block, borrowed: `undefined` is MSG, present (even empty) is HMSG. See `decodeHeaders`. */
  readonly headers: Uint8Array | undefined;
  /** The payload, borrowed: use `.slice()` to keep it. See "Lifetimes" in docs/codec.md. */
  readonly payload: Uint8Array;
  readonly flaw: Flaw;
}

/**
 * A message that a client publishes: PUB, or HPUB if it has headers.
 *
 * @see https://docs.nats.io/reference/reference-protocols/nats-protocol#pub
 */
export interface Pub {
  readonly op: "pub";
  readonly subject: string;
  readonly reply: string | undefined;
  /** The raw header block, borrowed: `undefined` is PUB, present (even empty) is HPUB. See `encodeHeaders`. */
  readonly headers: Uint8Array | undefined;
  /** The payload, borrowed. See "Lifetimes" in docs/codec.md. */
  readonly payload: Uint8Array;
  readonly flaw: Flaw;
}

/**
 * Subscribes to a subject or a wildcard pattern.
 *
 * @see https://docs.nats.io/reference/reference-protocols/nats-protocol#sub
 */
export interface Sub {
  readonly op: "sub";
  readonly subject: string;
  /** The queue group, if the subscription shares its messages with others. */
  readonly queue: string | undefined;
  /**
   * The name of the subscription, chosen by the client. It is text and not a number: a client may choose any token, and
   * `1` and `01` are two subscriptions.
   */
  readonly sid: string;
}

/**
 * Ends a subscription: now, or after `max` messages, counted since its SUB.
 *
 * @see https://docs.nats.io/reference/reference-protocols/nats-protocol#unsub
 */
export interface Unsub {
  readonly op: "unsub";
  /** The name of the subscription, as its SUB wrote it. */
  readonly sid: string;
  /** The number of messages, at most 9 digits; `undefined` or 0 is now. nats-server reads more digits as now, and so does the decoder. */
  readonly max: number | undefined;
}

/** Asks the other side for a PONG. Either side may send it. */
export interface Ping {
  readonly op: "ping";
}

/** Answers a PING. */
export interface Pong {
  readonly op: "pong";
}

/** Describes the server: its first frame, and again whenever the cluster changes. */
export interface Info {
  readonly op: "info";
  readonly info: ServerInfo;
}

/** Confirms one operation of a client that asked for it (`verbose`). */
export interface Ok {
  readonly op: "ok";
}

/** Reports an error of the client. `serverError(text)` says which one, and whether the connection survives. */
export interface Err {
  readonly op: "err";
  /** The text without the quotes around it. `Scanner.text()` keeps them; `serverError` takes both. */
  readonly text: string;
}

/** Introduces the client: name, credentials and protocol options. */
export interface Connect {
  readonly op: "connect";
  /** The fields of CONNECT. A decoder keeps unknown ones. An encoder leaves them out: see `ConnectInput`. */
  readonly options: ConnectInfo;
}

/** CONNECT as an encoder takes it. */
export interface ConnectInput extends Connect {
  /**
   * Fields that are written although `options` does not have them: those of a leaf node, or of a vendor. Without `extra`,
   * the encoder writes only the fields of `ConnectInfo`, so that an options object cannot leak a key or a certificate.
   *
   * A proxy passes on what the client sent with `{ ...connect, extra: connect.options }`. If both have a field, that of
   * `options` is written. A field of `ConnectInfo` must have its type here, too.
   */
  readonly extra?: object | undefined;
}

/** A frame that a server sends to a client. */
export type ServerFrame<S extends number | string = number> = Info | Msg<S> | Ok | Err | Ping | Pong;

/** A frame that a client sends to a server. */
export type ClientFrame = Connect | Pub | Sub | Unsub | Ping | Pong;

/** A frame of either side, as `encode` accepts it: the sid of a message may be a number or any token. */
export type AnyFrame = ServerFrame<number | string> | ClientFrame;

/** The fields that a frame to encode does not need. */
type Optional = "reply" | "headers" | "payload" | "flaw" | "queue" | "max";

/**
 * A frame as an encoder takes it: a field that may be `undefined` is optional, and so is the payload, which is empty by default.
 *
 * `FrameInput<ClientFrame>` are the frames that a client may encode. Every decoded frame can be one.
 */
export type FrameInput<F extends AnyFrame = AnyFrame> = F extends Connect
  ? ConnectInput
  : F extends unknown
    ? Omit<F, Optional> & { readonly [Name in keyof F & Optional]?: F[Name] | undefined }
    : never;
