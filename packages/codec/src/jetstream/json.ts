// SPDX-License-Identifier: Apache-2.0
import { decodeText, utf8 } from "../text.ts";
import { checkFields, checkValue, isName, type Kind, readInteger } from "./fields.ts";

// Strings and numbers of valid JSON.
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** The fields of an object, with the name and the kind that each has in JSON. Reading and writing follow the same table. */
export type Shape = Readonly<Record<string, readonly [key: string, kind: Kind]>>;

/**
 * Reads a JSON object with integers of 64 bits. Returns `undefined` if it is malformed, or `read` throws or returns that.
 *
 * JSON.parse rounds numbers above 2^53. So each number is replaced by its index in a list of the numbers' texts.
 */
export function readJson<T>(payload: Uint8Array, read: (object: JsonObject) => T | undefined): T | undefined {
  try {
    const text = decodeText(payload, 0, payload.length);
    JSON.parse(text);
    const numbers: string[] = [];
    const indexed = text.replace(TOKEN, (token) => (token.startsWith('"') ? token : `${numbers.push(token) - 1}`));
    return read(new JsonObject(JSON.parse(indexed), numbers));
  } catch {
    return undefined;
  }
}

/** A JSON object whose numbers are indexes: see `readJson`. */
export class JsonObject {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #numbers: readonly string[];

  constructor(value: unknown, numbers: readonly string[]) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed();
    this.#fields = value as Record<string, unknown>;
    this.#numbers = numbers;
  }

  /** Returns the fields of a shape. One that is missing, null, 0, false or empty is undefined. Throws if one is malformed. */
  read<T extends object>(shape: Shape): Partial<T> {
    const entries = Object.entries(shape).map(([field, [key, kind]]) => [field, this.#value(key, kind) || undefined]);
    return Object.fromEntries(entries) as Partial<T>;
  }

  /** Returns the object in a field; `undefined` if it is missing or null. Throws if it is something else. */
  object(key: string): JsonObject | undefined {
    const value = this.#fields[key] ?? undefined;
    return value === undefined ? undefined : new JsonObject(value, this.#numbers);
  }

  #value(key: string, kind: Kind): unknown {
    const value = this.#fields[key] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof kind !== "string") {
      const text = typeof value === "number" ? this.#numbers[value] : undefined;
      const integer = required(readInteger(text, BigInt(kind)));
      return typeof kind === "number" ? Number(integer) : integer;
    }
    if (typeof value !== (kind === "flag" ? "boolean" : "string")) throw malformed();
    if (kind === "name" && !isName(value)) throw malformed();
    return value;
  }
}

/** Returns a value that every such object has; throws without one. */
export function required<T>(value: T | undefined): T {
  if (value === undefined) throw malformed();
  return value;
}

/**
 * Writes the fields of a shape as JSON, without the braces. Skips those that are undefined, 0, false or empty.
 *
 * @throws UsageError like `checkValue` and `checkFields`
 */
export function writeFields(call: string, given: object, shape: Shape): string {
  checkFields(call, given, Object.keys(shape));
  const parts = Object.entries(shape).flatMap(([field, [key, kind]]) => {
    const value = (given as Record<string, unknown>)[field];
    if (value === undefined) return [];
    checkValue(field, value, kind);
    return value ? [`"${key}":${typeof value === "bigint" ? value : JSON.stringify(value)}`] : [];
  });
  return parts.join();
}

/** Encodes a payload. */
export function payloadOf(text: string): Uint8Array {
  return utf8.encode(text);
}

function malformed(): Error {
  return new SyntaxError("malformed");
}
