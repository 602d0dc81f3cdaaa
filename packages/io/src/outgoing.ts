// SPDX-License-Identifier: Apache-2.0
import { byteLength, encodeHeaders, typeName, UsageError } from "@natswire/codec";
import type { Outgoing } from "@natswire/session";
import type { Message, Payload, PublishOptions } from "./message.ts";
import { encoder } from "./platform.ts";

/** The empty payload. */
export const NOTHING: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

/** A message as a session takes it. The session keeps its fields, not the object. */
type Draft = { -readonly [Field in keyof Outgoing]-?: Outgoing[Field] };

/**
 * Returns a message for a session.
 *
 * @throws UsageError if a header is not valid, or payload or headers are of the wrong kind
 */
export function outgoing(payload: Payload, headers?: PublishOptions["headers"]): Draft {
  return { reply: undefined, headers: blockOf(headers), payload: bytesOf(payload), isCopied: true };
}

/**
 * Fills and returns the same object again, which saves memory for each message (`client publish 0 B`).
 *
 * @throws UsageError if a header is not valid, or payload or headers are of the wrong kind
 */
export function refilled(message: Draft, payload: Payload, options: PublishOptions | undefined): Draft {
  message.reply = options?.reply;
  message.headers = blockOf(options?.headers);
  message.payload = bytesOf(payload);
  // Encoded text is a copy already.
  message.isCopied = payload === message.payload && options?.borrow !== true;
  return message;
}

/**
 * Returns why no answer to a message is possible; `undefined` if one is.
 *
 * @param longest bytes of the longest reply subject
 */
export function replyProblem({ reply = "", flaw }: Message, longest: number): string | undefined {
  const isTooLong = encoder.encode(reply).length > longest;
  if (!isTooLong && flaw !== "reply" && flaw !== "both") return undefined;
  return `its reply subject ${isTooLong ? "is too long" : "has bytes that no subject may have"}`;
}

/**
 * Returns headers as a block. A raw one is copied, because its memory may be used again at once. Its content is not checked.
 *
 * @throws UsageError if a header is not valid, or the headers are of the wrong kind
 */
export function blockOf(headers: PublishOptions["headers"]): Uint8Array | undefined {
  if (headers === undefined) return undefined;
  if (!ArrayBuffer.isView(headers)) return encodeHeaders(headers);
  byteLength(headers, "headers");
  return new Uint8Array(headers);
}

/**
 * Returns the bytes of a payload.
 *
 * @throws UsageError BAD_FIELD if it is neither a string nor a Uint8Array
 */
export function bytesOf(payload: Payload): Uint8Array {
  if (typeof payload === "string") return encoder.encode(payload);
  // A DataView has no length. The encoder refuses other arrays.
  if (ArrayBuffer.isView(payload) && "length" in payload) return payload;
  const hint = (payload as unknown) instanceof Promise ? "; await it?" : "; JSON.stringify() it?";
  const isObject = typeof payload === "object" && payload !== null && !((payload as object) instanceof ArrayBuffer);
  throw new UsageError(
    "BAD_FIELD",
    `payload must be a string or a Uint8Array, not ${typeName(payload)}${isObject ? hint : ""}`,
  );
}
