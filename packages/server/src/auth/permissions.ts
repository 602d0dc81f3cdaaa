// SPDX-License-Identifier: Apache-2.0
import { isPattern, matches } from "@natswire/codec";

/** Subjects, wildcards included: what is allowed, and what of it is not. What both name is denied. */
export interface SubjectPermission {
  /** Only these; everything where left out, and nothing where it is empty. */
  readonly allow?: readonly string[] | undefined;
  /** Not these, whatever `allow` says; nothing is denied where left out. */
  readonly deny?: readonly string[] | undefined;
}

/** What a client may do; without rules everything. */
export interface Permissions {
  /** Subjects it may publish to; of a refused message it is told `Permissions Violation`. */
  readonly publish?: SubjectPermission | undefined;
  /**
   * Subjects it may subscribe to: all that a pattern receives must be allowed, and not all of it denied. What is denied
   * of a wider subscription does not reach it.
   */
  readonly subscribe?: SubjectPermission | undefined;
}

/**
 * Whether it is permissions, with every rule a subject or a pattern: a deny that is none would deny nothing.
 *
 * Whatever it is given: it comes from an authorizer of somebody else's.
 */
export function isValidPermissions(permissions: unknown): boolean {
  if (permissions === undefined) return true;
  if (typeof permissions !== "object" || permissions === null) return false;
  const { publish, subscribe } = permissions as Record<string, unknown>;
  return [publish, subscribe].every(isValidRule);
}

function isValidRule(rules: unknown): boolean {
  if (rules === undefined) return true;
  if (typeof rules !== "object" || rules === null) return false;
  const { allow = [], deny = [] } = rules as Record<string, unknown>;
  return [allow, deny].every((list) => Array.isArray(list) && list.every(isPattern));
}

/** Whether a message may be published to `subject`. */
export function mayPublish({ publish = {} }: Permissions, subject: string): boolean {
  const { allow, deny = [] } = publish;
  const covers = (pattern: string): boolean => matches(pattern, subject);
  return !deny.some(covers) && (allow === undefined || allow.some(covers));
}

/**
 * Whether `pattern` may be subscribed to: all it can receive is allowed, and not all of it is denied.
 *
 * Stricter than the reference server, which takes `foo.>` for allowed by `foo.*`.
 */
export function maySubscribe({ subscribe = {} }: Permissions, pattern: string): boolean {
  const { allow, deny = [] } = subscribe;
  const covers = (wider: string): boolean => isWithin(pattern, wider);
  return !deny.some(covers) && (allow === undefined || allow.some(covers));
}

/** Whether a subscription there may be receives some of what is denied, so that each message has to be looked at. */
export function needsFilter({ subscribe = {} }: Permissions, pattern: string): boolean {
  return (subscribe.deny ?? []).some((denied) => overlaps(denied, pattern));
}

/** Whether a message may reach a subscription that is filtered. */
export function mayReceive({ subscribe = {} }: Permissions, subject: string): boolean {
  return !(subscribe.deny ?? []).some((denied) => matches(denied, subject));
}

/** Whether every subject that `pattern` receives is received by `wider`. Linear in tokens. */
export function isWithin(pattern: string, wider: string): boolean {
  const tokens = pattern.split(".");
  const wide = wider.split(".");
  for (const [i, token] of wide.entries()) {
    if (token === ">") return i < tokens.length;
    if (tokens[i] === undefined || tokens[i] === ">") return false;
    if (token !== "*" && token !== tokens[i]) return false;
  }
  return tokens.length === wide.length;
}

/** Whether there is a subject that both receive. Linear in tokens. */
export function overlaps(one: string, other: string): boolean {
  const tokens = one.split(".");
  const others = other.split(".");
  for (let i = 0; ; i++) {
    const [a, b] = [tokens[i], others[i]];
    if (a === undefined || b === undefined) return a === b;
    if (a === ">" || b === ">") return true;
    if (a !== b && a !== "*" && b !== "*") return false;
  }
}
