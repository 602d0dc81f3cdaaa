// SPDX-License-Identifier: Apache-2.0
import { utf8Text } from "../bytes.ts";
import { readTime } from "../time.ts";
import { ApiFailure } from "./api-failure.ts";

/**
 * What a field of a request holds:
 *
 * - the name of a type; `int` and `uint` are whole numbers, `time` is RFC 3339 and is read as milliseconds since 1970
 * - a list of texts: one of them
 * - `{ list }`: an array; `{ fields }`: an object
 */
export type FieldKind =
  | "text"
  | "flag"
  | "int"
  | "uint"
  | "time"
  | "map"
  | readonly string[]
  | { readonly list: FieldKind }
  | { readonly fields: Shape };

/** The fields of a request. Others are ignored, as nats-server 2.11 does unless it is strict. */
export type Shape = Readonly<Record<string, FieldKind>>;

const goTypes = { text: "string", flag: "bool", int: "int64", uint: "uint64", time: "time.Time", map: "map" };

/**
 * Reads the payload of a request as JSON. An empty one is an object without fields; a field that is null is missing.
 *
 * @param name what nats-server calls the request, for its errors
 * @throws ApiFailure JSInvalidJSON if it is malformed, or a field has the wrong type
 */
export function readRequest<T extends object>(payload: Uint8Array, shape: Shape, name: string): Partial<T> {
  const text = utf8Text(payload);
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const isCut = /^[\s]*[[{]/.test(text) && !/[\]}][\s]*$/.test(text);
    throw invalid(isCut ? "unexpected end of JSON input" : "invalid character in JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`json: cannot unmarshal ${jsonType(value)} into Go value of type server.${name.split(".")[0]}`);
  }
  return readFields(value, shape, name) as Partial<T>;
}

function readFields(value: object, shape: Shape, path: string): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    const kind = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (kind !== undefined && field !== null) read[key] = readField(field, kind, `${path}.${key}`);
  }
  return read;
}

function readField(value: unknown, kind: FieldKind, path: string): unknown {
  if (typeof kind === "string") return readSimple(value, kind, path);
  if ("list" in kind) {
    if (!Array.isArray(value)) throw mismatch(value, path, "[]string");
    return value.map((one) => readField(one, kind.list, path));
  }
  if ("fields" in kind) {
    if (typeof value !== "object" || Array.isArray(value)) throw mismatch(value, path, "struct");
    return readFields(value as object, kind.fields, path);
  }
  if (typeof value === "string" && kind.includes(value)) return value;
  throw invalid(`can not unmarshal ${JSON.stringify(JSON.stringify(value))}`);
}

function readSimple(value: unknown, kind: keyof typeof goTypes, path: string): unknown {
  switch (kind) {
    case "text":
      if (typeof value === "string") return value;
      break;
    case "flag":
      if (typeof value === "boolean") return value;
      break;
    case "int":
      if (Number.isInteger(value)) return value;
      break;
    case "uint":
      if (Number.isInteger(value) && (value as number) >= 0) return value;
      break;
    case "time": {
      const time = typeof value === "string" ? readTime(value) : undefined;
      if (time !== undefined) return time;
      throw invalid(`parsing time ${JSON.stringify(JSON.stringify(value))}: not RFC 3339`);
    }
    case "map":
      if (typeof value === "object" && !Array.isArray(value)) {
        const wrong = Object.values(value!).find((one) => typeof one !== "string");
        if (wrong === undefined) return value;
        throw mismatch(wrong, path, "string");
      }
  }
  throw mismatch(value, path, goTypes[kind]);
}

function mismatch(value: unknown, path: string, goType: string): ApiFailure {
  const type = typeof value === "number" ? `number ${value}` : jsonType(value);
  const shown = typeof value === "number" && !/int/.test(goType) ? "number" : type;
  return invalid(`json: cannot unmarshal ${shown} into Go struct field ${path} of type ${goType}`);
}

function jsonType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function invalid(err: string): ApiFailure {
  return new ApiFailure("JSInvalidJSON", { err });
}

/** Returns whether a payload begins like a JSON object or array: others of some requests count as empty. */
export function looksLikeJson(payload: Uint8Array): boolean {
  const first = payload.find((byte) => byte !== 0x20 && (byte < 0x09 || byte > 0x0d));
  return first === 0x7b || first === 0x5b;
}

/** Returns whether a request has no fields: it is empty, or an object without any. */
export function isEmptyRequest(payload: Uint8Array): boolean {
  return /^\s*(\{\s*\}\s*)?$/.test(utf8Text(payload));
}
