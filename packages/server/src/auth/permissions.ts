// SPDX-License-Identifier: Apache-2.0
import { isPattern, matches } from "@natswire/codec";
import { PERMISSION_FIELDS, RULE_FIELDS, unknownError, wrongError } from "./field-errors.ts";

/** The subjects and patterns that are allowed and denied. What both lists name is denied. */
export interface SubjectPermission {
  /** Only these are allowed. Everything by default; nothing if the list is empty. */
  readonly allow?: readonly string[] | undefined;
  /** These are denied, whatever `allow` says. Nothing by default. */
  readonly deny?: readonly string[] | undefined;
}

/** How many responses a client may publish to a reply subject that it received, and for how long. */
export interface ResponsePermission {
  /** Messages to each reply subject; 1 by default, and infinity for no limit. */
  readonly max?: number | undefined;
  /** Milliseconds after the request; 120,000 by default, and infinity for no limit. */
  readonly expires?: number | undefined;
}

/** What a client may do; everything by default. */
export interface Permissions {
  /** Subjects it may publish to. A rejected message is answered with `Permissions Violation`. */
  readonly publish?: SubjectPermission | undefined;
  /**
   * Subjects it may subscribe to. Everything that a pattern can receive must be allowed, and not all of it denied. A
   * subscription that overlaps what is denied does not receive that part.
   *
   * A pattern may be followed by a queue name, as in `"orders.> workers"`. Such an entry is about subscriptions in this queue
   * group only; a name with wildcards covers several. If an entry of `allow` names a queue group for a pattern, no other group
   * may subscribe to it.
   */
  readonly subscribe?: SubjectPermission | undefined;
  /**
   * Whether it may respond to the requests that it receives, whatever `publish` allows and denies (nats-server:
   * `allow_responses`). Without a list in `publish.allow` it may then publish nothing else. False by default.
   */
  readonly allowResponses?: boolean | ResponsePermission | undefined;
}

/** An entry of a list in `subscribe`. */
interface Rule {
  readonly pattern: string;
  /** The name or pattern of queue groups; `undefined` if it is about every subscription. */
  readonly queue: string | undefined;
}

/**
 * Returns what is wrong with permissions, or `undefined` if they are valid. Accepts any value, because it comes from the
 * user's authorizer. A rule must be a valid subject or pattern: one that is not would deny nothing.
 */
export function permissionsError(permissions: unknown): string | undefined {
  if (permissions === undefined) return undefined;
  if (!isObject(permissions)) return wrongError("permissions", "an object", permissions);
  const unknown = unknownError(permissions, PERMISSION_FIELDS, "permissions");
  if (unknown !== undefined) return unknown;
  return (
    rulesError("permissions.publish", permissions["publish"], isPattern) ??
    rulesError("permissions.subscribe", permissions["subscribe"], (rule) =>
      isPattern(parseRule(rule)?.pattern ?? ""),
    ) ??
    responsesError("permissions.allowResponses", permissions["allowResponses"])
  );
}

function responsesError(path: string, given: unknown): string | undefined {
  if (given === undefined || typeof given === "boolean") return undefined;
  if (!isObject(given)) return wrongError(path, "true, false or an object", given);
  const unknown = unknownError(given, ["max", "expires"], path);
  if (unknown !== undefined) return unknown;
  const name = ["max", "expires"].find((field) => !isLimit(given[field]));
  return name && wrongError(`${path}.${name}`, "a number above 0 or Infinity", given[name]);
}

function isLimit(value: unknown): boolean {
  return value === undefined || (typeof value === "number" && value > 0);
}

function rulesError(path: string, rules: unknown, isRule: (rule: string) => boolean): string | undefined {
  if (rules === undefined) return undefined;
  if (!isObject(rules)) return wrongError(path, "an object", rules);
  const unknown = unknownError(rules, RULE_FIELDS, path);
  if (unknown !== undefined) return unknown;
  return listError(`${path}.allow`, rules["allow"], isRule) ?? listError(`${path}.deny`, rules["deny"], isRule);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function listError(path: string, list: unknown, isRule: (rule: string) => boolean): string | undefined {
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) return wrongError(path, "an array", list);
  const index = list.findIndex((rule) => !isRule(rule));
  return index < 0 ? undefined : wrongError(`${path}[${index}]`, "a valid subject or pattern", list[index]);
}

/** Splits an entry of a list in `subscribe`; `undefined` if it is not a pattern with or without a queue name. */
function parseRule(rule: unknown): Rule | undefined {
  if (typeof rule !== "string") return undefined;
  const [pattern = "", queue, ...more] = rule.trim().split(/\s+/);
  return more.length === 0 ? { pattern, queue } : undefined;
}

/** Returns whether the lists permit a message to `subject`. */
export function mayPublish({ publish = {}, allowResponses = false }: Permissions, subject: string): boolean {
  const { allow = allowResponses ? [] : undefined, deny = [] } = publish;
  const covers = (pattern: string): boolean => matches(pattern, subject);
  return !deny.some(covers) && (allow === undefined || allow.some(covers));
}

/**
 * Returns whether `pattern` may be subscribed to: everything it can receive is allowed, and not all of it is denied.
 *
 * Stricter than nats-server, which lets `foo.*` allow `foo.>`. As in nats-server, `foo.*` denies `foo.>`.
 */
export function maySubscribe({ subscribe = {} }: Permissions, pattern: string, queue?: string): boolean {
  const { allow, deny = [] } = subscribe;
  // As in nats-server: no entry is about a pattern with an empty token, which is rejected later.
  if (pattern.split(".").includes("")) return allow === undefined;
  const denying = rulesFor(deny, (wider) => mayCover(wider, pattern));
  if (denying.some((rule) => rule.queue === undefined || isMember(queue, rule.queue))) return false;
  if (allow === undefined) return true;
  const allowing = rulesFor(allow, (wider) => isWithin(pattern, wider));
  const named = allowing.filter((rule) => rule.queue !== undefined);
  if (queue === undefined || named.length === 0) return allowing.length > named.length;
  return named.some((rule) => isMember(queue, rule.queue));
}

/** Returns the entries of a list whose pattern is a certain one. */
function rulesFor(list: readonly string[], isOne: (pattern: string) => boolean): Rule[] {
  return list.flatMap((entry) => parseRule(entry) ?? []).filter(({ pattern }) => isOne(pattern));
}

/** Returns whether the name or pattern of a rule covers a queue group. */
function isMember(queue: string | undefined, rule: string | undefined): boolean {
  return queue !== undefined && rule !== undefined && isWithin(queue, rule);
}

/** Returns whether a subscription to `pattern` overlaps what is denied, so that each message must be checked. */
export function needsFilter({ subscribe = {} }: Permissions, pattern: string): boolean {
  // An entry with a queue name refuses subscriptions only, and as a pattern it matches no subject.
  return (subscribe.deny ?? []).some((denied) => overlaps(denied, pattern));
}

/** Returns whether a message may be delivered to a subscription that needs a filter. */
export function mayReceive({ subscribe = {} }: Permissions, subject: string): boolean {
  return !(subscribe.deny ?? []).some((denied) => matches(denied, subject));
}

/** Returns whether `wider` matches every subject that `pattern` matches. Linear in tokens. */
export function isWithin(pattern: string, wider: string): boolean {
  return mayCover(wider, pattern, false);
}

/** Returns the same; by default a `*` of `wider` may also stand for a last `>` of the pattern. */
function mayCover(wider: string, pattern: string, isLax = true): boolean {
  const tokens = pattern.split(".");
  const wide = wider.split(".");
  for (const [i, token] of wide.entries()) {
    if (token === ">") return i < tokens.length;
    if (tokens[i] === undefined || (tokens[i] === ">" && !isLax)) return false;
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
