// SPDX-License-Identifier: Apache-2.0
import { encodeHeaders, type MsgHeaders } from "@natswire/codec";
import type { Outgoing } from "@natswire/session";
import { badField } from "./bad-field.ts";
import type { Payload, PublishOptions } from "./message.ts";
import { encoder } from "./platform.ts";

/** No payload. */
export const NOTHING: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

/** A message as a session takes it, which keeps its fields and not what they came in. */
type Draft = { -readonly [Field in keyof Outgoing]-?: Outgoing[Field] };

/** @throws UsageError where a header could not go on the wire, or payload or headers are of another kind */
export function outgoing(payload: Payload, headers?: MsgHeaders): Draft {
  return { reply: undefined, headers: headers && blockOf(headers), payload: bytesOf(payload), isCopied: true };
}

/**
 * The same record again: one for all that is published costs no memory (`client publish 0 B`).
 *
 * @throws UsageError where a header could not go on the wire, or payload or headers are of another kind
 */
export function refilled(message: Draft, payload: Payload, options: PublishOptions | undefined): Draft {
  message.reply = options?.reply;
  message.headers = options?.headers && blockOf(options.headers);
  message.payload = bytesOf(payload);
  // Text is bytes of its own.
  message.isCopied = payload === message.payload && options?.borrow !== true;
  return message;
}

function blockOf(headers: MsgHeaders): Uint8Array {
  if (headers[Symbol.iterator] === undefined) throw badField("headers", "MsgHeaders", headers);
  return encodeHeaders(headers);
}

/**
 * What a payload is on the wire.
 *
 * @throws UsageError BAD_FIELD where it is neither text nor bytes; what only looks like bytes the encoder refuses
 */
export function bytesOf(payload: Payload): Uint8Array {
  if (typeof payload === "string") return encoder.encode(payload);
  if (payload?.length === undefined) throw badField("payload", "text or a Uint8Array", payload);
  return payload;
}
