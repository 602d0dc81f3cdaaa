// SPDX-License-Identifier: Apache-2.0
/**
 * The NATS wire protocol: bytes to frames and back, for both ends of the wire, without IO and without dependencies.
 *
 * @module
 */

export { clientFrames } from "./client-frames.ts";
export { Decoder } from "./decoder.ts";
export { Encoder, encode } from "./encoder.ts";
export { ProtocolError, type ProtocolErrorCode, UsageError, type UsageErrorCode } from "./errors.ts";
export type {
  AnyFrame,
  ClientFrame,
  Connect,
  Err,
  Flaw,
  Info,
  Msg,
  Ok,
  Ping,
  Pong,
  Pub,
  ServerFrame,
  Sub,
  Unsub,
} from "./frames.ts";
export type { Grammar, Verb } from "./grammar.ts";
export { decodeHeaders, encodeHeaders, type HeaderLimits, type HeaderMatch, MsgHeaders } from "./headers.ts";
export type { Limits } from "./limits.ts";
export { Scanner } from "./scanner.ts";
export { type ServerError, serverError, serverErrors, serverErrorText } from "./server-errors.ts";
export { serverFrames } from "./server-frames.ts";
export type { ConnectInfo, ServerInfo } from "./server-info.ts";
export { isInboxPrefix, isPattern, isQueue, isRelayable, isSubject, matches } from "./subject.ts";
