// SPDX-License-Identifier: Apache-2.0
import { formatValue, isSubject, UsageError } from "@natswire/codec";
import type { JetStreamSnapshot } from "./snapshot.ts";

const BASE64 = /^(?:[\dA-Za-z+/]{4})*(?:[\dA-Za-z+/]{2}==|[\dA-Za-z+/]{3}=)?$/;

/** What a field must be, as a test and in words. */
type Rule = readonly [accepts: (value: unknown) => boolean, text: string];

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const name: Rule = [(value) => typeof value === "string" && /^[^\0- .*>]+$/.test(value), "a name"];
const time: Rule = [Number.isFinite, "a number"];
const list: Rule = [Array.isArray, "an array"];
const base64: Rule = [(value) => typeof value === "string" && BASE64.test(value), "base64"];
const count: Rule = [(value) => Number.isSafeInteger(value) && (value as number) >= 0, "a whole number of 0 or more"];
const subject: Rule = [(value) => typeof value === "string" && isSubject(value), "a subject"];
const headers: Rule = [(value) => value === undefined || base64[0](value), "base64"];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks what `restore` is given, before any of it is restored.
 *
 * @throws UsageError BAD_FIELD that names the first field that is wrong
 */
export function checkSnapshot(snapshot: unknown): asserts snapshot is JetStreamSnapshot {
  if (!isObject(snapshot) || snapshot["version"] !== 1 || !Array.isArray(snapshot["streams"])) {
    throw new UsageError("BAD_FIELD", `not a snapshot: ${formatValue(snapshot)}`);
  }
  for (const [i, stream] of (snapshot["streams"] as unknown[]).entries()) checkStream(stream, `streams[${i}]`);
}

function checkStream(stream: unknown, path: string): void {
  check(stream, path, { account: name, created: time, last: count, messages: list, next: list });
  check(stream["config"], `${path}.config`, { name });
  let before = 0;
  for (const [i, message] of (stream["messages"] as unknown[]).entries()) {
    const at = `${path}.messages[${i}]`;
    check(message, at, { sequence: count, subject, headers, payload: base64, time, age: time });
    const sequence = message["sequence"] as number;
    if (sequence <= before) throw wrong(`${at}.sequence`, "above that of the message before", sequence);
    before = sequence;
  }
  if (before > (stream["last"] as number))
    throw wrong(`${path}.last`, "that of the last message or above", stream["last"]);
}

function check(value: unknown, path: string, rules: Readonly<Record<string, Rule>>): asserts value is Fields {
  if (!isObject(value)) throw wrong(path, "an object", value);
  for (const [field, [accepts, text]] of Object.entries(rules)) {
    if (!accepts(value[field])) throw wrong(`${path}.${field}`, text, value[field]);
  }
}

function wrong(path: string, text: string, value: unknown): UsageError {
  return new UsageError("BAD_FIELD", `not a snapshot: ${path} must be ${text}, not ${formatValue(value)}`);
}
