// SPDX-License-Identifier: Apache-2.0
import { encodeHeaders, type MsgHeaders } from "@natswire/codec";
import type { Outgoing } from "@natswire/session";
import { encoder } from "./platform.ts";
import type { Payload, PublishOptions } from "./received.ts";

/** No payload. */
export const NOTHING: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

/** A message as a session takes it, which keeps its fields and not what they came in. */
type Draft = { -readonly [Field in keyof Outgoing]-?: Outgoing[Field] };

/** @throws UsageError where a header could not go on the wire */
export function outgoing(payload: Payload, headers?: MsgHeaders): Draft {
  return { reply: undefined, headers: headers && encodeHeaders(headers), payload: bytesOf(payload), isCopied: true };
}

/**
 * The same record again: one for all that is published costs no memory (`client publish 0 B`).
 *
 * @throws UsageError where a header could not go on the wire
 */
export function refilled(message: Draft, payload: Payload, options: PublishOptions | undefined): Draft {
  message.reply = options?.reply;
  message.headers = options?.headers && encodeHeaders(options.headers);
  message.payload = bytesOf(payload);
  // Text is bytes of its own.
  message.isCopied = payload === message.payload && options?.borrow !== true;
  return message;
}

/** What a payload is on the wire; what is neither text nor bytes stays what it is, and the encoder refuses it. */
export function bytesOf(payload: Payload): Uint8Array {
  return typeof payload === "string" ? encoder.encode(payload) : payload;
}
