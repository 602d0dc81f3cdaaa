// SPDX-License-Identifier: Apache-2.0
import { isWellFormed } from "./text.ts";

const DOT = 0x2e;
const STAR = 0x2a;
const FULL = 0x3e;

/**
 * Whether it is a subject to publish to: tokens separated by dots, none empty, none a wildcard, and no blank, control
 * character or lone surrogate in any. A `*` or `>` inside a longer token is literal.
 */
export function isSubject(s: string): boolean {
  return isName(s, "none");
}

/** Whether it is a subject to subscribe to: a subject whose tokens may be `*`, and the last one `>`. */
export function isPattern(s: string): boolean {
  return isName(s, "pattern");
}

/**
 * Whether it can stand as a subject in a delivered message: like a subject, but a `*` or `>` token passes, because
 * servers relay what was published literally.
 */
export function isRelayable(s: string): boolean {
  return isName(s, "any");
}

/** Whether it can be a queue group's name: not empty, no blank, control character or lone surrogate. */
export function isQueue(s: string): boolean {
  return isToken(s);
}

/** Whether inboxes can be made of it by adding a dot and a token: a subject, which thus has no wildcard. */
export function isInboxPrefix(s: string): boolean {
  return isSubject(s);
}

/** Whether it can be written as one argument of a control line. */
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
 * Whether a subscription to `pattern` receives what is published to `subject`: `*` stands for one token, a last `>`
 * for one or more. False where either is not valid. Wildcard tokens of the subject are literal. Linear.
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
