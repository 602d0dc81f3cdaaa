// SPDX-License-Identifier: Apache-2.0

/** Patterns of which a subject must match one; an empty list matches every subject. */
export type Filter = readonly string[];

const DOT = 0x2e;
const STAR = 0x2a;
const FULL = 0x3e;

/** Returns whether a subject passes a filter. */
export function passes(filter: Filter, subject: string): boolean {
  if (filter.length === 0) return true;
  for (const pattern of filter) if (pattern === subject || isMatch(pattern, subject)) return true;
  return false;
}

/** Returns whether a pattern has a wildcard. */
export function hasWildcard(pattern: string): boolean {
  return /(^|\.)(\*(\.|$)|>$)/.test(pattern);
}

/** Returns the subjects that a filter consists of, or `undefined` if it has a wildcard or is empty. */
export function literals(filter: Filter): Filter | undefined {
  return filter.length === 0 || filter.some(hasWildcard) ? undefined : filter;
}

/** Returns whether a valid pattern matches a valid subject. Like `matches` of the codec, which checks both on each call. */
function isMatch(pattern: string, subject: string): boolean {
  let p = 0;
  let s = 0;
  for (;;) {
    const code = pattern.charCodeAt(p);
    const isToken = p + 1 === pattern.length || pattern.charCodeAt(p + 1) === DOT;
    if (code === FULL && p + 1 === pattern.length) return s < subject.length;
    if (code === STAR && isToken) {
      p++;
      while (s < subject.length && subject.charCodeAt(s) !== DOT) s++;
    } else {
      while (p < pattern.length && s < subject.length && pattern.charCodeAt(p) === subject.charCodeAt(s)) {
        if (pattern.charCodeAt(p) === DOT) break;
        p++;
        s++;
      }
    }
    if (p === pattern.length || s === subject.length) return p === pattern.length && s === subject.length;
    if (pattern.charCodeAt(p) !== DOT || subject.charCodeAt(s) !== DOT) return false;
    p++;
    s++;
  }
}
