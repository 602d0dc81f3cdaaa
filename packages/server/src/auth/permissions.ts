// SPDX-License-Identifier: Apache-2.0
import { isPattern, matches } from "@natswire/codec";
import { formatValue } from "../format-value.ts";

/** The subjects and patterns that are allowed and denied. What both lists name is denied. */
export interface SubjectPermission {
  /** Only these are allowed. Everything by default; nothing if the list is empty. */
  readonly allow?: readonly string[] | undefined;
  /** These are denied, whatever `allow` says. Nothing by default. */
  readonly deny?: readonly string[] | undefined;
}

/** What a client may do; everything by default. */
export interface Permissions {
  /** Subjects it may publish to. A rejected message is answered with `Permissions Violation`. */
  readonly publish?: SubjectPermission | undefined;
  /**
   * Subjects it may subscribe to. Everything that a pattern can receive must be allowed, and not all of it denied. A
   * subscription that overlaps what is denied does not receive that part.
   */
  readonly subscribe?: SubjectPermission | undefined;
}

/**
 * Returns what is wrong with permissions, or `undefined` if they are valid. Accepts any value, because it comes from the
 * user's authorizer. A rule must be a valid subject or pattern: one that is not would deny nothing.
 */
export function permissionsError(permissions: unknown): string | undefined {
  if (permissions === undefined) return undefined;
  if (!isObject(permissions)) return `permissions must be an object, not ${formatValue(permissions)}`;
  const unknown = unknownError("permissions", permissions, ["publish", "subscribe"]);
  if (unknown !== undefined) return unknown;
  const publishError = rulesError("permissions.publish", permissions["publish"]);
  return publishError ?? rulesError("permissions.subscribe", permissions["subscribe"]);
}

function rulesError(path: string, rules: unknown): string | undefined {
  if (rules === undefined) return undefined;
  if (!isObject(rules)) return `${path} must be an object, not ${formatValue(rules)}`;
  const unknown = unknownError(path, rules, ["allow", "deny"]);
  if (unknown !== undefined) return unknown;
  return listError(`${path}.allow`, rules["allow"]) ?? listError(`${path}.deny`, rules["deny"]);
}

/** Returns the error for an unknown field: it would permit what its author wants to deny. */
function unknownError(path: string, given: Record<string, unknown>, known: readonly string[]): string | undefined {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  return unknown && `unknown field "${unknown}" in ${path}; the fields are ${known.join(" and ")}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function listError(path: string, list: unknown): string | undefined {
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) return `${path} must be an array, not ${formatValue(list)}`;
  const index = list.findIndex((rule) => !isPattern(rule));
  return index < 0
    ? undefined
    : `${path}[${index}] must be a valid subject or pattern, not ${formatValue(list[index])}`;
}

/** Returns whether a message may be published to `subject`. */
export function mayPublish({ publish = {} }: Permissions, subject: string): boolean {
  const { allow, deny = [] } = publish;
  const covers = (pattern: string): boolean => matches(pattern, subject);
  return !deny.some(covers) && (allow === undefined || allow.some(covers));
}

/**
 * Returns whether `pattern` may be subscribed to: everything it can receive is allowed, and not all of it is denied.
 *
 * Stricter than nats-server, which lets `foo.*` allow `foo.>`.
 */
export function maySubscribe({ subscribe = {} }: Permissions, pattern: string): boolean {
  const { allow, deny = [] } = subscribe;
  const covers = (wider: string): boolean => isWithin(pattern, wider);
  return !deny.some(covers) && (allow === undefined || allow.some(covers));
}

/** Returns whether a subscription to `pattern` overlaps what is denied, so that each message must be checked. */
export function needsFilter({ subscribe = {} }: Permissions, pattern: string): boolean {
  return (subscribe.deny ?? []).some((denied) => overlaps(denied, pattern));
}

/** Returns whether a message may be delivered to a subscription that needs a filter. */
export function mayReceive({ subscribe = {} }: Permissions, subject: string): boolean {
  return !(subscribe.deny ?? []).some((denied) => matches(denied, subject));
}

/** Returns whether `wider` matches every subject that `pattern` matches. Linear in tokens. */
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

/** Returns whether both patterns match some subject. Linear in tokens. */
export function overlaps(left: string, right: string): boolean {
  const leftTokens = left.split(".");
  const rightTokens = right.split(".");
  for (let i = 0; ; i++) {
    const [a, b] = [leftTokens[i], rightTokens[i]];
    if (a === undefined || b === undefined) return a === b;
    if (a === ">" || b === ">") return true;
    if (a !== b && a !== "*" && b !== "*") return false;
  }
}
