// SPDX-License-Identifier: Apache-2.0
import { formatValue, typeName } from "./errors.ts";
import type { Flaw } from "./frames.ts";
import { characterName, isWellFormed } from "./text.ts";

const DOT = 0x2e;
const STAR = 0x2a;
const FULL = 0x3e;

/**
 * Returns whether a string is a subject without wildcards.
 *
 * A subject is made of tokens separated by dots. No token is empty or a wildcard (`*`, `>`), and none contains a blank, a
 * control character or a lone surrogate. A `*` or `>` inside a longer token is literal. The rules are those of
 * https://docs.nats.io/nats-concepts/subjects.
 */
export function isSubject(s: string): boolean {
  return isName(s, "none");
}

/** Returns whether a string is a subject to subscribe to: a subject in which `*` may be a token, and `>` the last one. */
export function isPattern(s: string): boolean {
  return isName(s, "pattern");
}

/**
 * Returns whether a string can be the subject or the reply of a message: a subject in which any token may be `*` or `>`.
 *
 * A server relays such tokens as they are. It sends an error to a publisher that set `pedantic`.
 */
export function isRelayable(s: string): boolean {
  return isName(s, "any");
}

/** Returns which names of a message have a flaw, as a decoder does. */
export function flawOf(subject: string, reply: string | undefined): Flaw {
  const inReply = reply !== undefined && !isRelayable(reply);
  if (isRelayable(subject)) return inReply ? "reply" : undefined;
  return inReply ? "both" : "subject";
}

/** Returns whether a string can name a queue group: not empty, no blank, no control character, no lone surrogate. */
export function isQueue(s: string): boolean {
  return isToken(s);
}

/** Returns whether inboxes can be made of a string by adding a dot and a token: it is a subject without wildcards. */
export function isInboxPrefix(s: string): boolean {
  return isSubject(s);
}

/** Returns whether a value can be written as one argument of a control line. */
export function isToken(s: unknown): s is string {
  if (typeof s !== "string" || s.length === 0) return false;
  let ascii = true;
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    if (c <= 0x20 || c === 0x7f) return false;
    if (c >= 0x80) ascii = false;
  }
  return ascii || isWellFormed(s);
}

function isName(s: unknown, wildcards: "none" | "pattern" | "any"): boolean {
  if (typeof s !== "string") return false;
  let ascii = true;
  let token = 0;
  const length = s.length;
  for (let i = 0; i <= length; i++) {
    const c = i === length ? DOT : s.charCodeAt(i);
    if (c === DOT) {
      if (i === token) return false;
      if (i === token + 1 && wildcards !== "any") {
        const only = s.charCodeAt(token);
        if (only === STAR && wildcards === "none") return false;
        if (only === FULL && (wildcards === "none" || i < length)) return false;
      }
      token = i + 1;
    } else if (c <= 0x20 || c === 0x7f) return false;
    else if (c >= 0x80) ascii = false;
  }
  return ascii || isWellFormed(s);
}

/**
 * Returns whether a subscription to `pattern` receives what is published to `subject`, in linear time.
 *
 * `*` stands for exactly one token, `>` as the last token for one or more. Wildcards in `subject` are literal. Returns
 * `false` if either is not valid.
 *
 * @example
 * ```ts
 * import { matches } from "@natswire/codec";
 *
 * console.log(matches("orders.*", "orders.new")); // true
 * console.log(matches("orders.*", "orders.new.eu")); // false
 * console.log(matches("orders.>", "orders.new.eu")); // true
 * ```
 */
export function matches(pattern: string, subject: string): boolean {
  if (!isPattern(pattern) || !isRelayable(subject)) return false;
  let p = 0;
  let s = 0;
  for (;;) {
    const pEnd = tokenEnd(pattern, p);
    const sEnd = tokenEnd(subject, s);
    const wild = pEnd === p + 1 ? pattern.charCodeAt(p) : 0;
    if (wild === FULL) return true;
    if (wild !== STAR && pattern.slice(p, pEnd) !== subject.slice(s, sEnd)) return false;
    if (pEnd === pattern.length || sEnd === subject.length) {
      return pEnd === pattern.length && sEnd === subject.length;
    }
    p = pEnd + 1;
    s = sEnd + 1;
  }
}

function tokenEnd(s: string, from: number): number {
  const dot = s.indexOf(".", from);
  return dot < 0 ? s.length : dot;
}

/**
 * Explains why a value is not valid, for an error message: `"a b" is not a valid subject: it contains a space`.
 *
 * @param what the name of the field
 * @param value a value that `isSubject`, `isPattern`, `isRelayable` or `isToken` returned `false` for
 */
export function explainInvalid(what: string, value: unknown): string {
  if (typeof value !== "string") return `${what} must be a string, not ${typeName(value)}`;
  return `${formatValue(value)} is not a valid ${what}: ${reason(value)}`;
}

function reason(s: string): string {
  if (s === "") return "it is empty";
  const forbidden = /[\0-\x20\x7f]|\p{Surrogate}/u.exec(s);
  if (forbidden !== null) return `it contains ${characterName(forbidden[0])}`;
  if (/^\.|\.\.|\.$/.test(s)) return "it has an empty token";
  return "a wildcard is not allowed there";
}
