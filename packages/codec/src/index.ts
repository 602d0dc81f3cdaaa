// SPDX-License-Identifier: Apache-2.0
/**
 * The NATS wire protocol: decodes bytes to frames and encodes frames to bytes, for both ends of a connection.
 *
 * It does no IO and has no dependencies. Server frames are sent by a server, client frames by a client.
 *
 * @module
 */

export { byteLength } from "./bytes.ts";
export { clientFrames } from "./decode/client-frames.ts";
export { Decoder } from "./decode/decoder.ts";
export type { FrameCursor, Grammar, Verb } from "./decode/grammar.ts";
export type { NamedGrammar } from "./decode/named-grammar.ts";
export type { Positions } from "./decode/positions.ts";
export { Scanner } from "./decode/scanner.ts";
export { serverFrames, serverFramesWithAnySid } from "./decode/server-frames.ts";
export { Encoder, encode } from "./encode/encoder.ts";
export {
  formatValue,
  ProtocolError,
  type ProtocolErrorCode,
  typeName,
  UsageError,
  type UsageErrorCode,
} from "./errors.ts";
export type {
  AnyFrame,
  ClientFrame,
  Connect,
  ConnectInput,
  Err,
  Flaw,
  FrameInput,
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
export {
  decodeHeaders,
  encodeHeaders,
  type HeaderLimits,
  type HeaderMatch,
  type HeadersInput,
  isHeaderBlock,
  MsgHeaders,
} from "./headers.ts";
export type { ConnectInfo, ServerInfo } from "./info.ts";
export type { Limits, Options } from "./limits.ts";
export { nearest } from "./nearest.ts";
export { type Printable, printAs, printable, withoutUndefined } from "./printable.ts";
export { type ServerError, type ServerErrorCode, serverError, serverErrors, serverErrorText } from "./server-errors.ts";
export { isInboxPrefix, isPattern, isQueue, isRelayable, isSubject, matches } from "./subject.ts";
export { decodeText, type Utf8Encoder, utf8 } from "./text.ts";
