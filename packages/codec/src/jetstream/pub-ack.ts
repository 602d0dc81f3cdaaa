// SPDX-License-Identifier: Apache-2.0
import { checkFields, checkValue, MAX_UINT64 } from "./fields.ts";
import { type JsonObject, payloadOf, readJson, required, type Shape, writeFields } from "./json.ts";

const MAX_CODE = 65_535;
const errorShape: Shape = {
  code: ["code", MAX_CODE],
  errCode: ["err_code", MAX_CODE],
  description: ["description", "text"],
};
const shape: Shape = {
  stream: ["stream", "name"],
  sequence: ["seq", MAX_UINT64],
  duplicate: ["duplicate", "flag"],
  domain: ["domain", "name"],
  value: ["val", "text"],
  batch: ["batch", "text"],
  count: ["count", MAX_UINT64],
};

/** An error that JetStream answers with. */
export interface ApiError {
  /** A status like those of HTTP. */
  readonly code: number;
  /** What went wrong: compare this, not the text. For example 10071: wrong last sequence. `undefined` from old servers. */
  readonly errCode?: number | undefined;
  /** The text, with details; empty without one. */
  readonly description: string;
}

/** The answer to a message that a stream stored. */
export interface PubAck {
  readonly error?: undefined;
  readonly stream: string;
  /** The sequence of the message in the stream. */
  readonly sequence: bigint;
  /** Whether the stream had a message with this `Nats-Msg-Id` already, and stored nothing. */
  readonly duplicate: boolean;
  /** The JetStream domain; `undefined` without one. */
  readonly domain?: string | undefined;
  /** The new value of a counter, in decimal digits of any number. */
  readonly value?: string | undefined;
  /** The id of the batch that this message ended. */
  readonly batch?: string | undefined;
  /** How many messages of that batch were stored. */
  readonly count?: bigint | undefined;
}

/** The answer to a message that a stream did not store. */
export interface PubAckError {
  readonly error: ApiError;
  /** The stream that rejected the message, if it was one. */
  readonly stream?: string | undefined;
}

/**
 * Reads the answer to a message that was published to a stream. Returns `undefined` if it is malformed.
 *
 * @example
 * ```ts
 * import { parsePubAck } from "@natswire/codec/jetstream";
 *
 * const payload = new TextEncoder().encode('{"stream":"orders","seq":18446744073709551615}');
 * const ack = parsePubAck(payload);
 * if (ack?.error) console.log("rejected:", ack.error.description);
 * else console.log(ack?.stream, ack?.sequence); // orders 18446744073709551615n
 * ```
 */
export function parsePubAck(payload: Uint8Array): PubAck | PubAckError | undefined {
  return readJson(payload, (object) => {
    const ack = object.read<PubAck>(shape);
    // With an error, the stream and a sequence of 0 are there too.
    const error = errorOf(object);
    if (error !== undefined) return { error, stream: ack.stream };
    const { stream, sequence, duplicate = false } = ack;
    return { ...ack, stream: required(stream), sequence: required(sequence), duplicate };
  });
}

/** Reads the error of any answer of the JetStream API. Returns `undefined` if it has none, or is malformed. */
export function parseApiError(payload: Uint8Array): ApiError | undefined {
  return readJson(payload, errorOf);
}

/** Reads the field `error` of an answer. Throws if it is malformed. */
export function errorOf(object: JsonObject): ApiError | undefined {
  const error = object.object("error")?.read<ApiError>(errorShape);
  return error && { ...error, code: error.code ?? 0, description: error.description ?? "" };
}

/**
 * Returns the payload of an answer to a message that was published to a stream.
 *
 * @throws UsageError BAD_SUBJECT if a name is not one token, BAD_NUMBER if a number has the wrong type or is out of range,
 * BAD_FIELD if another field has the wrong type, or is unknown
 */
export function pubAck(ack: PubAck | PubAckError): Uint8Array {
  checkFields("pubAck()", ack, ["error", ...Object.keys(shape)]);
  const { error, ...fields } = ack;
  if (error !== undefined) {
    const stream = writeFields("pubAck() with an error", fields, { stream: ["stream", "name"] });
    return payloadOf(`{"error":{${writeFields("error", error, errorShape)}}${stream && `,${stream},"seq":0`}}`);
  }
  checkValue("stream", ack.stream, "name");
  checkValue("sequence", ack.sequence, MAX_UINT64, 1);
  return payloadOf(`{${writeFields("pubAck()", fields, shape)}}`);
}
